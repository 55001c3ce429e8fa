"""A space as a unit cube: an axis for each hyperparameter, and columns of numbers for a Gaussian process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras_tuner import HyperParameters
from keras_tuner.engine.hyperparameters import Fixed

from keras_suite.experiments.tuning.steps import count_of, value_at

INACTIVE = 0.5  # where in its range an inactive number counts as; of categories none is taken


@dataclass(frozen=True)
class Axis:
    """One hyperparameter.

    Attributes:
        hyperparameter: KerasTuner's.
        count: How many values it has; None for a range without steps.
        categories: Whether its values have no order, so that each has a column.
    """

    hyperparameter: Any
    count: int | None
    categories: bool

    @property
    def width(self) -> int:
        """How many columns it has."""
        return self.count if self.categories and self.count else 1

    def index(self, places: np.ndarray) -> np.ndarray:
        """Return which of the values (n,) is at these places (n,) between 0 and 1."""
        assert self.count is not None
        return np.minimum((places * self.count).astype(int), self.count - 1)

    def columns(self, places: np.ndarray, active: np.ndarray) -> np.ndarray:
        """Return the columns (n, width); equal values are equal numbers, whatever their place."""
        if self.categories:
            return np.eye(self.width)[self.index(places)] * active[:, None]
        numbers = places if self.count is None else self.index(places) / max(1, self.count - 1)
        return np.where(active, numbers, INACTIVE)[:, None]

    def value(self, place: float) -> Any:
        """Return the value at a place between 0 and 1; a range's ends are its ends, without rounding."""
        if self.count is not None:
            return value_at(self.hyperparameter, int(self.index(np.array([place]))[0]))
        low, high = self.hyperparameter.min_value, self.hyperparameter.max_value
        return min(max(self.hyperparameter.prob_to_value(min(place, 1.0)), low), high)


class Axes:
    """All axes of a space, in its order, in which conditions stand before what depends on them."""

    def __init__(self, space: HyperParameters) -> None:
        self.all = [_axis(each) for each in space.space if not isinstance(each, Fixed)]
        self._space = space
        self._number = {axis.hyperparameter.name: number for number, axis in enumerate(self.all)}

    def __len__(self) -> int:
        return len(self.all)

    def columns(self, places: np.ndarray) -> np.ndarray:
        """Return the columns (n, columns of all axes) of points at these places (n, axes) in the cube."""
        active: list[np.ndarray] = []
        for axis in self.all:
            here = np.ones(len(places), bool)
            for condition in axis.hyperparameter.conditions:
                here &= self._holds(condition, places, active)
            active.append(here)
        parts = [axis.columns(places[:, k], active[k]) for k, axis in enumerate(self.all)]
        return np.concatenate(parts, axis=1)

    def _holds(self, condition: Any, places: np.ndarray, active: Sequence[np.ndarray]) -> np.ndarray:
        number = self._number.get(condition.name)
        if number is None or self.all[number].count is None:  # a constant, or a range that a value is seldom equal to
            return np.ones(len(places), bool)
        parent = self.all[number]
        taken = parent.index(places[:, number])
        holding = {k for k in np.unique(taken).tolist() if value_at(parent.hyperparameter, k) in condition.values}
        return np.isin(taken, list(holding)) & active[number]

    def values(self, places: Sequence[float]) -> dict[str, Any]:
        """Return the values of a point of the cube: those that are active."""
        point = dict(zip((axis.hyperparameter.name for axis in self.all), places, strict=True))
        values: dict[str, Any] = {}
        for each in self._space.space:
            if all(condition.is_active(values) for condition in each.conditions):
                fixed = isinstance(each, Fixed)
                values[each.name] = each.value if fixed else self.all[self._number[each.name]].value(point[each.name])
        return values

    def places(self, values: Mapping[str, Any]) -> list[float]:
        """Return the point of the cube with these values; what is missing is in the middle of its range."""
        here = [(axis.hyperparameter, values.get(axis.hyperparameter.name)) for axis in self.all]
        return [INACTIVE if value is None else min(max(each.value_to_prob(value), 0.0), 1.0) for each, value in here]


def _axis(hyperparameter: Any) -> Axis:
    count = count_of(hyperparameter)
    return Axis(hyperparameter, count, getattr(hyperparameter, "ordered", True) is False and (count or 0) > 2)
