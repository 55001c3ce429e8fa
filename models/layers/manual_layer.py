"""The base classes of all hand-derived layers: chains of ops, run either under autodiff or entirely by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.ops import activations
from keras_suite.models.ops.op import Op

PACKAGE = "models"  # under which the layers are registered for saving

ACTIVATIONS: Mapping[str, Op] = {
    "sigmoid": activations.sigmoid,
    "tanh": activations.tanh,
    "relu": activations.relu,
    "leaky_relu": activations.leaky_relu,
    "elu": activations.elu,
    "softmax": activations.softmax,
}


@dataclass(frozen=True)
class Step:
    """One op of a layer.

    Attributes:
        op: the op, whose first argument is the result of the step before.
        tensors: its further arguments, variables or tensors; None where one is left out.
        options: its keyword arguments.
    """

    op: Op
    tensors: Sequence[Any] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


ASKED_FOR = ("sigmoid", "elu", "softmax")  # whose one kernel gives other last bits than the derivation


def activation_steps(name: str | None, fused: bool = False) -> list[Step]:
    """Return the step of an activation, by one of TensorFlow's kernels if `fused`; none for "linear" or None."""
    if name in (None, "linear"):
        return []
    return [Step(ACTIVATIONS[name], options={"method": "primitive"} if fused and name in ASKED_FOR else {})]


def checked_activation(layer: str, name: str | None) -> str | None:
    """Return `name`; raise ValueError if no hand-derived activation is called so."""
    if name in (None, "linear") or name in ACTIVATIONS:
        return name
    raise ValueError(
        f"{layer}: activation={name!r} has no hand-derived gradient: expected None or one of "
        f"{', '.join(map(repr, ('linear', *ACTIVATIONS)))}"
    )


def checked_fused(layer: str, fused: Any) -> bool:
    """Return `fused`; raise ValueError unless it is True or False."""
    if not isinstance(fused, bool):
        raise ValueError(f"{layer}: fused={fused!r} is not possible: expected True or False")
    return fused


def known_channels(layer: str, input_shape: Sequence[int | None]) -> int:
    """Return the size of the last axis; raise ValueError if it is open, or if there is none beside the batch's."""
    if len(input_shape) < 2 or input_shape[-1] is None:
        raise ValueError(f"{layer}: the input has shape {tuple(input_shape)}: expected a known size on its last axis")
    return input_shape[-1]


class ManualLayer(keras.layers.Layer):
    """A Keras layer that is a chain of ops.

    `call` is for Keras and its autodiff, which meets only hand-derived gradients; `forward` and `backward` are for
    training without any autodiff (models/scratch_model.py).

    Attributes:
        arguments: the constructor arguments that a class adds to those of its bases; `get_config` reads each from the
            attribute of its name. Initializers, regularizers and constraints are serialized.
        passes_masks: whether each position of the output belongs to one of the input, so that a mask stays true.
    """

    arguments: tuple[str, ...] = ()
    passes_masks = False

    def __init__(self, **layer: Any) -> None:
        super().__init__(**layer)
        self.supports_masking = self.passes_masks
        self.built = type(self).build is keras.layers.Layer.build  # nothing has to be built then

    def steps(self, x: tf.Tensor, training: bool) -> Sequence[Step]:
        """Return the ops that x goes through, in order."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Any:
        """Return the output's shape, None where the input's is open."""
        return tuple(input_shape)

    def update_statistics(self, step: Step, y: Any) -> tf.Tensor:
        """Return what the next op gets of an op's result y; layers with moving statistics update them here."""
        return y

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        x = self.computable(inputs)
        return self.through(x, self.steps(x, bool(training)))

    def computable(self, x: Any) -> tf.Tensor:
        """Return x as a tensor; whole numbers, which Keras hands on as they are, in the layer's precision."""
        if isinstance(x, tf.SparseTensor | tf.RaggedTensor):
            raise ValueError(
                f"{type(self).__name__}: the input is a {type(x).__name__}: expected a dense tensor, as "
                "tf.sparse.to_dense or .to_tensor() gives"
            )
        x = tf.convert_to_tensor(x)
        return x if x.dtype.is_floating else tf.cast(x, self.compute_dtype)

    def through(self, x: tf.Tensor, steps: Sequence[Step]) -> tf.Tensor:
        """Return what the steps make of x, one after another."""
        for step in steps:
            x = self.update_statistics(step, step.op(x, *step.tensors, **step.options))
        return x

    def forward(self, x: tf.Tensor, training: bool) -> tuple[tf.Tensor, list[tuple[Step, Any]]]:
        """Return the same result as `call`, and each step with the cache that its backward pass needs."""
        x, steps = tf.cast(x, self.compute_dtype), []
        for step in self.steps(x, training):
            y, cache = step.op.forward(x, *map(self._as_computed, step.tensors), **step.options)
            x = self.update_statistics(step, y)
            steps.append((step, cache))
        return x, steps

    def backward(
        self, dy: tf.Tensor, steps: Sequence[tuple[Step, Any]]
    ) -> tuple[tf.Tensor, list[tuple[Any, tf.Tensor]]]:
        """Return the loss's gradient with respect to the layer's input, and with respect to each of its variables.

        Args:
            dy: the gradient with respect to the layer's output.
            steps: what `forward` returned beside that output.
        """
        dy, gradients = tf.cast(dy, self.compute_dtype), []
        for step, cache in reversed(steps):
            dy, *others = step.op.backward(dy, cache)
            gradients += [(t, g) for t, g in zip(step.tensors, others, strict=True) if g is not None]
        return dy, gradients

    def get_config(self) -> dict[str, Any]:
        names = [name for kind in type(self).__mro__ for name in vars(kind).get("arguments", ())]
        return {**super().get_config(), **{name: serialized(name, getattr(self, name)) for name in names}}

    def _as_computed(self, tensor: Any) -> tf.Tensor | None:
        """Return a variable's value in the layer's precision, as Keras passes it inside a call."""
        if tensor is None:
            return None
        value = tf.convert_to_tensor(tensor)
        cast = isinstance(tensor, keras.Variable) and tensor._autocast
        return tf.cast(value, self.compute_dtype) if cast else value


def serialized(name: str, value: Any) -> Any:
    """Return the value of a constructor argument as `get_config` gives it."""
    for suffix in ("initializer", "regularizer", "constraint"):
        if name.endswith(f"_{suffix}"):
            return getattr(keras, f"{suffix}s").serialize(value)
    return value


class KernelLayer(ManualLayer):
    """A layer with weights `kernel` and, with `use_bias`, `bias`; subclasses say of which shapes, and which op.

    With `fused` one kernel of TensorFlow's does several steps: padding and convolution, or the activation sigmoid, elu
    or softmax. It is faster, and gives other last bits than without.
    """

    arguments: tuple[str, ...] = (
        "activation",
        "use_bias",
        "kernel_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "bias_regularizer",
        "kernel_constraint",
        "bias_constraint",
        "fused",
    )

    def __init__(
        self,
        *,
        activation: str | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        fused: bool = False,
        **layer: Any,
    ) -> None:
        super().__init__(**layer)
        self.activation = checked_activation(type(self).__name__, activation)
        self.fused = checked_fused(type(self).__name__, fused)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def shapes(self, input_shape: Sequence[int | None]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the kernel's and the bias's shape."""
        raise NotImplementedError

    def op_step(self, kernel: Any, bias: Any) -> Step:
        """Return the step that takes these weights."""
        raise NotImplementedError

    def build(self, input_shape: Sequence[int | None]) -> None:
        kernel_shape, bias_shape = self.shapes(input_shape)
        self.kernel = self._weight("kernel", kernel_shape)
        self.bias = self._weight("bias", bias_shape) if self.use_bias else None

    def _weight(self, name: str, shape: tuple[int, ...]) -> keras.Variable:
        parts = {part: getattr(self, f"{name}_{part}") for part in ("initializer", "regularizer", "constraint")}
        return self.add_weight(name=name, shape=shape, **parts)

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [self.op_step(self.kernel, self.bias), *activation_steps(self.activation, self.fused)]
