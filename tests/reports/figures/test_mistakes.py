"""The confusion matrix shows its counts, and each wrong image stands under what it is and what it was taken for."""

import numpy as np
import pytest

from keras_suite.reports.figures.mistakes import confusion_figure, wrong_images_figure
from keras_suite.reports.results.mistakes import WrongImage

COUNTS = np.array([[8, 2, 0], [0, 10, 0], [1, 4, 5]])
NAMES = ("cat", "dog", "a very long name indeed")


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


def test_wrong_images_stand_with_what_they_are_and_were_taken_for() -> None:
    grey, colour = np.arange(64, dtype=np.uint8).reshape(8, 8, 1), np.full((4, 6, 3), 9, np.uint8)
    images = [WrongImage(7, grey, 0, 1, 0.876, 2, 3), WrongImage(9, colour, 5, 0, 0.9991, 1, 3)]
    first, second = wrong_images_figure(images, NAMES).axes
    assert first.get_title() == "is cat\nsaid dog\n88 % sure"
    assert second.get_title() == "is 5\nsaid cat\n> 99 % sure"
    assert np.array_equal(np.asarray(first.get_images()[0].get_array()), grey[..., 0])
    assert first.get_images()[0].get_clim() == (0, 255)
    assert np.array_equal(np.asarray(second.get_images()[0].get_array()), colour)
