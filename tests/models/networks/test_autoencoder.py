"""The autoencoder: its ways up at equal parameters, what goes past the code, and what is refused."""

from pathlib import Path
from typing import Any, get_args

import keras
import numpy as np
import pytest

from keras_suite.models.layers.manual_layer import ManualLayer
from keras_suite.models.networks.autoencoder import Up, autoencoder
from keras_suite.models.saving import load_model, save_model

WAYS = get_args(Up)
SHAPE = (8, 8, 1)


@pytest.mark.parametrize("up", WAYS)
@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (8, 20, 2)])
def test_pixels_from_0_to_1_come_back_in_the_shape_of_the_image(up: str, shape: tuple[int, int, int]) -> None:
    given = np.random.default_rng(0).uniform(0, 255, (2, *shape)).astype("float32")
    pixels = np.asarray(autoencoder(shape, shape[2], 1, up=up, filters=(4, 6), code=2)(given))
    assert pixels.shape == given.shape and pixels.dtype == np.float32
    assert 0 <= pixels.min() < 0.5 < pixels.max() <= 1


@pytest.mark.parametrize("filters", [(5,), (4, 6), (3, 5, 7)])
def test_all_ways_up_have_the_same_parameters(filters: tuple[int, ...]) -> None:
    assert len({autoencoder(SHAPE, 1, 1, up=up, filters=filters).count_params() for up in WAYS}) == 1


def test_weights_are_of_the_seed_alone_and_shared_by_ways_with_the_same_kernels() -> None:
    one, again, other, unpooled = (
        autoencoder(SHAPE, 1, seed, up=up).get_weights()
        for seed, up in ((1, "nearest"), (1, "nearest"), (2, "nearest"), (1, "unpooling"))
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(one, unpooled, strict=True))
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("up", WAYS)
def test_every_layer_with_weights_has_a_hand_derived_gradient(up: str) -> None:
    layers = [layer for layer in autoencoder(SHAPE, 1, 1, up=up).layers if layer.weights]
    assert len(layers) == 2 + 1 + 1 + 2 + 1 and all(isinstance(layer, ManualLayer) for layer in layers)


def test_only_unpooling_gives_back_more_than_the_code_holds(digits: tuple[np.ndarray, np.ndarray]) -> None:
    """Of 64 images whose code is the same, all come back alike, unless places are remembered."""
    images = digits[0][:64]
    for up in WAYS:
        model = autoencoder(SHAPE, 1, 1, up=up)
        kernel, bias = (np.zeros_like(weight) for weight in model.get_layer("code").get_weights())
        model.get_layer("code").set_weights([kernel, bias + 1])
        spread = np.asarray(model(images)).std(axis=0).max()
        assert (spread > 0.01) == (up == "unpooling"), up


def test_a_code_of_0_hands_on_nothing_but_places(digits: tuple[np.ndarray, np.ndarray]) -> None:
    model = autoencoder(SHAPE, 1, 1, up="unpooling", code=0)
    before = np.asarray(model(digits[0][:8]))
    model.get_layer("code").set_weights([weight + 1 for weight in model.get_layer("code").get_weights()])
    assert np.array_equal(before, np.asarray(model(digits[0][:8])))
    assert before.std(axis=0).max() > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("up", WAYS)
def test_it_learns_to_give_digits_back_and_is_loaded_as_it_was(up: str, digits: Any, tmp_path: Path) -> None:
    images = digits[0][:400]
    model = autoencoder(SHAPE, 1, 1, up=up, filters=(8, 8), code=4)
    model.compile(keras.optimizers.Adam(1e-2), "mse", jit_compile=False)
    model.fit(images, images / 255, batch_size=25, epochs=12, verbose=0)
    mean_image = np.mean((images / 255 - images.mean(axis=0) / 255) ** 2)
    assert model.evaluate(images, images / 255, verbose=0) < 0.6 * mean_image
    save_model(model, tmp_path / "model.keras", ("grey",))
    loaded, _ = load_model(tmp_path / "model.keras")
    assert np.array_equal(np.asarray(model(images[:9])), np.asarray(loaded(images[:9])))


def test_half_precision_gives_pixels_in_float32(mixed_precision: str) -> None:
    for up in WAYS:
        pixels = autoencoder(SHAPE, 1, 1, up=up)(np.full((2, *SHAPE), 255, "float32"))
        assert pixels.dtype == "float32" and np.isfinite(np.asarray(pixels)).all()


@pytest.mark.parametrize(
    ("shape", "options", "said"),
    [
        ((28, 30, 1), {}, "images of 28x30 pixels, which cannot be halved 2 times: give sides that 4 divides"),
        ((28, 28, 1), {"filters": (4, 4, 4)}, "cannot be halved 3 times: give sides that 8 divides"),
        ((8, 8, 1), {"filters": ()}, r"model.filters is empty: give a number for each step down"),
        ((8, 8, 1), {"code": 0}, "model.code=0 leaves model.up=nearest nothing to draw from: give 1 or more"),
    ],
)
def test_what_cannot_be_built_is_refused(shape: Any, options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        autoencoder(shape, 1, 1, **options)
