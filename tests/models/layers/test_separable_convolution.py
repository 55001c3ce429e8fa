"""Separable convolution: the one convolution that it stands for, both data formats, and what its description keeps."""

import numpy as np

from keras_suite.models.layers.convolution import ManualConv2D
from keras_suite.models.layers.separable_convolution import ManualDepthwiseConv2D, ManualSeparableConv2D

X = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype(np.float32)


def test_it_is_a_convolution_whose_kernel_is_the_product_of_both() -> None:
    layer = ManualSeparableConv2D(4, (3, 2), strides=2, padding="same", depth_multiplier=2, activation="relu")
    y = layer(X)
    depthwise, pointwise, bias = layer.get_weights()
    whole = ManualConv2D(4, (3, 2), strides=2, padding="same", activation="relu")
    whole(X)
    whole.set_weights([np.einsum("hwcm,cmk->hwck", depthwise, pointwise.reshape(3, 2, 4)), bias])
    np.testing.assert_allclose(y, whole(X), rtol=1e-4, atol=1e-5)


def test_channels_may_come_first() -> None:
    for kind in (ManualDepthwiseConv2D(3, depth_multiplier=2), ManualSeparableConv2D(4, 3)):
        last = np.asarray(kind(X))
        first = type(kind).from_config(kind.get_config() | {"data_format": "channels_first"})
        turned = np.moveaxis(X, -1, 1)
        assert first.compute_output_shape((None, *turned.shape[1:])) == (None, last.shape[3], *last.shape[1:3])
        first(turned)
        first.set_weights(kind.get_weights())
        np.testing.assert_allclose(np.moveaxis(first(turned), 1, -1), last, rtol=1e-5, atol=1e-6)
