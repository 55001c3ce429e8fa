"""What an op is checked on: inputs and options drawn from a grid, and TensorFlow's own function of the same meaning."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np

from keras_suite.models.ops.op import Op

T = TypeVar("T")


class Choose(Protocol):
    """Picks one of the options: at random for a user's check, by hypothesis in the tests."""

    def __call__(self, options: Sequence[T], /) -> T: ...


@dataclass(frozen=True)
class Case:
    """An op on these float64 tensors (integers where it takes indices, None where one is left out) and options.

    `reference` takes the same tensors and gives what the op should give, by TensorFlow's own operations.
    `constant` are the positions of the tensors that have no gradient: labels, masks, indices.
    `linear_in` are the positions of the tensors in each of which the op is linear while the others stand still.
    `autodiff` is the precision in which TensorFlow can differentiate its reference on a CPU.
    `differences` is False on kinks and ties: there TensorFlow's rule counts, and a difference quotient has two sides.
    """

    op: Op
    tensors: tuple[np.ndarray | None, ...]
    reference: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    constant: tuple[int, ...] = ()
    linear_in: tuple[int, ...] = ()
    autodiff: str = "float64"
    differences: bool = True


def generator(choose: Choose) -> np.random.Generator:
    """Random numbers for the tensors of a case."""
    return np.random.default_rng(choose(range(1000)))


def spaced(random: np.random.Generator, shape: Sequence[int]) -> np.ndarray:
    """A permutation of a grid spaced 0.1 around 0, without 0: no two entries tie, none is near a kink at 0.

    Steps of 1e-5 then stay on one side of every maximum, and of every kink at 0.
    """
    count = int(np.prod(shape))
    return random.permutation((np.arange(count) - count // 2 + 0.5) * 0.1).reshape(shape)
