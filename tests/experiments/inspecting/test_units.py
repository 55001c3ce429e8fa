"""Channels and what they respond to: patches that hold what was planted, and images that were made for them."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.network import Network
from keras_suite.experiments.inspecting.units import draw_units, units_along


@pytest.fixture(scope="module")
def edges() -> Network:
    """A network whose first channel answers to a bright pixel beside a dark one, and whose second is dead."""
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1), name="images"),
            layers.Conv2D(2, (1, 2), activation="relu", name="conv"),
            layers.Flatten(),
            layers.Dense(2, name="logits"),
        ],
        name="edges",
    )
    model.get_layer("conv").set_weights([np.array([[[[1, -1]], [[-1, -1]]]], np.float32), np.zeros(2, np.float32)])
    return Network(model, ("a", "b"))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Ten dark images with one pixel each, brighter from image to image."""
    pixels = np.zeros((10, 12, 12, 1), np.uint8)
    for k in range(10):
        pixels[k, k, 3] = 20 * (k + 1)
    return pixels


def test_the_strongest_patches_are_found_the_strongest_first(edges: Network, images: np.ndarray) -> None:
    [layer] = units_along(edges, images, count=2)
    assert (layer.name, layer.total, layer.silent) == ("conv", 2, 1)
    unit = layer.units[0]
    assert unit.channel == 0
    assert [patch.activation for patch in unit.patches] == [20.0 * k for k in range(10, 1, -1)]
    assert unit.patches[0].pixels[..., 0].tolist() == [[200, 0]], "the pixels that the value changes with"


def test_the_optimised_patch_is_what_the_kernel_wants(edges: Network, images: np.ndarray) -> None:
    [layer] = units_along(edges, images, ["conv"], count=1)
    assert layer.units[0].optimised[..., 0].tolist() == [[255, 0]]


def test_the_same_images_give_the_same_figure(edges: Network, images: np.ndarray) -> None:
    first, second = (units_along(edges, images)[0].units[0].optimised for _ in range(2))
    assert first.tobytes() == second.tobytes()
    [layer] = units_along(edges, images)
    figure = draw_units(layer, len(images))
    assert "1 channels answered to no image" in figure.get_suptitle()


def test_a_network_without_maps_is_refused(images: np.ndarray) -> None:
    model = keras.Sequential([keras.Input((12, 12, 1)), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ValueError, match="no feature maps"):
        units_along(Network(model, ("a", "b")), images)
