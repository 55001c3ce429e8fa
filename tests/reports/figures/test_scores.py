"""Test scores of all runs: dots at their values, means and intervals, and no two names on each other."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from keras_suite.reports.figures.scores import (
    differences_by_seed,
    score_against_parameters,
    score_against_time,
    scores_by_seed,
    spaced,
)
from keras_suite.reports.figures.style import SERIES
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


def marks(axes: Axes, marker: str, shade: str) -> np.ndarray:
    """The points (n, 2) drawn with this marker in this colour; "None" for the ends of a line."""
    positions = [
        np.asarray(line.get_xydata(), dtype=float)
        for line in axes.get_lines()
        if line.get_marker() == marker and to_hex(line.get_color()) == shade
    ]
    return np.concatenate(positions) if positions else np.empty((0, 2))


def accuracies(numbers: Numbers, variant: str) -> list[float]:
    return [run.test_score for run in numbers.variant(variant).runs if run.test_score is not None]


def test_each_completed_seed_is_a_dot_at_its_accuracy(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=4, changes={("weak", 3): FAILED}))
    [axes] = scores_by_seed(numbers).axes
    for name, shade, count in (("strong", SERIES[0], 4), ("weak", SERIES[1], 3)):
        dots = marks(axes, "o", shade)
        assert dots[:, 0] == pytest.approx(100 * np.array(accuracies(numbers, name)))
        assert len(dots) == count
    assert axes.get_xlabel() == "test accuracy, %"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["strong", "weak"]


def test_the_diamond_is_the_mean_and_the_bar_its_interval(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=4))
    [axes] = scores_by_seed(numbers).axes
    for row, variant in enumerate(numbers.variants):
        [diamond] = marks(axes, "D", SERIES[row])
        assert diamond == pytest.approx([100 * variant.test_score.mean, row + 0.12])
        interval = variant.test_score.interval
        assert interval is not None
        assert marks(axes, "None", SERIES[row])[:, 0] == pytest.approx([100 * interval.low, 100 * interval.high])


def test_one_seed_has_a_mean_and_no_interval(make_runs: MakeRuns) -> None:
    [axes] = scores_by_seed(experiment_numbers(make_runs({"only": {}}, seeds=1))).axes
    assert len(marks(axes, "o", SERIES[0])) == len(marks(axes, "D", SERIES[0])) == 1
    assert not len(marks(axes, "None", SERIES[0]))


@pytest.mark.parametrize("seeds", [3, 12])
def test_equal_seeds_are_dots_that_can_be_counted(seeds: int, make_runs: MakeRuns) -> None:
    runs = make_runs({"first": {}, "second": {}}, seeds=seeds)
    same = (runs.runs[0].path / "predictions.npz").read_bytes()
    for run in runs.runs:
        (run.path / "predictions.npz").write_bytes(same)
    [axes] = scores_by_seed(experiment_numbers(runs)).axes
    for row in (0, 1):
        dots = marks(axes, "o", SERIES[row])
        assert len({height for _, height in dots}) == seeds
        assert np.all((dots[:, 1] < row) & (dots[:, 1] > row - 0.5))


def test_the_differences_are_of_the_same_seed(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=4, changes={("strong", 2): FAILED}))
    figure = differences_by_seed(numbers)
    assert figure is not None
    [axes] = figure.axes
    strong, weak = (numbers.variant(name).completed() for name in ("strong", "weak"))
    assert sorted(strong) == [1, 3, 4]
    expected = [100 * ((weak[seed].test_score or 0) - (strong[seed].test_score or 0)) for seed in (1, 3, 4)]
    assert marks(axes, "o", SERIES[1])[:, 0] == pytest.approx(expected)
    comparison = numbers.comparison("weak")
    assert marks(axes, "D", SERIES[1])[0, 0] == pytest.approx(100 * comparison.mean) == pytest.approx(np.mean(expected))
    assert comparison.interval is not None
    ends = [100 * comparison.interval.low, 100 * comparison.interval.high]
    assert marks(axes, "None", SERIES[1])[:, 0] == pytest.approx(ends)
    assert axes.get_xlabel() == "difference from strong, points"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["weak"]


def test_the_shaded_margin_is_the_one_that_decides(make_runs: MakeRuns) -> None:
    figure = differences_by_seed(experiment_numbers(make_runs(seeds=2), margin=0.03))
    assert figure is not None
    [shaded] = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert (shaded.get_x(), shaded.get_width()) == (pytest.approx(-3), pytest.approx(6))


def test_without_a_shared_seed_there_are_no_differences(make_runs: MakeRuns) -> None:
    changes = {("strong", 1): FAILED, ("weak", 2): FAILED}
    assert differences_by_seed(experiment_numbers(make_runs(seeds=2, changes=changes))) is None
    assert differences_by_seed(experiment_numbers(make_runs({"only": {}}, seeds=2, name="one"))) is None


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
