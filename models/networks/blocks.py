"""The pieces that networks are built from, and the types and meanings of the options that they share."""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

import keras
from keras import layers
from pydantic import Field

from keras_suite.models.layers.core import ManualMaxout
from keras_suite.models.networks.layer_kinds import KERAS_LAYERS, LayerKinds
from keras_suite.models.regularizers import L1L2

ImageShape = tuple[int, int, int]
Count = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Penalty = Annotated[float, Field(ge=0)]
Activation = Literal[
    "relu", "tanh", "sigmoid", "elu", "leaky_relu", "selu", "silu", "gelu", "softplus", "softsign", "maxout", "linear"
]
Initializer = Literal[
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "zeros",
]
Spread = Annotated[float, Field(gt=0)] | None
Slope = Annotated[float, Field(ge=0, le=1)] | None
BatchNormalization = Literal["before_activation", "before_pooling", "after_pooling"] | None
Downsample = Literal["max", "average", "stride", "none"]


class PenaltyOptions(TypedDict, total=False):
    """Penalties on the kernels, see `KeyedLayers`."""

    l1: Annotated[Penalty, Field(default=0.0)]
    l2: Annotated[Penalty, Field(default=0.0)]


class KernelOptions(PenaltyOptions, total=False):
    """The initializer of all kernels."""

    initializer: Annotated[Initializer, Field(default="glorot_uniform")]


class LayerOptions(KernelOptions, total=False):
    """The activation of all layers but the last."""

    activation: Annotated[Activation, Field(default="relu")]


class SpreadLayerOptions(LayerOptions, total=False):
    """Two options that most networks do without, None for Keras's own.

    `initializer_spread` is half the width of random_uniform, the sd of random_normal and truncated_normal (0.05), and
    `negative_slope` leaky_relu's below 0 (0.2).
    """

    initializer_spread: Annotated[Spread, Field(default=None)]
    negative_slope: Annotated[Slope, Field(default=None)]


PIECES = 2  # of a maxout unit: linear channels of which the largest is its output
SPREAD_OF = {"random_uniform": "half the width", "random_normal": "the sd", "truncated_normal": "the sd"}


@dataclass(frozen=True)
class KeyedLayers:
    """Adds layers to a tensor, all with one activation, initializer and penalty.

    The penalty is l1 * sum |w| + l2 * sum w^2 over every entry of every convolution and dense kernel, with no factor
    1/2 (textbooks often have one). Biases and batch-normalisation parameters are left out.

    Random numbers (initial weights, dropout masks) are keyed by `seed` and the layer's name alone. So networks that
    share a layer start with the same weights in it, whatever else differs: variants of an experiment are compared
    from the same start. Layers of one network need different names.

    `spread` is half the width of the initializer random_uniform, and the standard deviation of random_normal and
    truncated_normal; None is Keras's 0.05. `slope` is leaky_relu's below 0; None is Keras's 0.2. The activation
    "maxout" takes the largest of two linear channels for each filter or unit (Goodfellow et al. 2013): twice the
    weights.
    """

    activation: str
    initializer: str
    l1: float
    l2: float
    seed: int
    kinds: LayerKinds = KERAS_LAYERS
    spread: Spread = None
    slope: Slope = None

    def conv(
        self,
        x: Any,
        filters: int,
        kernel_size: int,
        *,
        name: str,
        strides: int = 1,
        padding: str = "valid",
        dilation_rate: int = 1,
        normalised: bool = False,
        shortcut: Any = None,
    ) -> Any:
        """Apply Conv2D and its activation: (B, H, W, C) -> (B, H', W', filters).

        A `shortcut` (B, H', W', filters) is added before the activation (He et al. 2015), and after a normalisation.
        """
        options = self._options(name, normalised)
        if dilation_rate > 1:
            options["dilation_rate"] = dilation_rate
        if shortcut is None:
            x = self.kinds.conv2d(filters * self._pieces, kernel_size, strides, padding, name=name, **options)(x)
            return self._activated(x, name, normalised)
        options.pop("activation", None)
        x = self.kinds.conv2d(filters, kernel_size, strides, padding, name=name, **options)(x)
        if normalised:
            x = self.batch_normalization(x, name=f"{name}_normalization")
        return self.activated(layers.Add(name=f"{name}_shortcut")([x, shortcut]), name)

    def conv_transpose(self, x: Any, filters: int, kernel_size: int, *, name: str, strides: int) -> Any:
        """Apply Conv2DTranspose and its activation: (B, H, W, C) -> (B, H * strides, W * strides, filters)."""
        pieces, options = filters * self._pieces, self._options(name, False)
        x = self.kinds.conv2d_transpose(pieces, kernel_size, strides, padding="same", name=name, **options)(x)
        return self._activated(x, name, False)

    def depthwise(self, x: Any, kernel_size: int, *, name: str, strides: int = 1) -> Any:
        """Apply DepthwiseConv2D without penalty, normalisation and activation: (B, H, W, C) -> (B, H', W', C)."""
        options = {"depth_multiplier": self._pieces, "use_bias": False, "name": name}
        options["depthwise_initializer"] = self.kernel_options(name)["kernel_initializer"]
        x = self.kinds.depthwise_conv2d(kernel_size, strides, "same", **options)(x)
        return self._activated(x, name, True)

    def maps(self, x: Any, channels: int, kernel_size: int, *, name: str, dtype: str | None = None) -> Any:
        """Apply a convolution without activation, for codes, pixels, logits: (B, H, W, C) -> (B, H, W, channels)."""
        options = self.kernel_options(name)
        return self.kinds.conv2d(channels, kernel_size, padding="same", dtype=dtype, name=name, **options)(x)

    def dense(self, x: Any, units: int, *, name: str, normalised: bool = False) -> Any:
        """Apply Dense and its activation: (B, n) -> (B, units)."""
        x = self.kinds.dense(units * self._pieces, name=name, **self._options(name, normalised))(x)
        return self._activated(x, name, normalised)

    def logits(self, x: Any, classes: int) -> Any:
        """Apply the last Dense layer, without activation: (B, n) -> (B, classes), float32 under every policy."""
        return self.kinds.dense(classes, dtype="float32", name="logits", **self.kernel_options("logits"))(x)

    def dropout(self, x: Any, rate: float, *, name: str) -> Any:
        """Apply dropout (Srivastava et al. 2014); no layer at all at rate 0."""
        return self.kinds.dropout(rate, seed=self.seed_of(name), name=name)(x) if rate else x

    def batch_normalization(self, x: Any, *, name: str) -> Any:
        """Normalise each channel (Ioffe and Szegedy 2015), with Keras's epsilon 1e-3 and PyTorch's momentum.

        Under Keras's own momentum 0.99 the moving statistics that validation uses are far off for hundreds of steps:
        on 800 digits (25 steps per epoch) validation accuracy stood near chance until early stopping had given up.
        """
        return self.kinds.batch_normalization(momentum=0.9, name=name)(x)

    def pool(self, x: Any, downsample: Downsample, *, name: str, pool_size: int = 2) -> Any:
        """Pool with stride 2; "stride" and "none" pool nothing. An odd last row or column is left out of 2x2."""
        pooling = {"max": self.kinds.max_pooling2d, "average": self.kinds.average_pooling2d}
        return pooling[downsample](pool_size, 2, name=name)(x) if downsample in pooling else x

    def flatten(self, x: Any) -> Any:
        """Reshape (B, H, W, C) -> (B, H * W * C)."""
        return self.kinds.flatten(name="flatten")(x)

    @property
    def _pieces(self) -> int:
        return PIECES if self.activation == "maxout" else 1

    @property
    def _is_a_layer(self) -> bool:
        """Whether the activation is a layer of its own, as Keras's name for it takes no options."""
        return self.activation == "maxout" or self.slope is not None

    def _options(self, name: str, normalised: bool) -> dict[str, Any]:
        # Normalisation subtracts the mean, and with it any bias added just before.
        own = "linear" if self._is_a_layer else self.activation
        shape = {"use_bias": False} if normalised else {"activation": own}
        return self.kernel_options(name) | shape

    def _activated(self, x: Any, name: str, normalised: bool) -> Any:
        """Apply to x what the layer itself leaves to do."""
        if normalised:
            x = self.batch_normalization(x, name=f"{name}_normalization")
        return self.activated(x, name) if normalised or self._is_a_layer else x

    def activated(self, x: Any, name: str) -> Any:
        """Apply the activation as a layer of its own, after the layer of that name."""
        if self.activation == "maxout":
            return ManualMaxout(PIECES, name=f"{name}_maxout")(x)
        if self.slope is not None:
            return layers.LeakyReLU(self.slope, name=f"{name}_activation")(x)
        return self.kinds.activation(self.activation, name=f"{name}_activation")(x)

    def kernel_options(self, name: str) -> dict[str, Any]:
        """Return the initializer and the penalty of the kernels of the layer of that name."""
        config: dict[str, Any] = {} if self.initializer == "zeros" else {"seed": self.seed_of(name)}
        initializer = keras.initializers.get({"class_name": self.initializer, "config": config | self._range()})
        penalised = self.l1 > 0 or self.l2 > 0
        regularizer = L1L2(self.l1, self.l2) if penalised else None
        return {"kernel_initializer": initializer, "kernel_regularizer": regularizer}

    def _range(self) -> dict[str, float]:
        """Return the initializer's own arguments for its spread."""
        if self.spread is None:
            return {}
        if self.initializer == "random_uniform":
            return {"minval": -self.spread, "maxval": self.spread}
        return {"stddev": self.spread}

    def seed_of(self, name: str) -> int:
        """Return the seed of a layer, or of another source of random numbers, by its name."""
        return zlib.crc32(f"{self.seed}/{name}".encode()) & 0x7FFFFFFF  # hash() differs from process to process


def keyed_layers(
    seed: int,
    kinds: LayerKinds = KERAS_LAYERS,
    *,
    activation: str = "relu",
    initializer: str = "glorot_uniform",
    initializer_spread: Spread = None,
    negative_slope: Slope = None,
    l1: float = 0.0,
    l2: float = 0.0,
) -> KeyedLayers:
    """Create the KeyedLayers of a run's seed, with the options above.

    No global generator is used: a worker's other threads sample from those, too.

    Raises:
        ValueError: for a spread that the initializer does not have, or a slope that the activation does not have.
    """
    if negative_slope is not None and activation != "leaky_relu":
        raise ValueError(
            f"model.negative_slope={negative_slope:g} does not go with model.activation={activation}, which has no "
            "such slope: leave it out, or set model.activation=leaky_relu"
        )
    if initializer_spread is not None and initializer not in SPREAD_OF:
        able = ", ".join(f"{name} ({what})" for name, what in SPREAD_OF.items())
        raise ValueError(
            f"model.initializer_spread={initializer_spread:g} does not go with model.initializer={initializer}, "
            f"which has a spread of its own: leave it out, or choose {able}"
        )
    own = random.Random(seed).randrange(2**31)
    return KeyedLayers(activation, initializer, l1, l2, own, kinds, initializer_spread, negative_slope)


def images(input_shape: ImageShape) -> tuple[Any, Any]:
    """Return the input tensor for float32 pixels 0..255 of (height, width, channels), and the pixels scaled to 0..1."""
    inputs = keras.Input(input_shape, name="images")
    return inputs, layers.Rescaling(1 / 255, name="scale")(inputs)


def per_item(value: int | Sequence[int], count: int, option: str, of: str) -> Sequence[int]:
    """Return one number for each of `count` items: `value` itself, or repeated.

    Raises:
        ValueError: if a list's length differs from `count`.
    """
    if isinstance(value, int):
        return (value,) * count
    if len(value) != count:
        raise ValueError(
            f"model.{option}={list(value)} has {len(value)} numbers and model.{of}={count}: "
            f"give one number, or one for each of the {of.replace('_', ' ')}"
        )
    return value
