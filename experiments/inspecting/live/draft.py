"""An operation of the page before it is known which others it reads, and what all conversions to one share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

Shape = tuple[int, ...]  # without the batch

# By the names of Keras; all but softmax work value by value. kernels.js holds each.
ACTIVATIONS = (
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "sigmoid", "hard_sigmoid", "tanh", "softmax", "softplus",
    "softsign", "silu", "gelu", "exponential",
)  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """An operation before it is known which others it reads.

    Attributes:
        kind: Its name in kernels.js.
        shape: Of its output, without the batch.
        numbers: What it is told beside its weights, as JSON.
        weights: float32, by the names that kernels.js reads.
    """

    kind: str
    shape: Shape
    numbers: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)


class Unsupported(ValueError):
    """A layer computes something that no operation of the page does."""


Convert = Callable[[Any, Sequence[Shape], Shape], list[Draft]]  # of a built layer, its inputs' shapes and its output's


def activation_numbers(of: Any, **options: float) -> dict[str, Any]:
    """Return {"activation": its name, ...}, nothing for a linear one.

    Args:
        of: A function of Keras, or the name of a hand-derived activation.
        options: Its arguments where they are not Keras's defaults.
    """
    name = of if of is None or isinstance(of, str) else keras.activations.serialize(of)
    if name in (None, "linear"):
        return {}
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise Unsupported(f"the activation {getattr(of, '__name__', name)}")
    return {"activation": name, **options}


def float32_of(variable: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(variable), np.float32)


def kernel_and_bias(layer: Any, kernel: np.ndarray) -> dict[str, np.ndarray]:
    return {"kernel": kernel} | ({} if layer.bias is None else {"bias": float32_of(layer.bias)})
