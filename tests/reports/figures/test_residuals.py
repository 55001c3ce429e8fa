"""Errors as they are drawn: dots on their places, bars and lines that count every answer, and a mark for each class."""

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from keras_suite.reports.figures.residuals import BARS, BINS, DOTS, errors_by_class, errors_figure, residuals_figure
from keras_suite.reports.figures.style import SERIES
from keras_suite.tasks.angle import upright

TRUE = np.deg2rad(np.linspace(-60, 60, 2000))[:, None]
GIVEN = 0.5 * TRUE + np.deg2rad(3)
WILD = TRUE.copy()
WILD[:20] += np.pi / 2


def test_dots_are_given_against_true_thinned_evenly_and_the_medians_are_of_all() -> None:
    (left, _) = residuals_figure({"shrunk": (TRUE, GIVEN)}).axes
    diagonal, dots, medians = left.get_lines()
    x, y = dots.get_data()
    assert len(x) == 500 <= DOTS and np.ptp(np.diff(x)) < 1e-6  # every fourth
    np.testing.assert_allclose(y, 0.5 * np.asarray(x) + 3)
    assert np.array_equal(*diagonal.get_data())
    middles, line = medians.get_data()
    assert len(middles) == BINS
    np.testing.assert_allclose(line, 0.5 * np.asarray(middles) + 3, atol=0.05)


def test_bars_count_every_answer_and_the_title_says_how_far_off_and_to_which_side() -> None:
    axes = residuals_figure({"shrunk": (TRUE, GIVEN), "wild": (TRUE, WILD)}, colours=SERIES).axes
    for right in (axes[1], axes[3]):
        (bars,) = [patch for patch in right.patches if isinstance(patch, StepPatch)]
        values, edges, _ = bars.get_data()
        assert len(values) == BARS and values.sum() == pytest.approx(100) and edges[0] == -edges[-1]
    assert axes[1].get_title("left") == "15° off, +3.0° in the mean"
    assert axes[3].get_title("left") == "0.9° off, +0.9° in the mean"
    assert axes[1].get_ylim() == axes[3].get_ylim() and axes[0].get_ylim() == axes[2].get_ylim()


def test_perfect_answers_can_be_drawn() -> None:
    axes = residuals_figure({"right": (TRUE, TRUE)}).axes
    assert axes[1].get_title("left") == "0° off, to neither side"
    assert errors_figure({"right": (TRUE, TRUE)}).axes[0].get_xscale() == "log"


def test_the_line_of_errors_crosses_half_at_the_median() -> None:
    figure = errors_figure({"shrunk": (TRUE, GIVEN), "wild": (TRUE, WILD)}, colours=(SERIES[4], SERIES[2]))
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    x, y = lines["shrunk"].get_data()
    assert np.interp(50, y, x) == pytest.approx(np.median(np.abs(np.rad2deg(GIVEN - TRUE))), rel=0.01)
    assert lines["shrunk"].get_color() == SERIES[4]
    assert "at random" not in lines


def test_directions_are_compared_with_those_drawn_at_random() -> None:
    anywhere = np.random.default_rng(0).uniform(-np.pi, np.pi, (4000, 1))
    figure = errors_figure({"random": (upright(TRUE[:1].repeat(4000, 0)), upright(anywhere))})
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    (x, y), (far, share) = lines["random"].get_data(), lines["at random"].get_data()
    np.testing.assert_allclose(np.interp(far, x, y), share, atol=3)
    assert figure.axes[0].get_xlim()[1] == 180


def test_each_class_has_its_mean_error_and_one_without_answers_has_no_mark() -> None:
    errors, labels = np.array([-2.0, 4.0, 10.0]), np.array([0, 0, 2])
    figure = errors_by_class({"one": (errors, labels)}, ("zero", "one", "two"))
    (marks,) = figure.axes[0].get_lines()
    assert np.array_equal(marks.get_xdata(), [3, 10]) and np.array_equal(marks.get_ydata(), [0, 2])
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["zero", "one", "two"]
