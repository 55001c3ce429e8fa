"""Deliberately wrong versions of a backward pass: a check that passes must notice every one of them.

Each is a slip that people make: a factor, a sign, axes taken for each other or turned round, an entry left at 0, a mean
for a sum, two gradients in each other's place, or the incoming gradient dy left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from keras_suite.models.gradient_check.own_check import Evidence, compare

CHANGED = 5e-3  # of the largest entry: what changes less is no other gradient (an op whose gradient is symmetric, say)
SMALLEST = 1e-2  # of the largest entry, of those that are left at 0

Gradients = list[np.ndarray | None]


@dataclass(frozen=True)
class Version:
    """A wrong version, and whether the check noticed it."""

    slip: str
    noticed: bool


def wrong_versions(of: Sequence[Evidence]) -> list[Version]:
    """Return every wrong version of a backward pass that passed, and whether it was noticed in any of the draws.

    Args:
        of: The evidence of each draw. A version that gives the same gradients in all of them is none.
    """
    noticed: dict[str, bool] = {}
    for each in of:
        right = each.gradients()
        for slip, gradients in [*_spoilt(each, right), *_without_dy(each)]:
            if _differs(each, right, gradients):
                seen = any(row.wrong is not None for row in compare(each, gradients))
                noticed[slip] = noticed.get(slip, False) or seen
    return [Version(slip, seen) for slip, seen in noticed.items()]


def _spoilt(of: Evidence, right: Gradients) -> Iterator[tuple[str, Gradients]]:
    names = of.passes.parameters
    for position, gradient in enumerate(right):
        if gradient is None:
            continue
        for slip, spoilt in _of_tensor(gradient, of.chosen[position]):
            yield f"{names[position]} {slip}", [*right[:position], spoilt, *right[position + 1 :]]
        if names[position] not in of.passes.constants:
            yield f"{names[position]} forgotten", [*right[:position], None, *right[position + 1 :]]
    for one, other in combinations(range(len(right)), 2):
        first, second = right[one], right[other]
        if first is not None and second is not None and first.shape == second.shape:
            swapped = list(right)
            swapped[one], swapped[other] = second, first
            yield f"{names[one]} and {names[other]} in each other's place", swapped


def _of_tensor(gradient: np.ndarray, chosen: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    yield "times 1.01", 1.01 * gradient
    yield "negated", -gradient
    if gradient.ndim and gradient.shape[0] > 1:
        yield "divided by its first size", gradient / gradient.shape[0]
    for axis, size in enumerate(gradient.shape):
        if size > 1:
            yield f"turned round along axis {axis}", np.flip(gradient, axis)
    for one, other in combinations(range(gradient.ndim), 2):
        if gradient.shape[one] == gradient.shape[other] > 1:
            yield f"with axes {one} and {other} swapped", np.swapaxes(gradient, one, other)
    sizes = np.abs(gradient.ravel()[chosen])
    counting = chosen[sizes >= SMALLEST * sizes.max()] if sizes.size else chosen
    if counting.size:
        smallest = counting[np.argmin(np.abs(gradient.ravel()[counting]))]
        spoilt = gradient.copy()
        spoilt.flat[smallest] = 0
        yield "with one entry 0", spoilt


def _without_dy(of: Evidence) -> Iterator[tuple[str, Gradients]]:
    """Run the backward pass itself with another dy than the one that came."""
    yield "dy left out", of.gradients(dy=np.ones_like(of.dy))
    for axis, size in enumerate(of.dy.shape):
        if size > 1:
            yield f"dy turned round along axis {axis}", of.gradients(dy=np.flip(of.dy, axis).copy())


def _differs(of: Evidence, right: Gradients, spoilt: Gradients) -> bool:
    """Return whether a version changes a gradient at an entry that is compared."""
    for before, after, chosen in zip(right, spoilt, of.chosen, strict=True):
        if before is not None and chosen.size:
            entries, others = before.ravel()[chosen], 0.0 if after is None else after.ravel()[chosen]
            if np.max(np.abs(entries - others)) > CHANGED * max(np.max(np.abs(entries)), 1e-9):
                return True
    return False
