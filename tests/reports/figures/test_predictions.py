"""Test images appear with their targets and predictions."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from keras_suite.reports.figures.predictions import (
    ARROW,
    PREDICTED,
    TARGET,
    arrows_figure,
    as_seen,
    coloured,
    images_figure,
    masks_figure,
    sentences_figure,
    wrong_images_figure,
)
from keras_suite.reports.figures.svg import svg_text
from keras_suite.reports.results.classification import WrongImage

NAMES = ("cat", "dog", "a very long name indeed")
IMAGES = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 21, 41, 3), np.uint8)
RIGHT, UP = [1.0, 0.0], [0.0, 1.0]


def test_wrong_images_have_true_class_prediction_and_confidence() -> None:
    grey, colour = np.arange(64, dtype=np.uint8).reshape(8, 8, 1), np.full((4, 6, 3), 9, np.uint8)
    images = [WrongImage(7, grey, 0, 1, 0.876, 2, 3), WrongImage(9, colour, 5, 0, 0.9991, 1, 3)]
    first, second = wrong_images_figure(images, NAMES).axes
    assert first.get_title() == "true cat\npredicted dog\nconfidence 88 %"
    assert second.get_title() == "true 5\npredicted cat\nconfidence > 99 %"
    assert np.array_equal(np.asarray(first.get_images()[0].get_array()), grey[..., 0])
    assert first.get_images()[0].get_clim() == (0, 255)
    assert np.array_equal(np.asarray(second.get_images()[0].get_array()), colour)


def arrows(figure: Figure, panel: int) -> dict[str, tuple[float, float]]:
    """Where the arrows of a thumbnail end, by their colour: pixels to the right of and below the first."""
    tips = {}
    for text in figure.axes[panel].texts:
        assert text.xyann == (20, 10)  # type: ignore[attr-defined]
        tips[to_hex(text.arrow_patch.get_edgecolor())] = text.xy  # type: ignore[attr-defined]
    return tips


def test_the_largest_errors_come_first_with_their_size() -> None:
    true = np.array([RIGHT] * 5)
    given = np.array([[1, 0.1], [1, -1], [0, 3], [-1, 0.5], [1, 0]])
    figure = arrows_figure(IMAGES, true, given, most=3)
    assert [axes.get_title() for axes in figure.axes] == ["error 153°", "error 90°", "error 45°"]
    shown = [int(np.asarray(axes.get_images()[0].get_array())[0, 0, 0]) for axes in figure.axes]
    assert shown == [3, 2, 1]


def test_arrows_start_in_the_centre_and_have_one_length() -> None:
    tips = arrows(arrows_figure(IMAGES[:1], np.array([UP]), np.array([[50.0, 0.0]])), 0)
    assert tips[TARGET] == pytest.approx((20, 10 - ARROW * 21))
    assert tips[PREDICTED] == pytest.approx((20 + ARROW * 21, 10))


def test_a_zero_prediction_has_no_arrow() -> None:
    figure = arrows_figure(IMAGES[:2, ..., :1], np.array([UP, RIGHT]), np.array([[0.0, 0.0], RIGHT]))
    assert PREDICTED not in arrows(figure, 0) and TARGET in arrows(figure, 0)
    assert "error 90°" in svg_text(figure, "arrows")


def test_colours_stay_as_they_are_and_a_clip_shows_its_first_middle_and_last_frame() -> None:
    colours = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert np.array_equal(as_seen(colours), colours)
    clip = np.broadcast_to(np.arange(6, dtype=np.uint8), (2, 2, 6))
    assert as_seen(clip)[0, 0].tolist() == [0, 3, 5]


def test_an_image_is_followed_by_target_and_prediction_unless_it_is_the_target() -> None:
    target = IMAGES[:2]
    itself = images_figure(target, target, target + 1, np.array([1.0, 2.5]))
    other = images_figure(target + 9, target, target + 1, np.array([1.0, 2.5]))
    for figure, headings in ((itself, ["target", "prediction"]), (other, ["image", "target", "prediction"])):
        columns = len(headings)
        assert [axes.get_title() for axes in figure.axes[:columns]] == headings
        texts = [text.get_text() for axes in figure.axes for text in axes.texts]
        assert texts == ["RMSE 1.0", "RMSE 2.5"]


def test_masks_have_one_colour_for_each_pixel_class_and_a_legend_of_those_present() -> None:
    target, predicted = np.zeros((1, 4, 4), np.int64), np.full((1, 4, 4), 2)
    figure = masks_figure(IMAGES[:1], target, predicted, np.array([0.25]), ("background", "one", "two"))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["background", "two"]
    shown = [np.asarray(axes.get_images()[0].get_array()) for axes in figure.axes if axes.get_images()]
    assert np.array_equal(shown[2], coloured(predicted)[0]) and not np.array_equal(shown[1], shown[2])


def test_sentences_end_at_the_end_word() -> None:
    words = ("<start>", "<end>", "two", "squares")
    figure = sentences_figure(IMAGES[:1], np.array([[[0, 2, 3, 1]]]), np.array([[0, 3, 1, 2]]), np.array([0.5]), words)
    texts = [text.get_text() for text in figure.axes[1].texts]
    assert texts == ["true", "two squares", "predicted", "squares"]
