"""What the page's operations compute is what Keras computes, for each kind of layer and its options."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.live.draft import ACTIVATIONS, Unsupported
from keras_suite.experiments.inspecting.live.operations import drafts_of, kinds_of_layers
from keras_suite.models.layers import convolution, core, normalization, pooling, separable_convolution
from tests.experiments.inspecting.live.conftest import OpenLive

Body = Callable[[Any], Any]


def classifier(body: Body, size: tuple[int, int, int] = (9, 11, 3)) -> keras.Model:
    """A network whose weights are all random, moving statistics too; its images are scaled to about 1."""
    images = keras.Input(size, name="images")
    x = body(layers.Rescaling(1 / 64, offset=-2, name="scale")(images))
    model = keras.Model(images, layers.Dense(4, name="logits")(layers.Flatten(name="flat")(x)))
    random = np.random.default_rng(5)
    for variable in model.variables:
        values = random.normal(0, 0.3, variable.shape)
        variable.assign(np.abs(values) + 0.1 if "variance" in variable.path else values)
    return model


def sequence(*parts: Any) -> Body:
    def body(x: Any) -> Any:
        for part in parts:
            x = part(x)
        return x

    return body


def residual(x: Any) -> Any:
    x = layers.Conv2D(6, 3, padding="same")(x)
    squeezed = layers.Dense(6, "sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    y = layers.Multiply()([squeezed, x])
    return layers.Concatenate()([layers.Add()([x, y, x]), layers.Average()([x, y]), layers.Maximum()([y, x])])


def minima(x: Any) -> Any:
    x = core.ManualDense(6)(x)
    shifted = layers.Subtract()([x, layers.ELU(0.5)(x)])
    return core.ManualAdd()([layers.Minimum()([x, shifted]), shifted])


BODIES: dict[str, Body] = {
    "strides and same padding": sequence(
        layers.Conv2D(4, (3, 2), strides=(2, 3), padding="same", activation="relu"), layers.BatchNormalization()
    ),
    "dilation and groups": sequence(
        layers.Conv2D(6, 3, dilation_rate=2), layers.Conv2D(4, 2, groups=2, activation="tanh", use_bias=False)
    ),
    "depthwise and separable": sequence(
        layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu6"),
        layers.SeparableConv2D(5, 3, strides=2, padding="same", depth_multiplier=2, activation="elu"),
    ),
    "pooling over edges": sequence(
        layers.MaxPooling2D(2, padding="same"), layers.AveragePooling2D(3, strides=2, padding="same")
    ),
    "global pooling": sequence(layers.Conv2D(5, 3), layers.GlobalMaxPooling2D()),
    "residual and squeezed": residual,
    "minimum and difference": minima,
    "padding, cropping, upsampling": sequence(
        layers.ZeroPadding2D(((1, 2), (0, 3))), layers.Cropping2D(((0, 1), (2, 1))), layers.UpSampling2D((2, 1))
    ),
    "activation layers": sequence(
        layers.ReLU(negative_slope=0.05), layers.ReLU(6), layers.LeakyReLU(0.2), layers.Softmax(), layers.Dropout(0.5)
    ),
    "normalization": sequence(layers.Normalization(mean=[1.0, 2.0, 0.5], variance=[1.0, 4.0, 0.25])),
    "hand-derived": sequence(
        convolution.ManualConv2D(6, 3, strides=2, padding=((2, 1), (0, 1)), padding_mode="reflect", flip=True),
        normalization.ManualBatchNormalization(),
        core.ManualActivation("leaky_relu", {"negative_slope": 0.1}),
        convolution.ManualConv2D(4, 2, padding="same", padding_mode="edge", groups=2, activation="elu"),
        pooling.ManualMaxPooling2D(2, 1),
        pooling.ManualUpSampling2D(2),
        core.ManualMaxout(2),
        core.ManualDropout(0.3),
        pooling.ManualAveragePooling2D((2, 1)),
        core.ManualFlatten(),
        core.ManualDense(5, "sigmoid"),
    ),
    "hand-derived, for each channel": sequence(
        separable_convolution.ManualDepthwiseConv2D(
            3, strides=2, padding="same", depth_multiplier=2, activation="relu"
        ),
        separable_convolution.ManualSeparableConv2D(5, 2, depth_multiplier=2, dilation_rate=2, activation="tanh"),
    ),
    "nested and shared": lambda x: (lambda block: block(block(x)))(
        keras.Sequential(
            [keras.Input((9, 11, 3)), layers.Conv2D(3, 3, padding="same", activation="tanh")], name="block"
        )
    ),
}


@pytest.mark.needs_chromium
@pytest.mark.parametrize("name", BODIES)
def test_the_page_computes_what_keras_computes(name: str, open_live: OpenLive) -> None:
    page = open_live(classifier(BODIES[name]))
    assert page.errors == []
    assert "computes what Keras computed" in page.evaluate("document.getElementById('check').textContent")


@pytest.mark.needs_chromium
def test_the_page_computes_every_activation_as_keras_does(open_live: OpenLive) -> None:
    def all_of_them(x: Any) -> Any:
        x = layers.Conv2D(3, 1)(x)
        return layers.Concatenate()([layers.Activation(name)(x) for name in ACTIVATIONS if name != "linear"])

    page = open_live(classifier(all_of_them, (3, 3, 3)))
    assert "computes what Keras computed" in page.evaluate("document.getElementById('check').textContent")


@pytest.mark.needs_chromium
def test_a_page_whose_weights_were_changed_says_that_it_is_wrong(open_live: OpenLive) -> None:
    page = open_live(classifier(sequence(layers.Conv2D(2, 3))))
    page.evaluate("live.network.operations.at(-1).weights.bias.fill(9)")
    page.evaluate("live.check()")
    assert "does not compute what Keras computed" in page.evaluate("document.getElementById('check').textContent")


class Doubled(layers.Dense):
    """A dense layer of somebody's own, which computes something else."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return 2 * super().call(inputs)


REFUSED: dict[str, tuple[Any, Sequence[int], str]] = {
    "a layer of one's own": (Doubled(2), (4,), "layers of the kind Doubled"),
    "channels first": (layers.MaxPooling2D(data_format="channels_first"), (4, 4, 3), "channels_first"),
    "another axis": (layers.BatchNormalization(axis=1), (4, 4, 3), "batch normalisation over axis 1"),
    "an activation of one's own": (layers.Dense(2, activation=keras.ops.abs), (4,), "the activation abs"),
    "bilinear upsampling": (layers.UpSampling2D(interpolation="bilinear"), (4, 4, 3), "bilinear"),
    "a threshold": (layers.ReLU(threshold=1.0), (4,), "threshold"),
    "recurrent": (layers.LSTM(2), (4, 3), "layers of the kind LSTM"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_operation_is_refused_by_name(name: str) -> None:
    layer, shape, said = REFUSED[name]
    output = layer(np.zeros((1, *shape), np.float32))
    with pytest.raises(Unsupported, match=said):
        drafts_of(layer, [tuple(shape)], tuple(output.shape[1:]))


def test_the_layers_that_have_operations_are_named() -> None:
    assert {"Conv2D", "ManualConv2D", "Dense", "SeparableConv2D"} <= set(kinds_of_layers())
