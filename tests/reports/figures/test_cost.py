"""Accuracy against its cost: every run a dot, every mean named, no two names on each other."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Annotation

from keras_suite.reports.figures.cost import score_against_parameters, score_against_time, short, spaced
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns


def test_every_run_is_a_dot_and_every_mean_has_its_name(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=4))
    figure = score_against_time(numbers)
    assert figure is not None
    [axes] = figure.axes
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    means = [line for line in axes.get_lines() if line.get_marker() == "D"]
    for variant, dot, mean in zip(numbers.variants, dots, means, strict=True):
        seconds = [run.seconds for run in variant.runs]
        assert list(np.asarray(dot.get_xdata())) == pytest.approx(seconds)
        assert np.asarray(mean.get_xdata())[0] == pytest.approx(np.mean([each for each in seconds if each]))
        assert np.asarray(mean.get_ydata())[0] == pytest.approx(100 * variant.test_score.mean)
    assert {text.get_text() for text in axes.texts if isinstance(text, Annotation)} == {"strong", "weak"}


def test_equal_numbers_of_parameters_or_a_single_variant_make_no_picture(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=1))
    assert score_against_parameters(numbers) is None
    for more, drawn in ((1.04, False), (1.06, True)):
        larger = dataclasses.replace(numbers.variants[1], parameters=int(more * 650))
        changed = dataclasses.replace(numbers, variants=(numbers.variants[0], larger))
        assert (score_against_parameters(changed) is not None) == drawn
    assert score_against_time(experiment_numbers(make_runs({"only": {}}, seeds=2, name="only"))) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12).map(sorted))
def test_names_keep_their_order_and_their_distance(heights: list[float]) -> None:
    placed = spaced(heights, 0.075)
    assert all(later - earlier >= 0.075 - 1e-9 for earlier, later in itertools.pairwise(placed))
    assert max(placed) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("value", "said"), [(0.5, "0.5"), (950, "950"), (131_530, "132k"), (1_199_882, "1.2M"), (2e9, "2G")]
)
def test_large_numbers_are_short(value: float, said: str) -> None:
    assert short(value) == said
