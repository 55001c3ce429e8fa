"""Which axis holds the channels: as asked for, as Keras's default says, or last in what was saved before."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.models.layers.convolution import ManualConv2D, ManualConv2DTranspose
from keras_suite.models.layers.core import ManualFlatten
from keras_suite.models.layers.pooling import ManualGlobalMaxPooling2D, ManualMaxPooling2D, ManualUpSampling2D


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ManualConv2D, layers.Conv2D),
        (ManualConv2DTranspose, layers.Conv2DTranspose),
        (ManualMaxPooling2D, layers.MaxPooling2D),
        (ManualGlobalMaxPooling2D, layers.GlobalMaxPooling2D),
        (ManualUpSampling2D, layers.UpSampling2D),
        (ManualFlatten, layers.Flatten),
    ],
)
def test_channels_first_is_the_same_layer_with_its_axes_exchanged(ours: Any, theirs: Any) -> None:
    options = {"filters": 3, "kernel_size": 2} if "Conv" in theirs.__name__ else {}
    images = np.random.default_rng(0).normal(size=(2, 6, 5, 4)).astype(np.float32)
    last, first = (ours(data_format=each, **options) for each in ("channels_last", "channels_first"))
    y, turned = last(images), first(np.moveaxis(images, -1, 1))
    first.set_weights(last.get_weights())
    turned = np.asarray(first(np.moveaxis(images, -1, 1)))
    np.testing.assert_allclose(np.moveaxis(turned, 1, -1) if turned.ndim == 4 else turned, y, atol=1e-6)
    with pytest.raises(ValueError, match="data_format='channels' is not known: expected one of 'channels_last'"):
        ours(data_format="channels", **options)


def test_without_a_word_a_layer_takes_keras_data_format_but_one_saved_before_has_its_channels_last() -> None:
    saved = ManualMaxPooling2D().get_config()
    del saved["data_format"]
    keras.config.set_image_data_format("channels_first")
    try:
        assert ManualMaxPooling2D().data_format == ManualFlatten().data_format == "channels_first"
        assert ManualMaxPooling2D.from_config(saved).data_format == "channels_last"
    finally:
        keras.config.set_image_data_format("channels_last")
