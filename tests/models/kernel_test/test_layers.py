"""Which layers' kernels are tested: convolutions of known sizes, inside of models too."""

import keras
from keras import layers

from keras_suite.models.kernel_test.convolution import DEPTHWISE, TRANSPOSED, Convolution
from keras_suite.models.kernel_test.layers import convolutions_of
from keras_suite.models.layers.convolution import ManualConv1D, ManualConv2D, ManualConv2DTranspose
from keras_suite.models.layers.separable_convolution import ManualDepthwiseConv2D


def test_convolutions_are_found_with_what_they_ask_of_a_kernel() -> None:
    inner = keras.Sequential([keras.Input((8, 6, 2)), layers.Conv2D(4, 3, (1, 2), "same", groups=2, name="inside")])
    model = keras.Sequential(
        [keras.Input((8, 6, 2)), inner, ManualConv2D(3, 2, method="im2col", name="ours"), layers.Flatten()]
    )
    assert {layer.name: asked for layer, asked in convolutions_of(model)} == {
        "inside": Convolution((8, 6), 2, 4, (3, 3), (1, 2), (1, 1), 2, "same", "float32"),
        "ours": Convolution((8, 3), 4, 3, (2, 2), (1, 1), (1, 1), 1, "valid", "float32", "im2col"),
    }


def test_depthwise_separable_and_transposed_ones_are_found_too() -> None:
    model = keras.Sequential(
        [
            keras.Input((8, 6, 2)),
            layers.SeparableConv2D(5, 3, depth_multiplier=2, padding="same", name="separable"),
            ManualDepthwiseConv2D(3, 2, padding="same", name="depthwise"),
            layers.Conv2DTranspose(3, 2, 2, name="back"),
            ManualConv2DTranspose(4, 3, padding="same", name="ours"),
            ManualConv2DTranspose(4, 3, strides=2, output_padding=1, name="of a size of its own"),
        ]
    )
    assert {layer.name: asked for layer, asked in convolutions_of(model)} == {
        "separable": Convolution((8, 6), 2, 4, (3, 3), (1, 1), (1, 1), 2, "same", "float32", "", DEPTHWISE),
        "depthwise": Convolution((8, 6), 5, 5, (3, 3), (2, 2), (1, 1), 5, "same", "float32", "primitive", DEPTHWISE),
        "back": Convolution((4, 3), 5, 3, (2, 2), (2, 2), (1, 1), 1, "valid", "float32", "", TRANSPOSED),
        "ours": Convolution((8, 6), 3, 4, (3, 3), (1, 1), (1, 1), 1, "same", "float32", "primitive", TRANSPOSED),
    }


def test_what_says_nothing_certain_beforehand_is_left_out() -> None:
    model = keras.Sequential(
        [
            keras.Input((None, 2)),
            layers.Conv1D(4, 3),
            ManualConv1D(4, 3, padding=1),
            layers.GlobalMaxPooling1D(),
            layers.Reshape((4, 1)),
            ManualConv1D(2, 2, padding="same", padding_mode="edge"),
        ]
    )
    assert list(convolutions_of(model)) == []
