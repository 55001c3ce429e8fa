"""Figures of classification errors show the counts, recalls and bins of the runs."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from keras_suite.reports.figures.classification import (
    MOST,
    accuracy_by_class,
    confusion_figure,
)
from keras_suite.reports.figures.style import GREY, SERIES
from keras_suite.reports.results.classification import class_scores
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns

COUNTS = np.array([[8, 2, 0], [0, 10, 0], [1, 4, 5]])
NAMES = ("cat", "dog", "a very long name indeed")
FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


def shades(figure_counts: np.ndarray) -> np.ndarray:
    """The matrix as drawn: red, green, blue and opacity (classes, classes, 4)."""
    [axes] = confusion_figure(figure_counts, NAMES).axes
    return np.asarray(axes.get_images()[0].get_array())


def test_counts_are_written_where_they_belong_and_zeros_are_not() -> None:
    [axes] = confusion_figure(COUNTS, NAMES).axes
    written = {text.get_position(): text.get_text() for text in axes.texts}
    expected = {(column, row): str(COUNTS[row, column]) for row, column in np.argwhere(COUNTS)}
    assert written == expected
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [text.get_text() for text in labels] == ["cat", "dog", "a very long…"]


def test_the_shade_is_the_share_of_the_row() -> None:
    opacity = shades(COUNTS)[..., 3]
    assert np.diag(opacity) == pytest.approx(0.75 * np.array([0.8, 1.0, 0.5]))
    assert opacity[2, 1] == pytest.approx(0.9)  # the most frequent mistake, 4 of 10
    assert opacity[0, 1] == pytest.approx(0.9 * np.sqrt(0.2 / 0.4))
    assert opacity[COUNTS == 0].max() == 0


def test_right_and_wrong_differ_in_colour() -> None:
    colours = shades(COUNTS)[..., :3]
    assert len({tuple(colours[k, k]) for k in range(3)}) == 1
    assert not np.allclose(colours[0, 0], colours[0, 1])


def test_a_matrix_without_mistakes_or_with_an_untested_class_can_be_drawn() -> None:
    opacity = shades(np.diag([3, 0, 2]))[..., 3]
    assert opacity[1].max() == 0
    assert np.isfinite(opacity).all()


@pytest.mark.parametrize(("classes", "named", "counted"), [(12, 12, True), (13, 13, False), (100, 10, False)])
def test_more_classes_have_fewer_words(classes: int, named: int, counted: bool) -> None:
    [axes] = confusion_figure(np.eye(classes, dtype=int), [f"class {k}" for k in range(classes)]).axes
    labels = [text.get_text() for text in axes.get_xticklabels()]
    assert (len(labels), labels[1]) == (named, f"class {classes // named}")
    assert bool(axes.texts) == counted


def test_each_class_has_its_mean_and_interval(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=8))
    scores = {name: class_scores(numbers.variant(name).runs, 10) for name in ("weak", "strong")}
    figure = accuracy_by_class(scores, [f"class {k}" for k in range(10)], SERIES[1])
    assert figure is not None
    [axes] = figure.axes
    means = [line for line in axes.get_lines() if line.get_marker() == "D"]
    assert [to_hex(line.get_color()) for line in means] == [SERIES[1], GREY]
    for line, rows in zip(means, scores.values(), strict=True):
        assert np.asarray(line.get_xdata()) == pytest.approx([100 * row.recall.mean for row in rows])
    assert len(axes.get_lines()) == 2 + 20
    assert [label.get_text() for label in axes.get_yticklabels()][:2] == ["class 0", "class 1"]


def test_of_many_classes_or_none_there_is_no_picture(make_runs: MakeRuns) -> None:
    rows = class_scores(experiment_numbers(make_runs(seeds=1)).variants[0].runs, MOST + 1)
    assert accuracy_by_class({"strong": rows}, (), SERIES[0]) is None
    assert accuracy_by_class({"strong": []}, (), SERIES[0]) is None
