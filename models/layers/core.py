"""Layers that treat every position alike: dense, activations, dropout, flatten, addition."""

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_suite.models.hyperparameter_variables import hyperparameter
from keras_suite.models.layers.manual_layer import (
    PACKAGE,
    KernelLayer,
    ManualLayer,
    Step,
    activation_steps,
    checked_activation,
    checked_fused,
    known_channels,
)

# Models that were saved earlier name this class here.
from keras_suite.models.layers.normalization import ManualBatchNormalization as ManualBatchNormalization
from keras_suite.models.layers.spatial_layer import checked_data_format, to_channels_last
from keras_suite.models.ops.activations import maxout
from keras_suite.models.ops.checks import check_positive
from keras_suite.models.ops.core import add, dense, dropout, flatten, keep_mask


@keras.saving.register_keras_serializable(PACKAGE)
class ManualDense(KernelLayer):
    """Dense layer for (batch, ..., n), as keras.layers.Dense: y = x kernel + bias."""

    arguments = ("units",)
    passes_masks = True

    def __init__(self, units: int, activation: str | None = None, **kernel_layer: Any) -> None:
        super().__init__(activation=activation, **kernel_layer)
        check_positive("ManualDense", "units", units)
        self.units = units

    def build(self, input_shape: Sequence[int | None]) -> None:
        known_channels("ManualDense", input_shape)
        super().build(input_shape)
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: input_shape[-1]})

    def shapes(self, input_shape: Sequence[int | None]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (known_channels("ManualDense", input_shape), self.units), (self.units,)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def op_step(self, kernel: Any, bias: Any) -> Step:
        return Step(dense, (kernel, bias))


@keras.saving.register_keras_serializable(PACKAGE)
class ManualActivation(ManualLayer):
    """An activation by its name, see `ACTIVATIONS`; `options` are its op's, as {"negative_slope": 0.1}.

    For `fused` see `KernelLayer`.
    """

    arguments = ("activation", "options", "fused")
    passes_masks = True

    def __init__(
        self, activation: str, options: Mapping[str, Any] | None = None, *, fused: bool = False, **layer: Any
    ) -> None:
        super().__init__(**layer)
        self.activation = checked_activation("ManualActivation", activation)
        self.options, self.fused = dict(options or {}), checked_fused("ManualActivation", fused)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        steps = activation_steps(self.activation, self.fused)
        return [Step(step.op, options={**step.options, **self.options}) for step in steps]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualMaxout(ManualLayer):
    """The maximum over groups of `pieces` neighbouring channels (Goodfellow et al. 2013)."""

    arguments = ("pieces",)

    def __init__(self, pieces: int, **layer: Any) -> None:
        super().__init__(**layer)
        check_positive("ManualMaxout", "pieces", pieces)
        self.pieces = pieces

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(maxout, options={"pieces": self.pieces})]

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        channels = known_channels("ManualMaxout", input_shape)
        if channels % self.pieces:
            raise ValueError(f"ManualMaxout: {channels} channels are no multiple of pieces={self.pieces}")
        return (*input_shape[:-1], channels // self.pieces)


@keras.saving.register_keras_serializable(PACKAGE)
class Dropout(keras.layers.Dropout):
    """Dropout as keras.layers.Dropout (Srivastava et al. 2014), but with the rate in a variable.

    See models/hyperparameter_variables.py. Keras's own fails with a variable for a rate. `rate` is above 0.
    """

    def __init__(self, rate: float, seed: int | None = None, **layer: Any) -> None:
        super().__init__(rate, seed=seed, **layer)
        if not 0 < rate < 1:
            raise ValueError(f"Dropout: rate={rate!r} is not possible: expected 0 < rate < 1, or no such layer")
        self.hyperparameters = (hyperparameter(rate),)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        rate = ops.cast(self.hyperparameters[0], inputs.dtype)
        uniform = keras.random.uniform(ops.shape(inputs), dtype=inputs.dtype, seed=self.seed_generator)
        return ops.where(uniform >= rate, inputs / (1 - rate), ops.zeros_like(inputs))


@keras.saving.register_keras_serializable(PACKAGE)
class ManualDropout(ManualLayer):
    """Dropout as keras.layers.Dropout: in training each value is zeroed with probability `rate`, others are scaled up.

    They are multiplied by 1 / (1 - rate). Along an axis of size 1 in `noise_shape` all values share their fate; None
    there is the input's size. The mask is sampled from a seed of two numbers that moves on with every batch
    and is saved with the model.
    """

    arguments = ("rate", "seed", "noise_shape")
    passes_masks = True

    def __init__(
        self, rate: float, seed: int | None = None, *, noise_shape: Sequence[int | None] | None = None, **layer: Any
    ) -> None:
        super().__init__(**layer)
        if not 0 <= rate < 1:
            raise ValueError(f"ManualDropout: rate={rate!r} is not possible: expected 0 <= rate < 1")
        if noise_shape is not None:
            if not isinstance(noise_shape, list | tuple):
                raise ValueError(
                    f"ManualDropout: noise_shape={noise_shape!r} is not possible: expected a tuple of sizes"
                )
            for size in noise_shape:
                if size is not None:
                    check_positive("ManualDropout", f"a size of noise_shape={noise_shape!r}", size)
        self.rate, self.seed = rate, seed
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        if not training or not self.rate:
            return []
        shape = tf.shape(x)
        if self.noise_shape is None:
            mask = keep_mask(shape, self.rate, self.seed_generator.next(), x.dtype)
        else:
            sizes = [shape[axis] if size is None else size for axis, size in enumerate(self.noise_shape)]
            mask = tf.broadcast_to(keep_mask(tf.stack(sizes), self.rate, self.seed_generator.next(), x.dtype), shape)
        return [Step(dropout, (mask,), {"rate": self.rate})]


@keras.saving.register_keras_serializable(PACKAGE)
class ManualFlatten(ManualLayer):
    """(batch, ...) -> (batch, all the rest in row-major order), as keras.layers.Flatten.

    With `data_format="channels_first"` the input's second axis is made its last one first; None is Keras's default.
    """

    arguments = ("data_format",)

    def __init__(self, *, data_format: str | None = None, **layer: Any) -> None:
        super().__init__(**layer)
        self.data_format = checked_data_format("ManualFlatten", data_format)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        first = self.data_format == "channels_first" and x.shape.rank > 2
        return [*([to_channels_last(x.shape.rank)] if first else []), Step(flatten)]

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        sizes = [size for size in input_shape[1:] if size is not None]
        return (input_shape[0], math.prod(sizes) if len(sizes) == len(input_shape) - 1 else None)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Create the layer; of those saved before there was a choice the channels are last."""
        return super().from_config({"data_format": "channels_last", **config})


@keras.saving.register_keras_serializable(PACKAGE)
class ManualAdd(keras.layers.Layer):
    """The sum of tensors of one shape, as at the end of a residual block; called on [a, b], or more of them."""

    def __init__(self, **layer: Any) -> None:
        super().__init__(**layer)
        self.supports_masking = True

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        tensors = map(tf.convert_to_tensor, self._checked(inputs))
        total, *others = [x if x.dtype.is_floating else tf.cast(x, self.compute_dtype) for x in tensors]
        for other in others:
            total = add(total, other)
        return total

    def compute_output_shape(self, input_shape: Sequence[Sequence[int | None]]) -> tuple[int | None, ...]:
        shapes = self._checked([tuple(shape) for shape in input_shape])
        known = [next((n for n in sizes if n is not None), None) for sizes in zip(*shapes, strict=False)]
        fits = all(
            len(shape) == len(known) and all(n in (None, k) for n, k in zip(shape, known, strict=True))
            for shape in shapes
        )
        if not fits:
            raise ValueError(
                f"ManualAdd: the shapes {' and '.join(map(str, shapes))} differ: expected tensors of one shape"
            )
        return tuple(known)

    def compute_mask(self, inputs: Sequence[Any], previous_mask: Any = None) -> Any:
        """Return a mask that leaves in what any of the tensors' masks leave in; None if there are none."""
        if previous_mask is None:
            return None
        if not isinstance(previous_mask, list | tuple) or len(previous_mask) != len(self._checked(inputs)):
            raise ValueError("ManualAdd: expected a list of masks, one or None for each of the tensors")
        if any(mask is None for mask in previous_mask):
            return None
        return functools.reduce(ops.logical_or, previous_mask)

    def _checked(self, inputs: Any) -> Any:
        if not isinstance(inputs, list | tuple) or len(inputs) < 2:
            raise ValueError("ManualAdd: expected a list of two tensors or more, as layer([a, b])")
        return inputs
