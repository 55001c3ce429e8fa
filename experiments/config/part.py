"""`Part`, a named building block with its options; in JSON a name and options."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from keras_suite.experiments.config.values import check_part, plain
from keras_suite.experiments.own_parts import names as own_names
from keras_suite.tasks.wording.shown import shown

WITHOUT_EFFECT = {
    "augmentation": "'standard' without options augments nothing",
    "schedule": "'constant' keeps the learning rate",
}
NONE_IN_WORDS = ("none", "no", "off", "null", "false")


@dataclass(frozen=True)
class Part:
    """A named building block (a dataset, a model, a callback …) with its options. Written `use(name, **options)`."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_part(self.name, self.options)
        object.__setattr__(self, "options", MappingProxyType({k: plain(v, k) for k, v in self.options.items()}))

    def __hash__(self) -> int:
        return hash((self.name, repr(sorted(self.options.items()))))

    def __reduce__(self) -> tuple[Any, ...]:  # a mappingproxy cannot be pickled, and worker processes need that
        return (Part, (self.name, dict(self.options)))


def use(part: str | Callable[..., Any], /, **options: Any) -> Part:
    """Return a part with these options, which are checked before anything trains.

    Args:
        part: A name of the suite's; or a function or class of your own, as itself or as text, "file.py:function" or
            "package.module:function".
        **options: Of the part, by name.
    """
    return Part(own_names.name_of(part) if _is_code(part) else part, options)  # type: ignore[arg-type]


def _is_code(part: Any) -> bool:
    return not isinstance(part, str) and (callable(part) or hasattr(part, "__module__"))


def part_from_json(value: Any, where: str) -> Part:
    """Return a part from a part, a name, a function or class, or a JSON object; ValueError names `where` it stands."""
    if isinstance(value, Part):
        return value
    if isinstance(value, str) or inspect.isfunction(value) or inspect.isclass(value):
        return use(value)
    if isinstance(value, Mapping) and isinstance(value.get("name"), str) and set(value) <= {"name", "options"}:
        return Part(value["name"], value.get("options", {}))
    field_name = where.rpartition(": ")[2]
    raise ValueError(
        f"{where}={shown(value)} is no part: expected a name, or name and options{instead_of_none(field_name, value)}"
    )


def instead_of_none(field_name: str, given: Any) -> str:
    """Return which part does nothing, as the end of a message, where `given` asks for none; else ""."""
    asks_for_none = given is None or given is False or (isinstance(given, str) and given.lower() in NONE_IN_WORDS)
    return f"; {WITHOUT_EFFECT[field_name]}" if asks_for_none and field_name in WITHOUT_EFFECT else ""


def value_to_json(value: Any) -> Any:
    """Return a setting as JSON values: parts become {"name": …, "options": {…}}."""
    if isinstance(value, Part):
        return {"name": value.name, "options": dict(value.options)}
    return [value_to_json(item) for item in value] if isinstance(value, tuple | list) else value
