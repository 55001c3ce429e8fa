"""A sweep's space as its journal describes it, in KerasTuner's terms: the values that could be tried, and when."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keras_suite.tasks.wording.quantities import listed

EPOCHS = "tuner/epochs"  # what Hyperband adds to the values of a trial
MOST_STEPS = 8
Value = str | int | float | bool


@dataclass(frozen=True)
class Hyperparameter:
    """A number from `low` to `high`, or one of `choices`; a range in few steps is choices, too.

    Attributes:
        log: Whether numbers are sampled on a logarithmic scale.
        conditions: The values that other hyperparameters must have for this one to be active.
    """

    name: str
    low: float | None
    high: float | None
    log: bool
    choices: tuple[Value, ...]
    conditions: tuple[tuple[str, tuple[Value, ...]], ...]

    @property
    def ordered(self) -> bool:
        """Whether its values are numbers, also where only some of them can be chosen."""
        return not self.choices or all(
            isinstance(choice, int | float) and not isinstance(choice, bool) for choice in self.choices
        )

    def position(self, value: Value) -> float:
        """Return the value's position, 0 to 1, on its sampling scale; choices at equal distances."""
        if self.choices:
            return self.choice(value) / max(1, len(self.choices) - 1)
        assert self.low is not None and self.high is not None
        scale = math.log if self.log else float
        low, high, here = scale(self.low), scale(self.high), scale(float(value))
        return (here - low) / (high - low) if high > low else 0.5

    def choice(self, value: Value) -> int:
        """Return the index of the choice; of numbers the nearest, as steps are added with rounding errors."""
        if not self.ordered:
            return self.choices.index(value)
        return min(range(len(self.choices)), key=lambda k: abs(float(self.choices[k]) - float(value)))

    def in_words(self) -> str:
        """Return what it could be, as a reader reads it: "0.0003 to 0.03, logarithmic"."""
        if self.choices:
            span = ", ".join(shown(choice) for choice in self.choices)
        else:
            span = f"{shown(self.low)} to {shown(self.high)}{', logarithmic' if self.log else ''}"
        return span + self.active_in_words()

    def active_in_words(self) -> str:
        """Return when it is active, to be added to something: "; active at penalty = l1", or nothing for always."""
        at = [f"{name} = {' or '.join(shown(value) for value in values)}" for name, values in self.conditions]
        return f"; active at {listed(at)}" if at else ""


def hyperparameters(space: Sequence[Mapping[str, Any]], rules: int = 2) -> tuple[Hyperparameter, ...]:
    """Return the space of a journal's terms, without what is fixed; a hyperparameter of an unknown kind is a
    ValueError.

    Args:
        space: The hyperparameters' configs.
        rules: The version of the oracles: by the first, rounding could cost a range in steps its end.
    """
    return tuple(
        _hyperparameter(each["class_name"], each["config"], rules) for each in space if each["class_name"] != "Fixed"
    )


def _hyperparameter(kind: str, config: Mapping[str, Any], rules: int) -> Hyperparameter:
    choices = {"Choice": tuple(config.get("values", ())), "Boolean": (False, True)}.get(kind, ())
    choices = choices or _steps(config, rules)
    if not choices and not {"min_value", "max_value"} <= config.keys():
        raise ValueError(f"the journal holds a hyperparameter of an unknown kind, {kind} ({config.get('name')})")
    conditions = tuple(
        (each["config"]["name"], tuple(each["config"]["values"])) for each in config.get("conditions") or ()
    )
    return Hyperparameter(
        name=config["name"],
        low=config.get("min_value"),
        high=config.get("max_value"),
        log=config.get("sampling") in ("log", "reverse_log"),
        choices=choices,
        conditions=conditions,
    )


def _steps(config: Mapping[str, Any], rules: int) -> tuple[Value, ...]:
    """Return a range in a few equal steps, as the choices that it is; empty for other ranges."""
    low, high, step = (config.get(key) for key in ("min_value", "max_value", "step"))
    if low is None or high is None or not step or config.get("sampling") not in (None, "linear"):
        return ()
    count = (math.floor((high - low) / step + 1e-8) if rules > 1 else int((high - low) // step)) + 1
    return tuple(low + k * step for k in range(count)) if count <= MOST_STEPS else ()


def shown(value: Any) -> str:
    """Return a value as a person types it: 0.001235, 64, true, adam."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def settings(values: Mapping[str, Any]) -> str:
    """Return the values of a trial in one line, each on one line with its name, without KerasTuner's own."""
    equals = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"
    return ", ".join(f"{name}{equals}{shown(value)}" for name, value in values.items() if not name.startswith("tuner/"))
