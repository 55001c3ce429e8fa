"""Errors as they are drawn: dots on their places, bars and lines that count every answer, and a mark for each class."""

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from keras_suite.reports.figures.residuals import BARS, BINS, DOTS, errors_by_class, errors_figure, residuals_figure
from keras_suite.reports.figures.style import SERIES
from keras_suite.tasks.angle import upright

TARGETS = np.deg2rad(np.linspace(-60, 60, 2000))[:, None]
PREDICTIONS = 0.5 * TARGETS + np.deg2rad(3)
WILD = TARGETS.copy()
WILD[:20] += np.pi / 2


def test_dots_are_predictions_against_targets_thinned_evenly_and_the_medians_are_of_all() -> None:
    (left, _) = residuals_figure({"shrunk": (TARGETS, PREDICTIONS)}).axes
    diagonal, dots, medians = left.get_lines()
    x, y = dots.get_data()
    assert len(x) == 500 <= DOTS and np.ptp(np.diff(x)) < 1e-6  # every fourth
    np.testing.assert_allclose(y, 0.5 * np.asarray(x) + 3)
    assert np.array_equal(*diagonal.get_data())
    middles, line = medians.get_data()
    assert len(middles) == BINS
    np.testing.assert_allclose(line, 0.5 * np.asarray(middles) + 3, atol=0.05)


def test_bars_count_every_prediction_and_the_title_has_mean_error_and_bias() -> None:
    axes = residuals_figure({"shrunk": (TARGETS, PREDICTIONS), "wild": (TARGETS, WILD)}, colours=SERIES).axes
    for right in (axes[1], axes[3]):
        (bars,) = [patch for patch in right.patches if isinstance(patch, StepPatch)]
        values, edges, _ = bars.get_data()
        assert len(values) == BARS and values.sum() == pytest.approx(100) and edges[0] == -edges[-1]
    assert axes[1].get_title("left") == "mean error 15°, bias +3.0°"
    assert axes[3].get_title("left") == "mean error 0.9°, bias +0.9°"
    assert axes[1].get_ylim() == axes[3].get_ylim() and axes[0].get_ylim() == axes[2].get_ylim()


def test_perfect_predictions_can_be_plotted() -> None:
    axes = residuals_figure({"right": (TARGETS, TARGETS)}).axes
    assert axes[1].get_title("left") == "mean error 0°, no bias"
    assert errors_figure({"right": (TARGETS, TARGETS)}).axes[0].get_xscale() == "log"


def test_the_line_of_errors_crosses_half_at_the_median() -> None:
    figure = errors_figure({"shrunk": (TARGETS, PREDICTIONS), "wild": (TARGETS, WILD)}, colours=(SERIES[4], SERIES[2]))
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    x, y = lines["shrunk"].get_data()
    assert np.interp(50, y, x) == pytest.approx(np.median(np.abs(np.rad2deg(PREDICTIONS - TARGETS))), rel=0.01)
    assert lines["shrunk"].get_color() == SERIES[4]
    assert "at random" not in lines


def test_directions_are_compared_with_random_ones() -> None:
    anywhere = np.random.default_rng(0).uniform(-np.pi, np.pi, (4000, 1))
    figure = errors_figure({"random": (upright(TARGETS[:1].repeat(4000, 0)), upright(anywhere))})
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    (x, y), (far, share) = lines["random"].get_data(), lines["at random"].get_data()
    np.testing.assert_allclose(np.interp(far, x, y), share, atol=3)
    assert figure.axes[0].get_xlim()[1] == 180


def test_each_class_has_its_mean_error_and_one_without_predictions_has_no_mark() -> None:
    errors, labels = np.array([-2.0, 4.0, 10.0]), np.array([0, 0, 2])
    figure = errors_by_class({"one": (errors, labels)}, ("zero", "one", "two"))
    (marks,) = figure.axes[0].get_lines()
    assert np.array_equal(marks.get_xdata(), [3, 10]) and np.array_equal(marks.get_ydata(), [0, 2])
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["zero", "one", "two"]
