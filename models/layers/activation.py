"""Hand-derived activations, as layers and by name inside other layers."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer, Step
from keras_suite.models.ops import activations, maxout, softmax
from keras_suite.models.ops.op import Op

ACTIVATIONS: Mapping[str, Op] = {
    "sigmoid": activations.sigmoid,
    "tanh": activations.tanh,
    "relu": activations.relu,
    "leaky_relu": activations.leaky_relu,
    "elu": activations.elu,
    "softmax": softmax.softmax,
}


def activation_steps(name: str | None) -> list[Step]:
    """The step of an activation, none for "linear" or None."""
    return [] if name in (None, "linear") else [Step(ACTIVATIONS[name])]


def checked_activation(layer: str, name: str | None) -> str | None:
    """`name`; ValueError if no hand-derived activation is called so."""
    if name in (None, "linear") or name in ACTIVATIONS:
        return name
    raise ValueError(
        f"{layer}: activation={name!r} has no hand-derived gradient: expected None or one of "
        f"{', '.join(map(repr, ('linear', *ACTIVATIONS)))}"
    )


@keras.saving.register_keras_serializable(PACKAGE)
class ManualActivation(ManualLayer):
    """An activation by its name, see `ACTIVATIONS`; `options` are its op's, as {"negative_slope": 0.1}."""

    def __init__(self, activation: str, options: Mapping[str, Any] | None = None, **layer: Any) -> None:
        super().__init__(**layer)
        self.activation = checked_activation("ManualActivation", activation)
        self.options = dict(options or {})

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(step.op, options=self.options) for step in activation_steps(self.activation)]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": self.activation, "options": self.options}


@keras.saving.register_keras_serializable(PACKAGE)
class ManualMaxout(ManualLayer):
    """The maximum over groups of `pieces` neighbouring channels (Goodfellow et al. 2013)."""

    def __init__(self, pieces: int, **layer: Any) -> None:
        super().__init__(**layer)
        self.pieces = pieces

    def steps(self, x: tf.Tensor, training: bool) -> list[Step]:
        return [Step(maxout.maxout, options={"pieces": self.pieces})]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pieces": self.pieces}
