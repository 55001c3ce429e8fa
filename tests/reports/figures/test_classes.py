"""Accuracy by class: a row for each class, the variant in colour and the other in grey, many classes not at all."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from keras_suite.reports.figures.classes import MOST, accuracy_by_class
from keras_suite.reports.figures.style import GREY, SERIES
from keras_suite.reports.results.classes import by_class
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns


def test_each_class_has_its_mean_and_interval(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=3))
    found = {name: by_class(numbers.variant(name).runs, 10) for name in ("weak", "strong")}
    figure = accuracy_by_class(found, [f"class {k}" for k in range(10)], SERIES[1])
    assert figure is not None
    [axes] = figure.axes
    means = [line for line in axes.get_lines() if line.get_marker() == "D"]
    assert [to_hex(line.get_color()) for line in means] == [SERIES[1], GREY]
    for line, rows in zip(means, found.values(), strict=True):
        assert np.asarray(line.get_xdata()) == pytest.approx([100 * row.recall.mean for row in rows])
    assert len(axes.get_lines()) == 2 + 20
    assert [label.get_text() for label in axes.get_yticklabels()][:2] == ["class 0", "class 1"]


def test_of_many_classes_or_none_there_is_no_picture(make_runs: MakeRuns) -> None:
    rows = by_class(experiment_numbers(make_runs(seeds=1)).variants[0].runs, MOST + 1)
    assert accuracy_by_class({"strong": rows}, (), SERIES[0]) is None
    assert accuracy_by_class({"strong": []}, (), SERIES[0]) is None
