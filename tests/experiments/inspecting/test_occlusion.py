"""Occlusion: the drop worked out by hand, every place covered, and that it points at the object."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.network import Network
from keras_suite.experiments.inspecting.occlusion import GREY_LEVEL, chosen_square, occlusion, starts
from tests.experiments.inspecting.conftest import DIGIT, digit_in


def one_pixel(row: int, column: int) -> Network:
    """The probability of "lit" depends on a single pixel of 6x6: logits (0.02 * pixel, 0)."""
    inputs = keras.Input((6, 6, 1))
    dense = layers.Dense(2, use_bias=False)
    model = keras.Model(inputs, dense(layers.Flatten()(inputs)))
    weights = np.zeros((36, 2), np.float32)
    weights[6 * row + column, 0] = 0.02
    dense.set_weights([weights])
    return Network(model, ("lit", "dark"))


def test_only_squares_over_the_pixel_that_counts_lower_the_probability() -> None:
    image = np.full((6, 6, 1), 250, np.uint8)
    found = occlusion(one_pixel(1, 4), image, 0, size=2, stride=2)
    lit, covered = (1 / (1 + np.exp(-0.02 * level)) for level in (250, GREY_LEVEL))
    expected = np.zeros((6, 6))
    expected[0:2, 4:6] = lit - covered
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    assert found.probability == pytest.approx(lit, abs=1e-6)
    assert found.least == pytest.approx(covered, abs=1e-6)
    against = occlusion(one_pixel(1, 4), image, 1, size=2, stride=2)
    np.testing.assert_allclose(against.values, -expected, atol=1e-6)


def test_where_squares_overlap_their_drops_are_averaged() -> None:
    found = occlusion(one_pixel(0, 0), np.full((6, 6, 1), 250, np.uint8), 0, size=4, stride=2)
    assert found.values[0, 2] == pytest.approx(found.values[0, 0] / 2)
    assert found.values[2, 2] == pytest.approx(found.values[0, 0] / 4)
    assert found.values[0, 4] == found.values[4, 4] == 0


@pytest.mark.parametrize(("length", "size", "stride"), [(10, 3, 3), (10, 4, 3), (7, 6, 5), (28, 6, 3)])
def test_every_pixel_is_covered_and_no_square_leaves_the_image(length: int, size: int, stride: int) -> None:
    covered = {pixel for start in starts(length, size, stride) for pixel in range(start, start + size)}
    assert covered == set(range(length))


@pytest.mark.parametrize(("top", "left"), [(0, 16), (16, 0)])
def test_the_largest_drop_is_over_the_digit(
    finder: Network, zeros_and_ones: dict[int, np.ndarray], top: int, left: int
) -> None:
    image = digit_in(zeros_and_ones[1][-1:], top, left)[0]
    assert finder.probabilities(image[np.newaxis])[0, 1] > 0.9
    before = image.copy()
    found = occlusion(finder, image, 1, size=6, stride=3)
    assert (image == before).all()
    row, column = np.unravel_index(found.values.argmax(), found.values.shape)
    assert top <= row < top + DIGIT
    assert left <= column < left + DIGIT


@pytest.mark.parametrize(
    ("size", "stride", "said"),
    [
        (0, None, "--size 0 is not possible: expected 1 to 9"),
        (10, None, "--size 10"),
        (4, 5, "--stride 5"),
        (4, 0, "0"),
    ],
)
def test_a_square_that_does_not_fit_is_refused(size: int, stride: int | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chosen_square((10, 12), size, stride)
