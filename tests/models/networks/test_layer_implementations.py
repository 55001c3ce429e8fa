"""Hand-derived layers take the place of Keras's in every network that has the option `layers`, with equal results."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.experiments.config import use
from keras_suite.experiments.registry import option_fields, resolve_part
from keras_suite.models import NETWORKS
from keras_suite.models.networks.layer_implementations import KINDS, kind_of, kinds_in, with_layers

NORMALISED = {"batch_normalization": "before_activation"}
CASES: dict[str, tuple[tuple[int, int, int], Mapping[str, Any]]] = {
    "mnist_demo_net": ((12, 12, 1), {**NORMALISED, "l2": 1e-3}),
    "mlp": ((8, 8, 1), {**NORMALISED, "units": (16, 16), "dropout": 0.2}),
    "pattern_cnn": ((12, 12, 3), {**NORMALISED, "residual": True, "convs": 2, "filters": 8, "downsample": "average"}),
    "whitened_cnn": ((12, 12, 3), {"width": 0.05, "whitening": False}),
    "clip_cnn": ((8, 8, 6), {"filters": (4,)}),
    "vgg": ((16, 16, 3), {"width": 0.1, "blocks": 3, "batch_normalization": "after_pooling"}),
    "alexnet": ((67, 67, 3), {"units": (16,), "activation": "elu"}),
    "mobilenet_v2": ((32, 32, 3), {}),
    "efficientnet_lite0": ((32, 32, 3), {}),
}
ELSEWHERE = {  # the same layers as those above
    "vgg16": "vgg",
    "resnet50": "mobilenet_v2",
    "efficientnet_v2_b0": "mobilenet_v2",
    "efficientnet_lite1": "efficientnet_lite0",
    "efficientnet_lite2": "efficientnet_lite0",
}
SLOW = {"mobilenet_v2", "efficientnet_lite0"}


def passes(model: keras.Model, images: np.ndarray, dy: tf.Tensor) -> list[np.ndarray]:
    """The outputs in training, the gradient of each weight, and the moving statistics afterwards."""

    @tf.function(autograph=False)
    def both(x: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            y = model(x, training=True)
            loss = tf.reduce_sum(y * dy) + sum(model.losses)
        return [y, *tape.gradient(loss, [variable.value for variable in model.trainable_variables])]

    results = [np.asarray(each) for each in both(tf.constant(images))]
    return results + [np.asarray(variable.value) for variable in model.non_trainable_variables]


def close(one: list[np.ndarray], other: list[np.ndarray], moved: list[np.ndarray]) -> None:
    """Differences are rounding where the last bit of each pixel, changed, makes as large ones: `moved`, of Keras's."""
    largest = max(float(np.linalg.norm(each)) for each in other)  # the gradient of a bias before a mean is 0 but for it
    for a, b, c in zip(one, other, moved, strict=True):
        rounding = 1e-5 * float(np.linalg.norm(b)) + 1e-6 * largest
        assert np.linalg.norm(a - b) <= 10 * np.linalg.norm(c - b) + rounding, a.shape


def in_the_last_bit(images: np.ndarray) -> np.ndarray:
    return np.nextafter(images, np.random.default_rng(2).choice([-np.inf, np.inf], images.shape).astype(np.float32))


def built(name: str, **more: Any) -> tuple[keras.Model, tuple[int, int, int]]:
    shape, options = CASES[name]
    return resolve_part("model", use(name, **{**options, **more})).build(shape, 3, 1), shape


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in CASES]
)
def test_a_network_of_hand_derived_layers_computes_the_same_but_for_rounding(name: str) -> None:
    model, shape = built(name)
    kinds = kinds_in(model)
    assert kinds
    derived, _ = built(name, layers=kinds)
    assert not kinds_in(derived)
    assert [layer.name for layer in derived.layers] == [layer.name for layer in model.layers]
    for one, other in zip(derived.get_weights(), model.get_weights(), strict=True):
        assert (one == other).all()
    random = np.random.default_rng(0)
    images = random.uniform(0, 255, (4, *shape)).astype(np.float32)
    dy = tf.constant(random.normal(size=(4, 3)).astype(np.float32))
    start = model.get_weights()
    ours, theirs = passes(derived, images, dy), passes(model, images, dy)
    model.set_weights(start)
    close(ours, theirs, passes(model, in_the_last_bit(images), dy))


def test_every_network_with_the_option_is_compared() -> None:
    able = {name for name in NETWORKS if "layers" in option_fields("model", name)[1]}
    assert able == {*CASES, *ELSEWHERE}
    assert {*ELSEWHERE.values()} <= {*CASES}


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (keras.layers.Conv2D(4, 3), "conv2d"),
        (keras.layers.Conv2D(4, 1), "conv2d_1x1"),
        (keras.layers.Conv2D(4, 3, strides=2), "conv2d_strided"),
        (keras.layers.Conv2D(4, 3, dilation_rate=2), "conv2d_dilated"),
        (keras.layers.Conv2D(4, 3, groups=2), "conv2d_grouped"),
    ],
)
def test_convolutions_are_told_apart_by_what_their_speed_depends_on(layer: keras.layers.Layer, kind: str) -> None:
    assert kind_of(layer) == kind
    inputs = keras.Input((8, 8, 4))
    model = keras.Model(inputs, layer(inputs))
    images = np.random.default_rng(0).normal(size=(2, 8, 8, 4)).astype(np.float32)
    dy = tf.constant(np.random.default_rng(1).normal(size=(2, *model.output.shape[1:])).astype(np.float32))
    theirs = passes(model, images, dy)
    close(passes(with_layers(model, [kind]), images, dy), theirs, theirs)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Activation("gelu"),
        keras.layers.Dense(3, activation="softmax"),
        keras.layers.Dense(3, activity_regularizer="l2"),
        keras.layers.BatchNormalization(renorm=True),
        keras.layers.Dropout(0.5),
    ],
)
def test_a_layer_without_a_hand_derived_twin_stays(layer: keras.layers.Layer) -> None:
    assert kind_of(layer) is None
    inputs = keras.Input((8,))
    model = keras.Model(inputs, layer(inputs))
    assert with_layers(model, KINDS) is model


def test_kinds_that_a_network_does_not_have_change_nothing() -> None:
    """The trials of a sweep share a choice, and not all of them have every kind."""
    model, _ = built("mlp", layers=["depthwise_conv2d"])
    assert not any(type(layer).__name__.startswith("Manual") for layer in model.layers)


def test_a_saved_network_of_both_kinds_loads(tmp_path: Any) -> None:
    model, shape = built("mnist_demo_net", layers=["batch_normalization", "conv2d"])
    model.save(tmp_path / "model.keras")
    images = np.random.default_rng(0).uniform(0, 255, (2, *shape)).astype(np.float32)
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (np.asarray(loaded(images)) == np.asarray(model(images))).all()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("quick", "expected 'fastest', or kinds of layers in brackets"),
        (["dens"], "unknown kind of layers 'dens'; did you mean 'dense'?"),
        ([1], "unknown kind of layers '1'"),
    ],
)
def test_what_is_no_kind_is_named(value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=r"model\.layers=") as error:
        resolve_part("model", use("mlp", layers=value))
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_network_of_hand_derived_layers_has_no_such_option() -> None:
    with pytest.raises(ValueError, match="mobile_cnn: unknown option 'layers'"):
        resolve_part("model", use("mobile_cnn", layers="fastest"))


def test_fastest_is_nothing_to_build_from() -> None:
    with pytest.raises(ValueError, match="only run and tune measure"):
        built("mlp", layers="fastest")


def test_equal_choices_are_equal_and_none_is_the_default() -> None:
    def canonical(*kinds: str) -> Any:
        return resolve_part("model", use("mlp", layers=list(kinds))).canonical()

    assert canonical("dense", "batch_normalization") == canonical("batch_normalization", "dense", "dense")
    assert canonical() == resolve_part("model", use("mlp")).canonical()
