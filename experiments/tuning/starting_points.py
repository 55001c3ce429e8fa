"""Values of a space that are not drawn from it: picked by hand (`--try`), or those of another sweep's trials."""

from collections.abc import Mapping
from typing import Any

from keras_tuner import HyperParameters
from keras_tuner.engine.hyperparameters import Fixed

from keras_suite.experiments.tuning.space import at
from keras_suite.experiments.tuning.steps import count_of, value_at
from keras_suite.reports.sweep.hyperparameters import shown
from keras_suite.tasks.wording.near_names import unknown

Values = dict[str, Any]
MOST_COMPARED = 10_000  # values of an axis, to find the nearest


def picked_by_hand(text: str, known: HyperParameters) -> Values:
    """Return the trial of `--try learning_rate=0.01,units=32`: what is not named is at its default.

    Raises:
        ValueError: If it names what the space does not have, or a value that it does not reach.
    """
    by_name = {each.name: each for each in known.space if not isinstance(each, Fixed)}
    named: Values = {}
    for part in text.split(","):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals or not name or not value:
            raise ValueError(f"--try {text!r}: expected name=value, several of them with commas between")
        if name not in by_name:
            raise ValueError(f"--try {text!r}: " + unknown("hyperparameter", name, by_name))
        if name in named:
            raise ValueError(f"--try {text!r} gives {name} twice: once is enough")
        named[name] = _typed(text, by_name[name], value)
    chosen = at(known, _with_conditions(known, named)).values
    for name, value in named.items():
        if chosen.get(name) != value:
            raise ValueError(f"--try {text!r}: {name} is inactive there, it needs {_needs(by_name[name])}")
    return dict(chosen)


def nearest(known: HyperParameters, values: Mapping[str, Any]) -> Values:
    """Return the trial of the space that is nearest to another space's values; what is missing is at its default."""
    by_name = {each.name: each for each in known.space if not isinstance(each, Fixed)}
    fitting = {name: _nearest(by_name[name], value) for name, value in values.items() if name in by_name}
    return dict(at(known, {name: value for name, value in fitting.items() if value is not None}).values)


def reaches(known: HyperParameters, values: Mapping[str, Any]) -> bool:
    """Return whether the space has all of these values."""
    by_name = {each.name: each for each in known.space}
    return all(name in by_name and _nearest(by_name[name], value) == value for name, value in values.items())


def _typed(text: str, each: Any, value: str) -> Any:
    """Return the value as the hyperparameter has it."""
    count = count_of(each)
    if count is not None and count <= MOST_COMPARED:
        values = [value_at(each, index) for index in range(count)]
        same = [given for given in values if value in (str(given), shown(given)) or _number(value) == given]
        found = same[0] if same and not (isinstance(same[0], bool) and _number(value) is not None) else None
    else:
        number = _number(value)
        found = None if number is None else _nearest(each, int(number) if type(each).__name__ == "Int" else number)
        found = found if found == number else None
    if found is None:
        raise ValueError(f"--try {text!r}: {each.name} has no value {value!r}, only {_span(each, count)}")
    return found


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _span(each: Any, count: int | None) -> str:
    if count is not None and count <= 12:
        return ", ".join(shown(value_at(each, index)) for index in range(count))
    return f"{shown(each.min_value)} to {shown(each.max_value)}" + ("" if each.step in (None, 1) else " in its steps")


def _nearest(each: Any, value: Any) -> Any:
    """Return the hyperparameter's value that is nearest to this one; None where none is like it."""
    count, number = count_of(each), isinstance(value, int | float) and not isinstance(value, bool)
    if not hasattr(each, "min_value"):
        return next((found for k in range(count or 0) if (found := value_at(each, k)) == value), None)
    if not number:
        return None
    inside = min(max(value, each.min_value), each.max_value)
    if count is None:
        return round(inside) if type(each).__name__ == "Int" else float(inside)
    if count > MOST_COMPARED:
        return value_at(each, min(int(each.value_to_prob(inside) * count), count - 1))
    return min((value_at(each, k) for k in range(count)), key=lambda found: abs(found - inside))


def _with_conditions(known: HyperParameters, named: Values) -> Values:
    """Return the values with those that make them active, where they are not given."""
    values = dict(named)
    for each in reversed(known.space):
        for condition in each.conditions if each.name in values else ():
            values.setdefault(condition.name, condition.values[0])
    return values


def _needs(each: Any) -> str:
    return " and ".join(f"{c.name}={' or '.join(shown(v) for v in c.values)}" for c in each.conditions) or "nothing"
