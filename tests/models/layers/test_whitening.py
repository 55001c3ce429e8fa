"""Whitened patches have variance 1 and are uncorrelated, whatever the images."""

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.models.layers.whitening import PatchWhitening


def photographs(count: int, channels: int = 3, side: int = 12) -> np.ndarray:
    """Smooth images float32 (count, side, side, channels), whose neighbouring pixels are alike."""
    noise = np.random.default_rng(1).standard_normal((count, side + 4, side + 4, channels))
    smooth = sum(noise[:, i : i + side, j : j + side] for i in range(5) for j in range(5))
    return (0.5 + 0.04 * smooth).astype(np.float32)


@pytest.mark.parametrize(("channels", "kernel_size"), [(1, 2), (3, 2), (3, 3)])
def test_what_comes_out_has_mean_0_variance_1_and_is_uncorrelated(channels: int, kernel_size: int) -> None:
    images = photographs(200, channels)
    layer = PatchWhitening(kernel_size, epsilon=1e-8)
    layer.build(images.shape)
    layer.adapt([images[:77], images[77:]])
    out = np.asarray(layer(images))
    components = kernel_size**2 * channels
    assert out.shape == (200, 13 - kernel_size, 13 - kernel_size, 2 * components)
    np.testing.assert_array_equal(out[..., :components], -out[..., components:])
    values = out[..., :components].reshape(-1, components)
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(np.cov(values.T), np.eye(components), atol=5e-3)


def test_it_is_the_same_however_the_images_are_cut_into_batches() -> None:
    images, kernels = photographs(90), []
    for cuts in ([90], [1, 40], [32, 64]):
        layer = PatchWhitening()
        layer.build(images.shape)
        layer.adapt(np.split(images, cuts))
        kernels.append(np.asarray(layer.kernel))
    np.testing.assert_allclose(kernels[1], kernels[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(kernels[2], kernels[0], rtol=1e-4, atol=1e-5)


def test_a_component_that_does_not_vary_is_not_blown_up() -> None:
    images = np.repeat(photographs(50, 1), 3, axis=-1)  # grey, in three channels
    layer = PatchWhitening()
    layer.build(images.shape)
    layer.adapt([images])
    assert np.asarray(layer(images)).std(axis=(0, 1, 2)).max() <= 1.01
    layer.adapt([np.full((4, 12, 12, 3), 0.5, np.float32)])
    assert np.isfinite(np.asarray(layer(images))).all()


def test_only_its_bias_is_trained_and_it_is_saved_with_what_it_was_adapted_to(tmp_path: Path) -> None:
    images = photographs(30)
    model = keras.Sequential([keras.Input(images.shape[1:]), PatchWhitening(2)])
    assert not np.asarray(model(images)).any()
    model.layers[0].adapt([images])
    assert [variable.name for variable in model.trainable_variables] == ["bias"]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(np.asarray(loaded(images)), np.asarray(model(images)))
