"""A dense head turned into convolutions: the same answers at the training size, means of windows at larger ones."""

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.models.networks.alexnet import alexnet
from keras_suite.models.networks.applications import resnet50, vgg16
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net
from keras_suite.models.networks.pattern_cnn import pattern_cnn
from keras_suite.models.networks.vgg import vgg
from keras_suite.models.saving import load_model, save_model
from keras_suite.models.transfer.fully_convolutional import to_convolutional

VALID = {"padding": "valid", "blocks": 2, "filters": (4, 6), "dense_layers": 2, "units": 8}


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)


def logits(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    return np.asarray(model(pixels, training=False))


def disturbed(model: keras.Model) -> keras.Model:
    """Biases and moving statistics that count, as after training."""
    random = np.random.default_rng(1)
    for variable in model.weights:
        if len(variable.shape) == 1:
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
    return model


@pytest.mark.parametrize(
    ("network", "shape", "options"),
    [
        (vgg, (64, 96, 3), {"width": 0.1, "dropout": 0.5, "batch_normalization": "before_activation"}),
        (vgg, (16, 16, 1), {"width": 0.1, "blocks": 2}),
        (vgg16, (64, 64, 3), {"l2": 0.1}),
        (alexnet, (99, 99, 3), {}),
    ],
)
def test_at_the_training_size_the_answers_are_the_same(network, shape, options) -> None:
    model = disturbed(network(shape, 5, 1, pooling="flatten", **{"units": (7, 6), **options}))
    turned = to_convolutional(model)
    window = model.get_layer("features").input.shape[1:]
    assert turned.input_shape == (None, None, None, shape[-1])
    assert turned.get_layer("dense_1").kernel.shape == (*window, 7)
    assert turned.get_layer("dense_2").kernel.shape == (1, 1, 7, 6)
    assert turned.count_params() == model.count_params()
    pixels = images(3, *shape)
    assert logits(turned, pixels).shape == (3, 5)
    scale = np.abs(logits(model, pixels)).max()
    assert np.allclose(logits(turned, pixels), logits(model, pixels), atol=1e-5 * scale)


def test_a_larger_image_is_answered_with_the_mean_over_windows_where_nothing_is_padded() -> None:
    model = disturbed(pattern_cnn((18, 18, 3), 5, 1, **VALID))
    turned = to_convolutional(model)
    pixels = images(2, 26, 22, 3)
    windows = [logits(model, pixels[:, y : y + 18, x : x + 18]) for y in (0, 4, 8) for x in (0, 4)]
    assert np.ptp([each[0, 0] for each in windows]) > 0.1
    assert np.allclose(logits(turned, pixels), np.mean(windows, axis=0), rtol=1e-4, atol=1e-3)


def test_zeros_of_same_padding_make_a_window_alone_differ_from_one_inside_an_image() -> None:
    model = disturbed(pattern_cnn((16, 16, 3), 5, 1, **VALID | {"padding": "same"}))
    turned = to_convolutional(model)
    pixels = images(1, 20, 16, 3)
    alone = np.mean([logits(model, pixels[:, y : y + 16]) for y in (0, 4)], axis=0)
    assert not np.allclose(logits(turned, pixels), alone, rtol=1e-2)


def test_nothing_is_drawn_and_the_model_that_was_given_stays_as_it_was() -> None:
    model = disturbed(vgg((16, 16, 3), 5, 1, width=0.1, blocks=2, pooling="flatten", units=(4,)))
    before, pixels = model.get_weights(), images(1, 16, 16, 3)
    turned = to_convolutional(model)
    for variable in turned.weights:
        variable.assign(np.zeros(variable.shape))
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert np.abs(logits(model, pixels)).max() > 0


def test_heads_of_other_names_are_converted_too() -> None:
    model = mnist_demo_net((12, 12, 1), 10, 1, dropout=0.2)
    pixels = images(2, 12, 12, 1)
    assert np.allclose(logits(to_convolutional(model), pixels), logits(model, pixels), rtol=1e-4, atol=1e-4)


def test_it_is_saved_and_answers_images_of_any_size(tmp_path: Path) -> None:
    turned = to_convolutional(vgg16((32, 32, 3), 2, 1, pooling="flatten", units=(4,), dropout=0.3))
    save_model(turned, tmp_path / "any.keras", ("a", "b"))
    loaded, names = load_model(tmp_path / "any.keras")
    assert names == ("a", "b")
    for size in ((32, 32), (64, 40)):
        assert np.array_equal(logits(loaded, images(1, *size, 3)), logits(turned, images(1, *size, 3)))


def test_logits_stay_float32_under_mixed_precision(mixed_precision: str) -> None:
    turned = to_convolutional(vgg((16, 16, 3), 5, 1, width=0.1, blocks=2, pooling="flatten", units=(4,)))
    assert turned.output.dtype == turned.get_layer("logits").compute_dtype == "float32"
    assert turned.get_layer("dense_1").compute_dtype == mixed_precision.removeprefix("mixed_")


def test_what_has_no_dense_head_over_positions_is_refused_in_one_line() -> None:
    with pytest.raises(
        ValueError, match=r"resnet50 has no flattened feature maps, .* train with model\.pooling=flatten"
    ):
        to_convolutional(resnet50((32, 32, 3), 2, 1))
    x = keras.Input((4, 4, 2))
    softmaxed = keras.layers.Softmax(name="chosen")(keras.layers.Dense(3)(keras.layers.Flatten()(x)))
    with pytest.raises(ValueError, match=r"'chosen' \(Softmax\) is among its dense layers; expected a chain of Dense"):
        to_convolutional(keras.Model(x, softmaxed))
    flat = keras.Input((8,))
    with pytest.raises(ValueError, match=r"expected feature maps \(B, H, W, C\), flattened, and dense layers"):
        to_convolutional(keras.Model(flat, keras.layers.Dense(3)(keras.layers.Flatten()(flat))))
    flattened = keras.layers.Flatten()(x)
    branched = keras.layers.Dense(3)(flattened), keras.layers.Dense(2)(flattened)
    with pytest.raises(ValueError, match="cannot be turned"):
        to_convolutional(keras.Model(x, branched))


def test_maxout_is_turned_too() -> None:
    model = disturbed(pattern_cnn((14, 14, 1), 4, 1, activation="maxout", **VALID))
    turned = to_convolutional(model)
    assert np.allclose(logits(turned, images(2, 14, 14, 1)), logits(model, images(2, 14, 14, 1)), rtol=1e-4)
    assert logits(turned, images(2, 22, 18, 1)).shape == (2, 4)


def test_convolutions_that_know_their_image_are_refused_in_one_line() -> None:
    with pytest.raises(
        ValueError, match=r"'conv_1_1' \(ManualConv2D\) is derived by hand for images of one size.*zeros"
    ):
        to_convolutional(pattern_cnn((8, 8, 1), 4, 1, padding_mode="reflect"))
