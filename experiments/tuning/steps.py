"""Float ranges with a step whose last value is their end, as declared: 0.1, 0.2, 0.3 and not 0.1, 0.2.

KerasTuner divides without tolerance, so rounding costs some ranges their end: (0.3 - 0.1) // 0.1 is 1. It also adds
steps up to 0.30000000000000004, which a part that allows 0.3 at most would refuse.
"""

import math
from typing import Any

import keras_tuner
from keras_tuner import HyperParameters

TOLERANCE = 1e-8  # in steps; KerasTuner's own for logarithmic ranges
DIGITS = 12


class Float(keras_tuner.engine.hyperparameters.Float):
    """A range in steps, with KerasTuner's name and arithmetic but for the rounding: its copies are made by name."""

    def _get_n_values(self) -> int:
        if self.sampling == "linear":
            return math.floor((self.max_value - self.min_value) / self.step + TOLERANCE) + 1
        return super()._get_n_values()

    def _get_value_by_index(self, index: int) -> float:
        value = super()._get_value_by_index(index)
        for end in (self.min_value, self.max_value):
            if math.isclose(value, end, rel_tol=1e-9, abs_tol=1e-9 * (self.max_value - self.min_value)):
                return end
        return float(f"{value:.{DIGITS}g}")

    def _to_prob_with_step(self, value: float) -> float:
        if self.sampling == "linear":
            index = round((value - self.min_value) / self.step)
        elif self.sampling == "log":
            index = round(math.log(value / self.min_value, self.step))
        else:
            index = round(math.log((self.max_value - value + self.min_value) / self.min_value, self.step))
        return (index + 0.5) / self._get_n_values()


def reaching_ends(hyperparameters: HyperParameters) -> HyperParameters:
    """Return the same hyperparameters and values, with steps that reach the end of their range."""
    exact = HyperParameters()
    exact.values = dict(hyperparameters.values)
    exact.merge([_exact(each) for each in hyperparameters.space], overwrite=False)
    exact.values = dict(hyperparameters.values)
    return exact


def _exact(each: Any) -> Any:
    if isinstance(each, keras_tuner.engine.hyperparameters.Float) and each.step is not None:
        return Float.from_config(each.get_config())
    return each


def count_of(hyperparameter: Any) -> int | None:
    """Return how many values can be proposed, or None where a range has no steps."""
    kind = type(hyperparameter).__name__
    if kind in ("Fixed", "Boolean"):
        return 1 if kind == "Fixed" else 2
    if kind == "Choice":
        return len(hyperparameter.values)
    if hyperparameter.min_value == hyperparameter.max_value:
        return 1
    return None if hyperparameter.step is None else hyperparameter._get_n_values()  # KerasTuner has no public name


def value_at(hyperparameter: Any, index: int) -> Any:
    """Return one of the values that `count_of` counts."""
    kind = type(hyperparameter).__name__
    if kind == "Fixed":
        return hyperparameter.value
    if kind == "Boolean":
        return bool(index)
    if kind == "Choice":
        return hyperparameter.values[index]
    if hyperparameter.min_value == hyperparameter.max_value:
        return hyperparameter.min_value
    return hyperparameter._get_value_by_index(index)
