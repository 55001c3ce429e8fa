"""What all hand-derived layers share: they are chains of ops, run either under autodiff or entirely by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.ops.op import Op

PACKAGE = "models"  # under which the layers are registered for saving


@dataclass(frozen=True)
class Step:
    """One op of a layer: beside its input it takes these variables or tensors (None where one is left out)."""

    op: Op
    tensors: Sequence[Any] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


class ManualLayer(keras.layers.Layer):
    """A Keras layer that is a chain of ops. `call` is for Keras and its autodiff, which meets only hand-derived
    gradients; `forward` and `backward` are for training without any autodiff (models/scratch_model.py).
    """

    def steps(self, x: tf.Tensor, training: bool) -> Sequence[Step]:
        """The ops that x goes through, in order."""
        raise NotImplementedError

    def taken(self, step: Step, y: Any) -> tf.Tensor:
        """What goes on from an op's result; layers with statistics take them from here."""
        return y

    def call(self, x: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        for step in self.steps(x, bool(training)):
            x = self.taken(step, step.op(x, *step.tensors, **step.options))
        return x

    def forward(self, x: tf.Tensor, training: bool) -> tuple[tf.Tensor, list[tuple[Step, Any]]]:
        """The same result as `call`, and each step with the cache that its backward pass needs."""
        x, done = tf.cast(x, self.compute_dtype), []
        for step in self.steps(x, training):
            y, cache = step.op.forward(x, *map(self._as_computed, step.tensors), **step.options)
            x = self.taken(step, y)
            done.append((step, cache))
        return x, done

    def backward(
        self, dy: tf.Tensor, done: Sequence[tuple[Step, Any]]
    ) -> tuple[tf.Tensor, list[tuple[Any, tf.Tensor]]]:
        """The loss's gradient with respect to the layer's input, and with respect to each of its variables."""
        dy, gradients = tf.cast(dy, self.compute_dtype), []
        for step, cache in reversed(done):
            dy, *others = step.op.backward(dy, cache)
            gradients += [(t, g) for t, g in zip(step.tensors, others, strict=True) if g is not None]
        return dy, gradients

    def _as_computed(self, tensor: Any) -> tf.Tensor | None:
        """A variable's value in the layer's precision, as Keras gives it inside a call."""
        if tensor is None:
            return None
        value = tf.convert_to_tensor(tensor)
        return tf.cast(value, self.compute_dtype) if isinstance(tensor, keras.Variable) else value
