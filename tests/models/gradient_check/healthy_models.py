"""Models of many kinds as people build them, all of them sound: the check of whole models must pass each."""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

from keras_suite.models.layers.convolution import ManualConv2D
from keras_suite.models.layers.core import ManualDense
from keras_suite.models.layers.normalization import ManualBatchNormalization
from keras_suite.models.layers.recurrent import ManualLSTM
from keras_suite.models.networks.mnist_demo_net import mnist_manual_net

IMAGE, VECTOR, SEQUENCE = (12, 12, 3), (8,), (7, 4)


def stack(shape: tuple[int | None, ...], *inside: Any, dtype: str | None = None) -> keras.Model:
    return keras.Sequential([keras.Input(shape, dtype=dtype), *inside])


def graph(shape: tuple[int | None, ...], call: Callable[[Any], Any]) -> keras.Model:
    x = keras.Input(shape)
    return keras.Model(x, call(x))


def shared_layer() -> keras.Model:
    twice = layers.Dense(5, "tanh")
    return graph((6,), lambda x: layers.Dense(3)(twice(layers.Dense(6)(x)) + twice(x)))


def siamese() -> keras.Model:
    embed = stack(VECTOR, layers.Dense(6, "relu"), layers.Dense(4))
    a, b = keras.Input(VECTOR), keras.Input(VECTOR)
    return keras.Model([a, b], layers.Dense(1)(layers.Subtract()([embed(a), embed(b)])))


def named_inputs() -> keras.Model:
    numbers, words = keras.Input((5,), name="numbers"), keras.Input((4,), dtype="int32", name="words")
    pooled = layers.GlobalAveragePooling1D()(layers.Embedding(9, 4)(words))
    y = layers.Dense(3)(layers.Concatenate()([layers.Dense(4)(numbers), pooled]))
    return keras.Model({"numbers": numbers, "words": words}, y)


def shared_model() -> keras.Model:
    """On images 0..255, so that the moving statistics move far in one batch."""
    convolution = layers.Conv2D(4, 3, padding="same")
    inner = stack((12, 12, 4), convolution, layers.BatchNormalization(), layers.ReLU())
    return graph(
        IMAGE, lambda x: layers.Dense(3)(layers.GlobalAveragePooling2D()(inner(inner(layers.Conv2D(4, 1)(x)))))
    )


def attention() -> keras.Model:
    def call(x: Any) -> Any:
        y = layers.MultiHeadAttention(2, 4, dropout=0.1)(x, x)
        return layers.Dense(3)(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x + y)))

    return graph((6, 8), call)


def two_outputs() -> keras.Model:
    x = keras.Input(VECTOR)
    h = layers.Dense(6, "relu")(x)
    return keras.Model(x, {"class": layers.Dense(3)(h), "number": layers.Dense(1)(h)})


def mixed_precision() -> keras.Model:
    half: dict[str, Any] = {"dtype": "mixed_float16"}
    inside = (layers.Conv2D(6, 3, activation="relu", **half), layers.BatchNormalization(**half), layers.Flatten(**half))
    return stack(IMAGE, layers.Rescaling(1 / 255), *inside, layers.Dense(4))


def half_frozen() -> keras.Model:
    model = stack(VECTOR, layers.Dense(6, "relu"), layers.Dense(3))
    model.layers[0].trainable = False
    return model


HEALTHY: dict[str, Callable[[], keras.Model]] = {
    "dense": lambda: stack(VECTOR, layers.Dense(6, "relu"), layers.Dense(3)),
    "softmax_out": lambda: stack(VECTOR, layers.Dense(6, "gelu"), layers.Dense(3, "softmax")),
    "regression": lambda: stack(VECTOR, layers.Dense(6, "selu"), layers.Dense(1)),
    "conv": lambda: stack(
        IMAGE,
        layers.Rescaling(1 / 255),
        layers.Conv2D(6, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(4),
    ),
    "bn_dropout": lambda: stack(
        IMAGE,
        layers.Rescaling(1 / 255),
        layers.Conv2D(6, 3),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.SpatialDropout2D(0.2),
        layers.GlobalAveragePooling2D(),
        layers.Dropout(0.3),
        layers.Dense(4),
    ),
    "separable": lambda: stack(
        IMAGE,
        layers.Rescaling(1 / 255),
        layers.SeparableConv2D(6, 3),
        layers.DepthwiseConv2D(3),
        layers.GlobalMaxPooling2D(),
        layers.Dense(4),
    ),
    "conv1d": lambda: stack(
        (20, 3),
        layers.Conv1D(6, 3, dilation_rate=2, activation="elu"),
        layers.AveragePooling1D(2),
        layers.Flatten(),
        layers.Dense(4),
    ),
    "conv3d": lambda: stack(
        (6, 6, 6, 2), layers.Conv3D(4, 3), layers.LeakyReLU(), layers.GlobalAveragePooling3D(), layers.Dense(4)
    ),
    "grouped": lambda: stack(
        (8, 8, 4),
        layers.Conv2D(8, 3, groups=2),
        layers.GroupNormalization(2),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3),
    ),
    "dilated": lambda: stack(
        IMAGE,
        layers.Rescaling(1 / 255),
        layers.Conv2D(5, 3, dilation_rate=2),
        layers.PReLU(),
        layers.Flatten(),
        layers.Dense(3),
    ),
    "convlstm": lambda: stack((3, 6, 6, 2), layers.ConvLSTM2D(3, 3), layers.Flatten(), layers.Dense(3)),
    "lstm": lambda: stack(SEQUENCE, layers.LSTM(5, dropout=0.2, recurrent_dropout=0.1), layers.Dense(3)),
    "gru_bidi": lambda: stack(
        SEQUENCE, layers.Bidirectional(layers.GRU(4, return_sequences=True)), layers.TimeDistributed(layers.Dense(3))
    ),
    "embedding_mask": lambda: stack(
        (7,), layers.Embedding(20, 4, mask_zero=True), layers.LSTM(4), layers.Dense(3), dtype="int32"
    ),
    "manual_lstm": lambda: stack(
        (7,),
        layers.Embedding(20, 4, mask_zero=True),
        layers.Bidirectional(ManualLSTM(4)),
        ManualDense(3),
        dtype="int32",
    ),
    "manual_open": lambda: stack(
        (None, None, 3),
        layers.Rescaling(1 / 255),
        ManualConv2D(4, 3, 2, "same"),
        ManualBatchNormalization(),
        layers.GlobalAveragePooling2D(),
        ManualDense(3),
    ),
    "attention": attention,
    "shared_layer": shared_layer,
    "siamese": siamese,
    "named_inputs": named_inputs,
    "shared_model": shared_model,
    "two_outputs": two_outputs,
    "mixed_precision": mixed_precision,
    "penalties": lambda: stack(
        VECTOR,
        layers.Dense(6, "tanh", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.01), bias_regularizer="l2"),
        layers.ActivityRegularization(l2=0.1),
        layers.Dense(3),
    ),
    "noise": lambda: stack(
        VECTOR,
        layers.GaussianNoise(0.3),
        layers.Dense(6, "swish"),
        layers.GaussianDropout(0.2),
        layers.AlphaDropout(0.1),
        layers.Dense(3),
    ),
    "augmented": lambda: stack(
        IMAGE,
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 3),
        layers.Flatten(),
        layers.Dense(3),
    ),
    "spectral": lambda: stack(
        VECTOR, layers.SpectralNormalization(layers.Dense(6)), layers.UnitNormalization(), layers.Dense(3)
    ),
    "einsum": lambda: stack(
        (5, 4), layers.EinsumDense("abc,cd->abd", output_shape=(5, 6), bias_axes="d"), layers.Flatten(), layers.Dense(3)
    ),
    "constraint": lambda: stack(
        VECTOR, layers.Dense(6, "softplus", kernel_constraint="max_norm"), layers.RMSNormalization(), layers.Dense(3)
    ),
    "normalized_input": lambda: stack(
        VECTOR, layers.Normalization(mean=[0.0] * 8, variance=[4.0] * 8), layers.Dense(6, "relu"), layers.Dense(3)
    ),
    "ops_model": lambda: graph(
        VECTOR,
        lambda x: layers.Dense(3)(ops.sin(layers.Dense(5)(x)) * ops.sigmoid(x[:, :5])),
    ),
    "autoencoder": lambda: stack(
        (12, 12, 1),
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 3, 2, "same", activation="relu"),
        layers.UpSampling2D(),
        layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
    ),
    "simple_rnn": lambda: stack(SEQUENCE, layers.SimpleRNN(5), layers.Dense(3)),
    "reshape_permute": lambda: stack(
        (6, 4), layers.Permute((2, 1)), layers.Reshape((3, 8)), layers.Conv1D(4, 2), layers.Flatten(), layers.Dense(3)
    ),
    "maximum": lambda: graph(
        VECTOR, lambda x: layers.Dense(3)(layers.Maximum()([layers.Dense(5)(x), layers.Dense(5)(x)]))
    ),
    "scratch": lambda: mnist_manual_net((12, 12, 1), 10, 1),
    "half_frozen": half_frozen,
    "mobilenet": lambda: keras.applications.MobileNetV2((32, 32, 3), weights=None, classes=3, alpha=0.35),
}
