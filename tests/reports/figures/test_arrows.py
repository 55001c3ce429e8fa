"""Arrows on thumbnails: the worst first, from the centre, up where y is up."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from keras_suite.reports.figures.arrows import GIVEN, LONG, TRUE, arrows_figure
from keras_suite.reports.figures.svg import svg_text

IMAGES = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 21, 41, 3), np.uint8)
RIGHT, UP = [1.0, 0.0], [0.0, 1.0]


def arrows(figure: Figure, panel: int) -> dict[str, tuple[float, float]]:
    """Where the arrows of a thumbnail end, by their colour: pixels to the right of and below the first."""
    found = {}
    for text in figure.axes[panel].texts:
        assert text.xyann == (20, 10)  # type: ignore[attr-defined]
        found[to_hex(text.arrow_patch.get_edgecolor())] = text.xy  # type: ignore[attr-defined]
    return found


def test_the_worst_stand_first_with_how_far_they_are_off() -> None:
    true = np.array([RIGHT] * 5)
    given = np.array([[1, 0.1], [1, -1], [0, 3], [-1, 0.5], [1, 0]])
    figure = arrows_figure(IMAGES, true, given, most=3)
    assert [axes.get_title() for axes in figure.axes] == ["153° off", "90° off", "45° off"]
    shown = [int(np.asarray(axes.get_images()[0].get_array())[0, 0, 0]) for axes in figure.axes]
    assert shown == [3, 2, 1]


def test_arrows_start_in_the_centre_and_have_one_length_whatever_was_given() -> None:
    found = arrows(arrows_figure(IMAGES[:1], np.array([UP]), np.array([[50.0, 0.0]])), 0)
    assert found[TRUE] == pytest.approx((20, 10 - LONG * 21))
    assert found[GIVEN] == pytest.approx((20 + LONG * 21, 10))


def test_nowhere_has_no_arrow_and_the_picture_can_be_written() -> None:
    figure = arrows_figure(IMAGES[:2, ..., :1], np.array([UP, RIGHT]), np.array([[0.0, 0.0], RIGHT]))
    assert GIVEN not in arrows(figure, 0) and TRUE in arrows(figure, 0)
    assert "90° off" in svg_text(figure, "arrows")
