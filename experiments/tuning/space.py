"""What an experiment's `space(hp)` can ask for, on KerasTuner's hyperparameters."""

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from keras_tuner import HyperParameters
from keras_tuner.engine.hyperparameters import Choice, Fixed, HyperParameter

from keras_suite.experiments import registry
from keras_suite.experiments.config import Config, Space, override, value_to_json
from keras_suite.experiments.validation import check


def overrides_of(space: Space, hyperparameters: HyperParameters) -> dict[str, Any]:
    """The overrides of the base at the hyperparameters' values; hyperparameters they lack are registered in them.

    Inactive hyperparameters are None, and what they would set stays as it is in the base.
    """
    try:
        found = space(hyperparameters)
    except Exception as error:
        raise ValueError(f"space(hp) failed with {type(error).__name__}: {error}") from error
    if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
        raise ValueError(
            f"space(hp) returned {found!r}: expected overrides of the base, for example "
            "{'model.dropout': hp.Float('dropout', 0.0, 0.6)}"
        )
    return {key: plain(value) for key, value in found.items() if value is not None}


def config_of(base: Config, overrides: Mapping[str, Any]) -> Config:
    """The trial's Config; ValueError names a wrong path or value."""
    return override(base, overrides)


def checked(base: Config, asked: Mapping[str, Mapping[str, Any]]) -> dict[str, Config]:
    """The Configs of these overrides; ValueError says which of them could not be trained."""
    found = {}
    for name, overrides in asked.items():
        try:
            found[name] = config_of(base, overrides)
            registry.check_names(found[name])
            check(found[name])
        except ValueError as error:
            raise ValueError(f"space(hp) at {name}: {error}") from None
    return found


def registered(space: Space) -> HyperParameters:
    """All hyperparameters of the space, also those that only some values of others make active."""
    known = HyperParameters()
    tried: list[Any] = []
    waiting: list[Any] = [[]]
    while waiting:
        conditions = waiting.pop(0)
        tried.append(conditions)
        asked = _at(known, {condition.name: condition.values[0] for condition in conditions})
        overrides_of(space, asked)
        known.merge(asked.space, overwrite=False)
        _refuse_names([hyperparameter.name for hyperparameter in known.space])
        for scope in asked.inactive_scopes:
            if scope not in tried and scope not in waiting:
                waiting.append(copy.deepcopy(scope))
    if not known.space:
        raise ValueError("space(hp) asks for no hyperparameter: use hp.Float, hp.Int, hp.Choice or hp.Boolean in it")
    return known


def _refuse_names(names: Sequence[str]) -> None:
    for name in names:
        if name.startswith("tuner/"):
            raise ValueError(f"space(hp) names {name!r}: names under 'tuner/' are KerasTuner's own")
        if names.count(name) > 1:  # KerasTuner would drop the active one's value for the inactive one
            raise ValueError(f"space(hp) names {name!r} under several conditions: give each a name of its own")


def described(hyperparameters: HyperParameters) -> list[dict[str, Any]]:
    """The space as JSON values, to be compared with another one."""
    return json.loads(json.dumps(hyperparameters.get_config()["space"]))


def corners(space: Space, known: HyperParameters) -> dict[str, dict[str, Any]]:
    """Overrides at the edges of the space, by what is at its edge there.

    Every hyperparameter once at its lowest and once at its highest value, or at each choice, the others at their
    defaults; then all at their lowest and all at their highest.
    """
    edges = {each.name: _edges(each) for each in known.space if not isinstance(each, Fixed)}
    asked: dict[str, dict[str, Any]] = {"defaults": {}}
    for name, values in edges.items():
        asked |= {f"{name}={value}": {name: value} for value in values}
    asked["all at their first"] = {name: values[0] for name, values in edges.items()}
    asked["all at their last"] = {name: values[-1] for name, values in edges.items()}
    return {name: overrides_of(space, _at(known, values)) for name, values in asked.items()}


def _at(known: HyperParameters, values: Mapping[str, Any]) -> HyperParameters:
    """The hyperparameters at these values; those they depend on as they must be for that, the others at their defaults.

    KerasTuner's own `ensure_active_values` draws what is missing from a generator without a seed.
    """
    found = known.copy()
    found.values = {}
    for each in known.space if len(values) == 1 else ():
        if each.name in values:
            found.values |= {condition.name: condition.values[0] for condition in each.conditions}
    found.values |= values
    for each in found.space:  # a condition stands before what depends on it
        if found.is_active(each):
            found.values.setdefault(each.name, each.default)
        else:
            found.values.pop(each.name, None)
    return found


def _edges(hyperparameter: HyperParameter) -> list[Any]:
    if isinstance(hyperparameter, Choice):
        return list(hyperparameter.values)
    if hasattr(hyperparameter, "min_value"):
        return [hyperparameter.min_value, hyperparameter.prob_to_value(1.0)]
    return [False, True]


def plain(value: Any) -> Any:
    """The value as JSON gives it back: NumPy's numbers as Python's, parts as names and options."""
    return value_to_json(value.item() if hasattr(value, "item") else value)
