"""An experiment's `space(hp)`: its hyperparameters, its edges, and the overrides that it returns."""

import contextlib
import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keras_tuner import HyperParameters
from keras_tuner.engine.hyperparameters import Choice, Fixed, HyperParameter

from keras_suite.experiments import registry
from keras_suite.experiments.config import Config, Space, override, value_to_json
from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.validation import check


def overrides_of(space: Space, hyperparameters: HyperParameters) -> dict[str, Any]:
    """Return the overrides of the base at the hyperparameters' values.

    Args:
        space: The experiment's `space(hp)`.
        hyperparameters: Those that it declares and that are missing here are registered. Inactive ones are None, and
            what they would set stays as it is in the base.

    Raises:
        ValueError: If the space fails, or returns no overrides.
    """
    try:
        overrides = space(hyperparameters)
    except ForeignCodeError:
        raise
    except Exception as error:
        raise ValueError(f"space(hp) failed with {type(error).__name__}: {error}") from error
    if not isinstance(overrides, Mapping) or not all(isinstance(key, str) for key in overrides):
        raise ValueError(
            f"space(hp) returned {overrides!r}: expected overrides of the base, for example "
            "{'model.dropout': hp.Float('dropout', 0.0, 0.6)}"
        )
    return {key: plain(value) for key, value in overrides.items() if value is not None}


@contextlib.contextmanager
def read_names(hyperparameters: HyperParameters) -> Iterator[set[str]]:
    """Yield the names, filled while the block runs, of the hyperparameters that were asked for in it."""
    read: set[str] = set()
    retrieve, get = hyperparameters._retrieve, hyperparameters.get  # KerasTuner has no public names for what asks

    def retrieving(hyperparameter: HyperParameter) -> Any:
        read.add(hyperparameter.name)
        return retrieve(hyperparameter)

    def getting(name: str) -> Any:
        read.add(hyperparameters._get_name(name))
        return get(name)

    hyperparameters._retrieve, hyperparameters.get = retrieving, getting
    try:
        yield read
    finally:
        del hyperparameters._retrieve, hyperparameters.get


def checked_configs(base: Config, trials: Mapping[str, Mapping[str, Any]]) -> dict[str, Config]:
    """Return the Config of each of these overrides; ValueError names the first that cannot be trained."""
    configs = {}
    for name, overrides in trials.items():
        try:
            configs[name] = override(base, overrides)
            registry.check_names(configs[name])
            check(configs[name])
        except ValueError as error:
            raise ValueError(f"space(hp) at {name}: {error}") from None
    return configs


def all_hyperparameters(space: Space) -> HyperParameters:
    """Return all hyperparameters of the space, including those that only some values of others make active."""
    known = HyperParameters()
    tried: list[Any] = []
    waiting: list[Any] = [[]]
    while waiting:
        conditions = waiting.pop(0)
        tried.append(conditions)
        active = at(known, {condition.name: condition.values[0] for condition in conditions})
        overrides_of(space, active)
        known.merge(active.space, overwrite=False)
        _refuse_names([hyperparameter.name for hyperparameter in known.space])
        for scope in active.inactive_scopes:
            if scope not in tried and scope not in waiting:
                waiting.append(copy.deepcopy(scope))
    if not known.space:
        raise ValueError("space(hp) declares no hyperparameter: use hp.Float, hp.Int, hp.Choice or hp.Boolean in it")
    return known


def _refuse_names(names: Sequence[str]) -> None:
    for name in names:
        if name.startswith("tuner/"):
            raise ValueError(f"space(hp) names {name!r}: names under 'tuner/' are KerasTuner's own")
        if names.count(name) > 1:  # KerasTuner would drop the active one's value for the inactive one
            raise ValueError(f"space(hp) names {name!r} under several conditions: give each a name of its own")


def space_to_json(hyperparameters: HyperParameters) -> list[dict[str, Any]]:
    """Return the hyperparameters' configs as JSON values."""
    return json.loads(json.dumps(hyperparameters.get_config()["space"]))


def edge_overrides(space: Space, known: HyperParameters) -> dict[str, dict[str, Any]]:
    """Return overrides at the edges of the space, by what is at its edge there.

    They have every hyperparameter once at its lowest and once at its highest value, or at each choice, the others at
    their defaults; then all at their lowest and all at their highest.
    """
    edges = {each.name: _edges(each) for each in known.space if not isinstance(each, Fixed)}
    points: dict[str, dict[str, Any]] = {"defaults": {}}
    for name, values in edges.items():
        points |= {f"{name}={value}": {name: value} for value in values}
    points["all at their first"] = {name: values[0] for name, values in edges.items()}
    points["all at their last"] = {name: values[-1] for name, values in edges.items()}
    return {name: overrides_of(space, at(known, values)) for name, values in points.items()}


def at(known: HyperParameters, values: Mapping[str, Any]) -> HyperParameters:
    """Return the hyperparameters at these values, those they depend on as needed, the others at their defaults.

    KerasTuner's own `ensure_active_values` samples missing values from a generator without a seed.
    """
    chosen = known.copy()
    chosen.values = {}
    for each in known.space if len(values) == 1 else ():
        if each.name in values:
            chosen.values |= {condition.name: condition.values[0] for condition in each.conditions}
    chosen.values |= values
    for each in chosen.space:  # a condition stands before what depends on it
        if chosen.is_active(each):
            chosen.values.setdefault(each.name, each.default)
        else:
            chosen.values.pop(each.name, None)
    return chosen


def _edges(hyperparameter: HyperParameter) -> list[Any]:
    if isinstance(hyperparameter, Choice):
        return list(hyperparameter.values)
    if hasattr(hyperparameter, "min_value"):
        return [hyperparameter.min_value, hyperparameter.prob_to_value(1.0)]
    return [False, True]


def plain(value: Any) -> Any:
    """Return a value as JSON restores it: NumPy's numbers as Python's, parts as names and options."""
    return value_to_json(value.item() if hasattr(value, "item") else value)
