"""Grad-CAM and occlusion: the values computed by hand on small networks, and that they point at the object."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.network import Network
from keras_suite.experiments.inspecting.saliency import GREY_LEVEL, chosen_square, gradcam, occlusion, overlay, starts
from keras_suite.models.networks.mlp import mlp
from keras_suite.models.networks.vgg import vgg
from tests.experiments.inspecting.conftest import DIGIT, SIDE, digit_in


def bright_and_red() -> keras.Model:
    """Two maps made by hand (the red channel, the green one), averaged, and logits 2 r - g and 3 g."""
    inputs = keras.Input((4, 4, 3), name="images")
    maps = layers.Conv2D(2, 1, use_bias=False, name="maps")
    logits = layers.Dense(2, use_bias=False, name="logits")
    model = keras.Model(inputs, logits(layers.GlobalAveragePooling2D(name="features")(maps(inputs))), name="by_hand")
    maps.set_weights([np.array([[1, 0], [0, 1], [0, 0]], np.float32).reshape(1, 1, 3, 2)])
    logits.set_weights([np.array([[2, 0], [-1, 3]], np.float32)])
    return model


def test_a_network_made_by_hand_gives_the_map_that_was_worked_out() -> None:
    """alpha = (2, -1) / 16 for the first class: L = max(0, 2 R - G) / 16."""
    image = np.random.default_rng(0).integers(0, 256, (4, 4, 3)).astype(np.uint8)
    red, green, _ = np.moveaxis(image.astype(float), -1, 0)
    network = Network(bright_and_red(), ("red", "green"))
    first, second = gradcam(network, image, 0), gradcam(network, image, 1)
    np.testing.assert_allclose(first.values, np.maximum(0, 2 * red - green) / 16, rtol=1e-5)
    np.testing.assert_allclose(second.values, 3 * green / 16, rtol=1e-5)
    assert first.layer == "maps"
    assert first.probability + second.probability == pytest.approx(1)


def test_without_a_class_it_is_the_predicted_one() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    image[1, 2] = 200, 0, 0
    network = Network(bright_and_red(), ("red", "green"))
    heat = gradcam(network, image)
    assert heat.index == 0
    assert np.argwhere(heat.values).tolist() == [[1, 2]]


@pytest.mark.parametrize(("of_zero", "of_one"), [((0, 0), (16, 16)), ((16, 0), (0, 16)), ((0, 16), (0, 0))])
def test_of_two_digits_in_corners_each_class_points_at_its_own(
    finder: Network, zeros_and_ones: dict[int, np.ndarray], of_zero: tuple[int, int], of_one: tuple[int, int]
) -> None:
    """The network was trained on single digits, none of these among them."""
    places, half = (of_zero, of_one), SIDE // 2
    image = sum(digit_in(zeros_and_ones[label][-1:], *places[label])[0] for label in (0, 1))
    for label, (top, left) in enumerate(places):
        heat = gradcam(finder, image, label)
        assert heat.layer == "conv_3"
        assert heat.values.shape == (half, half)
        row, column = np.unravel_index(heat.values.argmax(), heat.values.shape)
        assert top // 2 <= row < (top + DIGIT) // 2
        assert left // 2 <= column < (left + DIGIT) // 2
        corner = heat.values[top // half * 6 : top // half * 6 + 6, left // half * 6 : left // half * 6 + 6]
        assert corner.sum() > 0.7 * heat.values.sum()


def test_a_nested_network_gives_the_map_of_the_same_network_without_nesting() -> None:
    flat = vgg((32, 32, 3), 2, 1, width=0.1, blocks=3)
    body = keras.Model(flat.input, flat.get_layer("features").input, name="vgg16")
    inputs = keras.Input((32, 32, 3))
    head = flat.get_layer("logits")(layers.GlobalAveragePooling2D()(body(inputs)))
    image = np.random.default_rng(1).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    names = ("cat", "dog")
    expected = gradcam(Network(flat, names), image, 1)
    heat = gradcam(Network(keras.Model(inputs, head), names), image, 1)
    assert (expected.layer, heat.layer) == ("block3_conv3", "vgg16/block3_conv3")
    np.testing.assert_allclose(heat.values, expected.values, rtol=1e-4, atol=1e-7)
    inner = gradcam(Network(keras.Model(inputs, head), names), image, 1, layer="block2_conv2")
    assert inner.values.shape == (16, 16)
    assert inner.layer == "vgg16/block2_conv2"


def test_a_wrong_layer_is_answered_with_the_nearest_name(finder: Network) -> None:
    image = np.zeros((SIDE, SIDE, 1), np.uint8)
    with pytest.raises(ValueError, match="unknown layer with feature maps 'conv3'; did you mean 'conv_3'"):
        gradcam(finder, image, layer="conv3")
    with pytest.raises(ValueError, match="'logits'"):  # it has no positions
        gradcam(finder, image, layer="logits")


def test_a_network_without_positions_is_refused() -> None:
    network = Network(mlp((8, 8, 1), 3, 1, units=(4,)), ("a", "b", "c"))
    with pytest.raises(ValueError, match=r"mlp has no feature maps.*inspect occlusion"):
        gradcam(network, np.zeros((8, 8, 1), np.uint8))


def test_an_overlay_has_the_images_size_and_leaves_cold_places_as_they_are() -> None:
    shown = np.full((30, 50, 1), 90, np.uint8)
    heat = np.zeros((3, 5), np.float32)
    heat[0, 4] = 2.0
    image = overlay(shown, heat)
    assert image.shape == (30, 50, 3)
    assert (image[20:, :30] == 90).all()
    red, green, blue = image[2, 47].astype(int)
    assert red > 90 > max(green, blue)
    assert (overlay(shown, np.zeros((3, 5), np.float32)) == 90).all()


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
    drops = occlusion(one_pixel(1, 4), image, 0, size=2, stride=2)
    lit, covered = (1 / (1 + np.exp(-0.02 * level)) for level in (250, GREY_LEVEL))
    expected = np.zeros((6, 6))
    expected[0:2, 4:6] = lit - covered
    np.testing.assert_allclose(drops.values, expected, atol=1e-6)
    assert drops.probability == pytest.approx(lit, abs=1e-6)
    assert drops.least == pytest.approx(covered, abs=1e-6)
    against = occlusion(one_pixel(1, 4), image, 1, size=2, stride=2)
    np.testing.assert_allclose(against.values, -expected, atol=1e-6)


def test_where_squares_overlap_their_drops_are_averaged() -> None:
    drops = occlusion(one_pixel(0, 0), np.full((6, 6, 1), 250, np.uint8), 0, size=4, stride=2)
    assert drops.values[0, 2] == pytest.approx(drops.values[0, 0] / 2)
    assert drops.values[2, 2] == pytest.approx(drops.values[0, 0] / 4)
    assert drops.values[0, 4] == drops.values[4, 4] == 0


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
    drops = occlusion(finder, image, 1, size=6, stride=3)
    assert (image == before).all()
    row, column = np.unravel_index(drops.values.argmax(), drops.values.shape)
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
