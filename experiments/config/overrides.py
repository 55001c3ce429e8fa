"""Overrides of a Config: new values by the paths at which they stand.

override(config, {"epochs": 3, "model.dropout": 0.3, "dataset.name": "image_folder", "dataset.path": "photos/",
                  "callbacks.reduce_lr_on_plateau.factor": 0.3})
"""

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

from keras_suite.experiments.config.part import Part, part_from_json, use
from keras_suite.experiments.config.settings import LIST_FIELDS, PART_FIELDS, SETTINGS, Config
from keras_suite.experiments.config.values import check_overrides, parts_of, plain
from keras_suite.experiments.own_parts import names as own_names
from keras_suite.tasks.wording.near_names import unknown


def override(config: Config, overrides: Mapping[str, Any]) -> Config:
    """Return a Config with the values at these paths replaced.

    Whole parts are set before names, and names before options, whatever the order of the keys: a new part or a new
    `<part>.name` drops the old part's options, not those set beside it.

    Args:
        config: Stays as it is.
        overrides: Values by path, for example {"model.dropout": 0.3}.

    Raises:
        ValueError: If a path leads nowhere, or a value is not possible there.
    """
    check_overrides(overrides, "the change")
    for path in sorted(overrides, key=lambda path: ("." in path, not path.endswith(".name"))):
        config = _override_one(config, path, overrides[path])
    return config


def plain_overrides(overrides: Mapping[str, Any]) -> dict[str, Any]:
    return {path: _plain_override(value, path) for path, value in overrides.items()}


def _plain_override(value: Any, path: str) -> Any:
    """Return the value of an override as plain data, parts as parts."""
    if isinstance(value, Part):
        return value
    whole = path in (*PART_FIELDS, *LIST_FIELDS) or path.endswith(".name")
    if isinstance(value, Mapping) or (whole and (inspect.isfunction(value) or inspect.isclass(value))):
        return part_from_json(value, path)
    if isinstance(value, list | tuple) and any(isinstance(item, Part | Mapping) or callable(item) for item in value):
        return tuple(item if isinstance(item, str) else part_from_json(item, path) for item in value)
    return plain(value, path)


def _override_one(config: Config, path: str, value: Any) -> Config:
    head, *rest = _steps(path)
    if head not in SETTINGS:
        raise ValueError(unknown("setting", head, SETTINGS) + _as_option(head))
    changed: dict[str, Any] = {head: _changed(getattr(config, head), head, rest, value, config.root)}
    return dataclasses.replace(config, **changed)


def _steps(path: str) -> list[str]:
    """Return the steps of a path: an own part in the middle may be named with its file, whose name has a dot, too."""
    head, _, rest = path.partition(".")
    name, _, option = rest.rpartition(".")
    return [head, name, option] if head in LIST_FIELDS and own_names.is_own(name) else path.split(".")


def _changed(current: Any, head: str, rest: list[str], value: Any, root: str) -> Any:
    """Return the new value of the setting `head`, in which `rest` is the path to what changes.

    `root`: the folder that own parts' files are relative to.
    """
    if not rest:
        return _part_like(current, value, head)
    if isinstance(current, Part) and len(rest) == 1:
        return _set_option(current, rest[0], value, root)
    if isinstance(current, tuple) and len(rest) == 2:
        listed = [own_names.listed_as(head, part.name, part.options) for part in current]
        meant = [rest[0] in names for names in zip((part.name for part in current), listed, strict=True)]
        if not any(meant):
            held = ", ".join(listed) or "none"
            raise ValueError(f"{head} holds no {rest[0]!r} to set {rest[1]!r} of (it holds: {held})")
        return tuple(
            _set_option(part, rest[1], value, root) if it else part for part, it in zip(current, meant, strict=True)
        )
    inside = ".<option>" if isinstance(current, Part) else ".<name>.<option>" if isinstance(current, tuple) else ""
    raise ValueError(f"setting {'.'.join([head, *rest])!r} leads nowhere: expected {head}{inside}")


def _as_option(name: str) -> str:
    return f"; an option of a part is written with it: {' or '.join(f'{part}.{name}' for part in PART_FIELDS)}"


def _set_option(part: Part, option: str, value: Any, root: str) -> Part:
    if option == "name":
        return part if own_names.same(value, part.name, root) else use(value)
    return Part(part.name, {**part.options, option: value})


def _part_like(current: Any, value: Any, where: str) -> Any:
    if isinstance(current, Part):
        return part_from_json(value, where)
    if isinstance(current, tuple):
        return tuple(part_from_json(item, where) for item in parts_of(value, where))
    return value
