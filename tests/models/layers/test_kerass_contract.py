"""Our layers keep what Keras asks of a layer: shapes before data, masks, wrappers, open sizes, formats, arguments."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.models.layers.convolution import (
    ManualConv1D,
    ManualConv2D,
    ManualConv2DTranspose,
    ManualLocallyConnected2D,
)
from keras_suite.models.layers.core import (
    ManualActivation,
    ManualAdd,
    ManualDense,
    ManualDropout,
    ManualMaxout,
)
from keras_suite.models.layers.normalization import ManualBatchNormalization
from keras_suite.models.layers.pooling import (
    ManualAveragePooling2D,
    ManualMaxPooling2D,
    ManualMaxUnpooling2D,
    ManualUpSampling2D,
)
from keras_suite.models.layers.recurrent import ManualLSTM
from keras_suite.models.layers.separable_convolution import ManualDepthwiseConv2D, ManualSeparableConv2D
from tests.models.layers.cases import AROUND, LAYERS, inputs

ALONE = [name for name in LAYERS if name not in AROUND]


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_the_shape_and_precision_that_a_layer_names_are_those_of_its_output(name: str, policy: str) -> None:
    case = LAYERS[name]
    keras.config.set_dtype_policy(policy)
    try:
        layer = case.ours()
        y = layer(inputs(case))
        assert layer.compute_output_shape((None, *case.shape)) == (None, *y.shape[1:])
        spec = layer.compute_output_spec(keras.KerasTensor((4, *case.shape), dtype=layer.compute_dtype))
        assert (spec.shape, spec.dtype) == (tuple(y.shape), keras.backend.standardize_dtype(y.dtype))
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    "name",
    [
        "conv2d",
        "conv2d_strided",
        "depthwise_conv2d",
        "separable_conv2d",
        "max_pooling2d",
        "average_pooling2d",
        "flatten",
        "lstm",
    ],
)
def test_a_network_of_open_sizes_trains_on_images_of_several(name: str) -> None:
    case = LAYERS[name]
    x = keras.Input((*(None for _ in case.shape[:-1]), case.shape[-1]))
    y = case.ours()(x)
    model = keras.Model(x, y)
    model.compile(keras.optimizers.SGD(0.01), lambda _, answer: keras.ops.mean(keras.ops.square(answer)))

    @tf.function(input_signature=[tf.TensorSpec((None, *x.shape[1:]))])
    def step(images: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(images, training=True)))
        return loss, tape.gradient(loss, [v.value for v in model.trainable_variables])

    images = inputs(case)
    for given in (images, np.repeat(images, 2, axis=1), images[:1]):
        loss, gradients = step(tf.constant(given))
        with tf.GradientTape() as tape:
            expected = tf.reduce_mean(tf.square(model(given, training=True)))
        np.testing.assert_allclose(loss, expected, rtol=1e-5)
        others = tape.gradient(expected, [v.value for v in model.trainable_variables])
        for found, other in zip(gradients, others, strict=True):
            np.testing.assert_allclose(found, other, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("return_sequences", [True, False])
def test_both_directions_of_a_masked_sequence_give_what_keras_gives(return_sequences: bool) -> None:
    words = np.random.default_rng(0).integers(0, 4, size=(3, 6))
    words[:, 0] = 1
    embedded = layers.Embedding(4, 3, mask_zero=True)(words)
    theirs, ours = (
        layers.Bidirectional(kind(2, return_sequences=return_sequences)) for kind in (layers.LSTM, ManualLSTM)
    )
    expected, _ = theirs(embedded), ours(embedded)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(embedded), expected, atol=1e-6)


def test_a_mask_reaches_what_comes_after_our_layers() -> None:
    x = keras.Input((5, 3))
    y = ManualDropout(0.1)(ManualActivation("tanh")(ManualDense(4)(layers.Masking()(x))))
    y = ManualAdd()([y, ManualBatchNormalization()(y)])
    assert ManualLSTM(2, return_sequences=True)(y)._keras_mask is not None
    assert getattr(ManualLSTM(2)(y), "_keras_mask", None) is None


def test_a_stateful_layer_begins_where_it_ended_until_it_is_reset() -> None:
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32)
    layer = ManualLSTM(3, stateful=True)
    plain = ManualLSTM(3, return_state=True)
    first = layer(x)
    plain(x)
    plain.set_weights(layer.get_weights()[:3])
    layer.reset_state()
    y, *state = plain(x)
    np.testing.assert_allclose(layer(x), y, atol=1e-6)
    np.testing.assert_allclose(layer(x), plain(x, initial_state=state)[0], atol=1e-6)
    layer.reset_state()
    np.testing.assert_allclose(layer(x), first, atol=1e-6)
    with pytest.raises(ValueError, match=r"ManualLSTM: the input has shape .*: expected a known batch size"):
        ManualLSTM(3, stateful=True)(keras.Input((4, 3)))


def test_maxima_and_their_indices_have_each_their_own_precision() -> None:
    maxima, indices = ManualMaxPooling2D(2, return_indices=True, dtype="mixed_float16")(keras.Input((4, 4, 1)))
    assert (maxima.dtype, indices.dtype, indices.shape) == ("float16", "int32", (None, 2, 2, 1))
    assert ManualMaxUnpooling2D((4, 4))([maxima, indices]).shape == (None, 4, 4, 1)


WHOLE = "expected a whole number from 1 up"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ManualDense(0), f"ManualDense: units=0 is not possible: {WHOLE}"),
        (lambda: ManualConv2D(0, 3), f"ManualConv2D: filters=0 is not possible: {WHOLE}"),
        (lambda: ManualConv2D(4, 0), "ManualConv2D: kernel_size=0 is not possible"),
        (lambda: ManualConv2D(4, 3, strides=(1, 0)), r"ManualConv2D: strides=\(1, 0\) is not possible"),
        (lambda: ManualConv2D(4, 3, groups=0), f"ManualConv2D: groups=0 is not possible: {WHOLE}"),
        (lambda: ManualConv2D(4, 3, groups=3), "ManualConv2D: 4 filters cannot be divided among groups=3"),
        (lambda: ManualConv2D(4, 3, padding="full"), "ManualConv2D: padding='full' is not possible"),
        (lambda: ManualConv2D(4, 3, padding="causal"), "ManualConv2D: padding='causal' is not possible"),
        (lambda: ManualConv1D(4, (3, 3)), r"ManualConv1D: kernel_size=\(3, 3\) is not possible"),
        (lambda: ManualConv2D(4, 3, fused=1), "ManualConv2D: fused=1 is not possible: expected True or False"),
        (lambda: ManualConv2D(4, 3, method="fft"), "ManualConv2D: method='fft' is not known"),
        (lambda: ManualDepthwiseConv2D(3, depth_multiplier=0), f"ManualDepthwiseConv2D: depth_multiplier=0 .* {WHOLE}"),
        (lambda: ManualSeparableConv2D(0, 3), f"ManualSeparableConv2D: filters=0 is not possible: {WHOLE}"),
        (lambda: ManualDepthwiseConv2D(9)(keras.Input((5, 5, 1))), "ManualDepthwiseConv2D: a kernel of 9 .* is larger"),
        (lambda: ManualConv2DTranspose(4, 3, 2, output_padding=2), "output_padding=2 is not possible"),
        (lambda: ManualMaxPooling2D(0), "ManualMaxPooling2D: pool_size=0 is not possible"),
        (lambda: ManualAveragePooling2D(padding="reflect"), "ManualAveragePooling2D: padding='reflect' is not known"),
        (lambda: ManualUpSampling2D(interpolation="bilinear"), "'bilinear' has no hand-derived gradient"),
        (lambda: ManualMaxout(0), f"ManualMaxout: pieces=0 is not possible: {WHOLE}"),
        (lambda: ManualBatchNormalization(epsilon=-1), "ManualBatchNormalization: epsilon=-1 is not possible"),
        (lambda: ManualBatchNormalization(axis=0), "ManualBatchNormalization: axis=0 is not possible"),
        (lambda: ManualDropout(0.5, noise_shape=(0, 1)), r"a size of noise_shape=\(0, 1\)=0 is not possible"),
        (lambda: ManualLSTM(3, dropout=1.0), "ManualLSTM: dropout=1.0 is not possible"),
        (lambda: ManualConv2D(4, 9)(keras.Input((5, 5, 1))), "ManualConv2D: a kernel of 9 .* is larger than the"),
        (lambda: ManualConv2D(4, 3, groups=2)(keras.Input((5, 5, 3))), "3 channels cannot be divided among groups=2"),
        (
            lambda: ManualMaxPooling2D()(keras.Input((5, 5))),
            "ManualMaxPooling2D: the input has shape .*: expected 4 axes",
        ),
        (lambda: ManualMaxout(2)(keras.Input((5,))), "ManualMaxout: 5 channels are no multiple of pieces=2"),
        (lambda: ManualAdd()([keras.Input((5,)), keras.Input((4,))]), "ManualAdd: the shapes .* differ"),
        (lambda: ManualLocallyConnected2D(2, 3)(keras.Input((None, 5, 1))), "expected a known height and width"),
    ],
)
def test_bad_arguments_are_named_when_a_layer_is_made_or_built(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize(
    "name",
    [
        "conv2d",
        "conv2d_derivation",
        "conv2d_dilated",
        "conv2d_transpose",
        "depthwise_conv2d",
        "depthwise_conv2d_dilated",
        "dense",
        "lstm",
    ],
)
def test_no_images_give_no_answers_and_no_gradient(name: str) -> None:
    case = LAYERS[name]
    layer = case.ours()
    layer(inputs(case))

    def passes(x: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            y = layer(x)
            loss = tf.reduce_sum(y)
        return y, tape.gradient(loss, [v.value for v in layer.trainable_variables])

    for run in (passes, tf.function(passes, input_signature=[tf.TensorSpec((None, *case.shape))])):
        y, gradients = run(tf.zeros((0, *case.shape)))
        assert y.shape[0] == 0
        assert not any(np.any(gradient) for gradient in gradients)
