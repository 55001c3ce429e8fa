"""What a space can propose, before the first trial: its values in words, and what is wrong with them in one line.

KerasTuner accepts all of it in silence: a default that no range holds is tried first, the second of two equal names
gets the range of the first, an end that no step reaches is never tried, and the report would show it as searched.
"""

import itertools
import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

from keras_tuner import HyperParameters
from keras_tuner.engine.hyperparameters import HyperParameter

from keras_suite.experiments.config import Space
from keras_suite.experiments.tuning.request import RULES
from keras_suite.experiments.tuning.space import overrides_of, space_to_json
from keras_suite.experiments.tuning.steps import count_of, value_at
from keras_suite.reports.sweep.hyperparameters import hyperparameters, shown

MOST_SHOWN = 12
SLOW_SECONDS = 2.0


class _Declared(HyperParameters):
    """Records what a space declares, in its order; KerasTuner keeps the first of equal names only."""

    def __init__(self) -> None:
        super().__init__()
        self.declared: list[HyperParameter] = []

    def _retrieve(self, hp: HyperParameter) -> Any:
        self.declared.append(hp)
        return super()._retrieve(hp)


def audit(space: Space, known: HyperParameters) -> list[str]:
    """Return a line for each hyperparameter with the values that trials can have.

    Args:
        space: The experiment's `space(hp)`.
        known: All of its hyperparameters, with steps that reach their ends.

    Raises:
        ValueError: If a hyperparameter cannot be meant as it is declared.
    """
    began = time.monotonic()
    _refuse_two_declarations(space)
    seconds = time.monotonic() - began
    for each in known.space:
        _refuse(each)
    slow = f"space(hp) takes {seconds:.0f} s, and each trial calls it: compute what is slow in it once, outside of it"
    return [*(f"  {line}" for line in _in_words(known)), *([slow] if seconds > SLOW_SECONDS else [])]


def _refuse_two_declarations(space: Space) -> None:
    declared = _Declared()
    overrides_of(space, declared)
    for first, second in itertools.combinations(declared.declared, 2):
        same = first.name == second.name and first.conditions == second.conditions
        if same and (type(first), first.get_config()) != (type(second), second.get_config()):
            raise ValueError(
                f"space(hp) declares {first.name!r} twice, {_declaration(first)} and {_declaration(second)}: one value "
                "cannot be both, so give each a name of its own"
            )


def _refuse(each: Any) -> None:
    if type(each).__name__ == "Choice":
        _refuse_repeated(each, each.values)
    elif hasattr(each, "min_value"):
        _refuse_range(each)
        _refuse_steps(each)


def _refuse_range(each: Any) -> None:
    numbers = (each.min_value, each.max_value, each.default, each.step or 1)
    if not all(math.isfinite(number) for number in numbers) or (each.step is not None and each.step <= 0):
        raise ValueError(
            f"space(hp) declares {each.name!r} as {_declaration(each)}: expected finite numbers, and a step above 0"
        )
    if not each.min_value <= each.default <= each.max_value:
        raise ValueError(
            f"space(hp) gives {each.name!r} the default {shown(each.default)}, outside its range of "
            f"{shown(each.min_value)} to {shown(each.max_value)}: a trial would have it, so take one inside"
        )


def _refuse_steps(each: Any) -> None:
    count = count_of(each)
    if count is None:
        return
    near = value_at(each, min(round(each.value_to_prob(each.default) * count - 0.5), count - 1))
    if near != each.default:
        raise ValueError(
            f"space(hp) gives {each.name!r} the default {shown(each.default)}, which is none of its values "
            f"({_listed(each)}): take default={shown(near)}"
        )
    for end in (each.min_value, each.max_value) if type(each).__name__ == "Float" else ():
        first, last = value_at(each, 0), value_at(each, count - 1)
        if end not in (first, last):
            near = min((first, last), key=lambda value: abs(value - end))
            raise ValueError(
                f"space(hp) declares {each.name!r} as {_declaration(each)}, whose steps never reach {shown(end)}, only "
                f"{_listed(each)}: end the range at {shown(near)}, or take another step"
            )


def _refuse_repeated(each: Any, values: Sequence[Any]) -> None:
    repeated = [value for value in values if values.count(value) > 1]
    if repeated:
        raise ValueError(
            f"space(hp) gives {each.name!r} the value {shown(repeated[0])} {values.count(repeated[0])} times: once is "
            "enough"
        )


def _in_words(known: HyperParameters) -> Iterable[str]:
    described = {each.name: each for each in hyperparameters(space_to_json(known), RULES)}
    for each in known.space:
        count = count_of(each)
        at = described[each.name].active_in_words() if each.name in described else ""
        if count is None:
            yield f"{each.name}: {described[each.name].in_words()}"
        elif count == 1:
            yield f"{each.name}: always {shown(value_at(each, 0))}, a constant that needs no hyperparameter{at}"
        else:
            last = getattr(each, "max_value", None)
            missed = "" if last in (None, value_at(each, 0), value_at(each, count - 1)) else f", never {shown(last)}"
            yield f"{each.name}: {_listed(each)}{missed}{at}"


def _listed(each: Any) -> str:
    count = count_of(each) or 0
    if count <= MOST_SHOWN:
        return ", ".join(shown(value_at(each, index)) for index in range(count))
    first = ", ".join(shown(value_at(each, index)) for index in range(3))
    return f"{first} … {shown(value_at(each, count - 1))} ({count:,} values)"


def _declaration(each: Any) -> str:
    """Return a declaration as it is typed: hp.Float(0.1, 0.3, step=0.1)."""
    kind = type(each).__name__
    if not hasattr(each, "min_value"):
        return f"hp.{kind}({_listed(each)})"
    step = "" if each.step is None or (kind == "Int" and each.step == 1) else f", step={shown(each.step)}"
    sampling = "" if each.sampling == "linear" else f", sampling={each.sampling!r}"
    return f"hp.{kind}({shown(each.min_value)}, {shown(each.max_value)}{step}{sampling})"
