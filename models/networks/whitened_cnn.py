"""A network that learns photographs in few epochs: whitened patches, then three blocks of two convolutions."""

from typing import Annotated, Any, Unpack

import keras
from keras import layers as keras_layers
from pydantic import Field

from keras_suite.models.layers.views import COUNTS, ImageViews, MeanOfViews, Views
from keras_suite.models.layers.whitening import PatchWhitening
from keras_suite.models.networks.blocks import ImageShape, KeyedLayers, LayerOptions, images, keyed_layers
from keras_suite.models.networks.layer_implementations import Layers, with_layers

FILTERS = (64, 256, 256)

Width = Annotated[float, Field(gt=0, le=4)]
LogitsScale = Annotated[float, Field(gt=0, le=1)]


def whitened_cnn(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    width: Width = 1.0,
    whitening: bool = True,
    logits_scale: LogitsScale = 1.0,
    test_views: Views = "none",
    layers: Layers = (),
    **layer_options: Unpack[LayerOptions],
) -> keras.Model:
    """Build CONV 2x2 -> [CONV -> POOL -> CONV] x 3 -> largest value of each channel -> FC, all normalised.

    In the spirit of Jordan 2024 ("94 % on CIFAR-10 in 3.29 seconds on a single GPU"): for 32x32x3 pixels and 10
    classes 1,975,106 parameters at width 1.

    Args:
        input_shape: at least 9 pixels a side.
        width: times the filters 64, 256 and 256 of the blocks, rounded, at least 1.
        whitening: whether the first convolution whitens patches and is not trained, see `PatchWhitening`; else it has
            as many filters and learns them.
        logits_scale: what the features are multiplied by before the logits. The largest of many positions is large, and
            with it the steps of the last layer under a high learning rate.
        test_views: what of an image is averaged over when the network does not train, see `ImageViews`.
        layers: kinds of layers that are hand-derived ones, or "fastest", see `layer_implementations.py`.
        **layer_options: see `LayerOptions`.
    """
    if min(input_shape[:2]) < 9:
        raise ValueError(
            f"whitened_cnn was given images of {input_shape[0]}x{input_shape[1]} pixels and halves them 3 times after "
            "patches of 2x2: set dataset.image_size to [9,9] or more"
        )
    if layer_options.get("activation") == "maxout":
        raise ValueError(
            "whitened_cnn does not go with model.activation=maxout, which halves the channels: take relu or gelu"
        )
    add = keyed_layers(seed, **layer_options)
    inputs, x = images(input_shape)
    if test_views != "none":
        x = ImageViews(test_views, name="views")(x)
    if whitening:
        x = PatchWhitening(2, name="whitening")(x)
        x = add.activated(x, "whitening")
    else:
        x = add.conv(x, 8 * input_shape[-1], 2, name="first")
    for number, filters in enumerate(FILTERS, 1):
        x = _block(add, x, max(1, round(width * filters)), f"block{number}")
    x = keras_layers.GlobalMaxPooling2D(name="pooling")(x)
    if logits_scale != 1:
        x = keras_layers.Rescaling(logits_scale, name="logits_scale")(x)
    x = add.logits(x, classes)
    if test_views != "none":
        x = MeanOfViews(COUNTS[test_views], dtype="float32", name="mean_of_views")(x)
    return with_layers(keras.Model(inputs, x, name="whitened_cnn"), layers)


def _block(add: KeyedLayers, x: Any, filters: int, name: str) -> Any:
    """Apply a block: (B, H, W, C) -> (B, H // 2, W // 2, filters). Pooling comes first, so that less is normalised."""
    for number, pooled in ((1, True), (2, False)):
        conv = f"{name}_conv{number}"
        options = add.kernel_options(conv)
        x = add.kinds.conv2d(filters, 3, padding="same", use_bias=False, name=conv, **options)(x)
        if pooled:
            x = add.pool(x, "max", name=f"{name}_pool")
        x = add.activated(add.batch_normalization(x, name=f"{conv}_normalization"), conv)
    return x
