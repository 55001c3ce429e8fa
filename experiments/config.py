"""`Config`, one training run as plain data; and `Experiment`, a question as variants of a Config. No TensorFlow.

A Config becomes JSON and comes back equal. Overrides are paths into it:

    override(config, {"epochs": 3, "model.dropout": 0.3, "dataset.name": "image_folder", "dataset.path": "photos/",
                      "callbacks.reduce_lr_on_plateau.factor": 0.3})
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from keras_suite.experiments.own_parts import names as own_names
from keras_suite.experiments.values import (
    MOST_OF_A_FIELD,
    MOST_RUNS,
    check_overrides,
    check_part,
    check_variants,
    check_whole,
    pairs_of,
    parts_of,
    plain,
    whole,
)
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import shown

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
PRECISIONS: tuple[Precision, ...] = ("float32", "mixed_float16", "mixed_bfloat16")
Balance = Literal["", "balanced"]  # "" as they come


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


@dataclass(frozen=True)
class Config:
    """One training run, except for its seed. Parts are listed in the `__init__.py` of the package that builds them.

    Without `phases` the whole model is trained for `epochs`; with `phases`, each in turn trains the layers it names.
    `metrics` are measured beside those of the task: balanced_accuracy, macro_f1, roc_auc and pr_auc by name, and your
    own, use(my_metric, direction="max", unit=" %").
    Where classes are of very different sizes, class_weight="balanced" weighs the loss of an image by
    images / (classes * images of its class), and sampling="balanced" shows each class as often in every epoch, which
    has as many images as ever: rare ones several times, and of common ones others in the next epoch.
    `root` is the folder that the files of own parts are named from, "" for the current one: where the experiment's file
    lies. It is no part of the JSON, so that both can be moved.
    """

    dataset: Part
    model: Part
    augmentation: Part = Part("standard")
    loss: Part = Part("cross_entropy")
    optimizer: Part = Part("adam")
    schedule: Part = Part("constant")
    callbacks: tuple[Part, ...] = ()
    phases: tuple[Part, ...] = ()
    metrics: tuple[Part, ...] = ()
    batch_size: int = 128
    epochs: int = 10
    precision: Precision = "float32"
    class_weight: Balance = ""
    sampling: Balance = ""
    root: str = ""

    def __post_init__(self) -> None:
        for name in PART_FIELDS:
            object.__setattr__(self, name, self._part(getattr(self, name)))
        for name in LIST_FIELDS:
            parts = tuple(self._part(part) for part in parts_of(getattr(self, name), name))
            object.__setattr__(self, name, parts)
        for name in NUMBER_FIELDS:
            object.__setattr__(self, name, whole(getattr(self, name)))
        _check_fields(self)

    def _part(self, part: Any) -> Any:
        """Return a part with its file as seen from `root`; a function or class as a part."""
        part = use(part) if inspect.isfunction(part) or inspect.isclass(part) else part
        if not (isinstance(part, Part) and self.root and own_names.is_own(part.name)):
            return part
        name = own_names.within(part.name, self.root)
        return part if name == part.name else Part(name, part.options)


PART_FIELDS = tuple(f.name for f in dataclasses.fields(Config) if f.type is Part)
LIST_FIELDS = ("callbacks", "phases", "metrics")
BALANCE_FIELDS = ("class_weight", "sampling")
LATER_FIELDS = ("metrics", *BALANCE_FIELDS)  # left out of the JSON where they are empty, as in that of earlier versions
NUMBER_FIELDS = ("batch_size", "epochs")
SETTINGS = tuple(f.name for f in dataclasses.fields(Config) if f.name != "root")


@dataclass(frozen=True)
class Experiment:
    """A question's base Config and its variants: each a few overrides of the base, the first the baseline.

    Attributes:
        base: The Config that variants override.
        variants: Overrides of the base by the variant's name.
        against: The pairs that the report compares, as "variant=other"; by default each variant with the first.
        seeds: Runs of each variant where the command does not say.
    """

    base: Config
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"base": {}})
    against: tuple[str, ...] = ()
    seeds: int = 5

    def __post_init__(self) -> None:
        if not isinstance(self.base, Config):
            raise ValueError(f"base={shown(self.base)} is no Config: expected Config(dataset=use(…), model=use(…))")
        check_variants(self.variants)
        plain_variants = {name: _plain_overrides(overrides) for name, overrides in self.variants.items()}
        object.__setattr__(self, "variants", plain_variants)
        object.__setattr__(self, "against", pairs_of(self.against, self.variants))
        object.__setattr__(self, "seeds", whole(self.seeds))
        check_whole(self.seeds, "seeds", MOST_RUNS)

    def rooted(self, folder: str) -> "Experiment":
        """Return the experiment with the files of its own parts named from this folder."""

        def named(value: Any, path: str) -> Any:
            if isinstance(value, Part):
                return Part(own_names.within(value.name, folder), value.options)
            if isinstance(value, tuple):
                return tuple(named(each, path) for each in value)
            return own_names.within(value, folder) if isinstance(value, str) and path.endswith(".name") else value

        variants = {
            name: {path: named(value, path) for path, value in overrides.items()}
            for name, overrides in self.variants.items()
        }
        return dataclasses.replace(self, base=dataclasses.replace(self.base, root=folder), variants=variants)

    def config(self, variant: str) -> Config:
        """Return the Config of one variant."""
        if variant not in self.variants:
            raise ValueError(unknown("variant", variant, self.variants))
        try:
            return override(self.base, self.variants[variant])
        except ValueError as error:
            raise ValueError(f"variant {variant!r}: {error}") from None


Space = Callable[[Any], dict[str, Any]]  # KerasTuner's hp -> overrides of the base


# -- overrides -------------------------------------------------------------------------------------------------------


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


def _plain_overrides(overrides: Mapping[str, Any]) -> dict[str, Any]:
    return {path: _plain_override(value, path) for path, value in overrides.items()}


def _plain_override(value: Any, path: str) -> Any:
    """Return the value of an override as plain data, parts as parts."""
    if isinstance(value, Part):
        return value
    whole = path in (*PART_FIELDS, *LIST_FIELDS) or path.endswith(".name")
    if isinstance(value, Mapping) or (whole and (inspect.isfunction(value) or inspect.isclass(value))):
        return _part_from_json(value, path)
    if isinstance(value, list | tuple) and any(isinstance(item, Part | Mapping) or callable(item) for item in value):
        return tuple(item if isinstance(item, str) else _part_from_json(item, path) for item in value)
    return plain(value, path)


def _override_one(config: Config, path: str, value: Any) -> Config:
    head, *rest = _steps(path)
    if head not in SETTINGS:
        raise ValueError(unknown("setting", head, SETTINGS) + _as_option(head))
    changed: dict[str, Any] = {head: _changed(getattr(config, head), head, rest, value)}
    return dataclasses.replace(config, **changed)


def _steps(path: str) -> list[str]:
    """Return the steps of a path: an own part in the middle may be named with its file, whose name has a dot, too."""
    head, _, rest = path.partition(".")
    name, _, option = rest.rpartition(".")
    return [head, name, option] if head in LIST_FIELDS and own_names.is_own(name) else path.split(".")


def _changed(current: Any, head: str, rest: list[str], value: Any) -> Any:
    """Return the new value of the setting `head`, in which `rest` is the path to what changes."""
    if not rest:
        return _part_like(current, value, head)
    if isinstance(current, Part) and len(rest) == 1:
        return _set_option(current, rest[0], value)
    if isinstance(current, tuple) and len(rest) == 2:
        names = [name for part in current for name in (part.name, own_names.short(part.name))]
        if rest[0] not in names:
            listed = ", ".join(dict.fromkeys(own_names.short(name) for name in names)) or "none"
            raise ValueError(f"{head} holds no {rest[0]!r} to set {rest[1]!r} of (it holds: {listed})")
        return tuple(
            _set_option(part, rest[1], value) if rest[0] in (part.name, own_names.short(part.name)) else part
            for part in current
        )
    inside = ".<option>" if isinstance(current, Part) else ".<name>.<option>" if isinstance(current, tuple) else ""
    raise ValueError(f"setting {'.'.join([head, *rest])!r} leads nowhere: expected {head}{inside}")


def _as_option(name: str) -> str:
    return f"; an option of a part is written with it: {' or '.join(f'{part}.{name}' for part in PART_FIELDS)}"


def _set_option(part: Part, option: str, value: Any) -> Part:
    if option == "name":
        return part if value == part.name else use(value)
    return Part(part.name, {**part.options, option: value})


def _part_like(current: Any, value: Any, where: str) -> Any:
    if isinstance(current, Part):
        return _part_from_json(value, where)
    if isinstance(current, tuple):
        return tuple(_part_from_json(item, where) for item in parts_of(value, where))
    return value


def _check_fields(config: Config) -> None:
    for name in NUMBER_FIELDS:
        check_whole(getattr(config, name), name, MOST_OF_A_FIELD)
    if not isinstance(config.precision, str) or config.precision not in PRECISIONS:
        raise ValueError(unknown("precision", str(config.precision), PRECISIONS))
    for name in BALANCE_FIELDS:
        if getattr(config, name) not in ("", "balanced"):
            raise ValueError(
                f"{name}={shown(getattr(config, name))} is not possible: expected 'balanced', or '' for none"
            )
    if config.class_weight and config.sampling:
        raise ValueError("class_weight and sampling would both make up for rare classes: keep one of them")
    for name in (*PART_FIELDS, *LIST_FIELDS):
        value = getattr(config, name)
        for part in value if name in LIST_FIELDS else (value,):
            if not isinstance(part, Part):
                raise ValueError(
                    f"{name}={shown(part)} is no part: write use('name', option=value), or use(my_function, …)"
                )
    for field_name in ("callbacks", "metrics"):
        names = [own_names.short(part.name) for part in getattr(config, field_name)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{field_name} names {', '.join(twice)} twice: keep one of them")


# -- JSON ------------------------------------------------------------------------------------------------------------


def to_json(config: Config) -> dict[str, Any]:
    """Return the Config as JSON values."""
    values = {name: value_to_json(getattr(config, name)) for name in SETTINGS}
    return {name: value for name, value in values.items() if value or name not in LATER_FIELDS}


def value_to_json(value: Any) -> Any:
    """Return a setting as JSON values: parts become {"name": …, "options": {…}}."""
    if isinstance(value, Part):
        return {"name": value.name, "options": dict(value.options)}
    return [value_to_json(item) for item in value] if isinstance(value, tuple | list) else value


def from_json(value: Mapping[str, Any]) -> Config:
    """Return the Config that `to_json` wrote; ValueError names a key that is unknown or missing."""
    if not isinstance(value, Mapping):
        raise ValueError(f"a config is a JSON object: found {shown(value)}")
    for key in value:
        if key not in SETTINGS:
            raise ValueError(unknown("key of a config", key, SETTINGS))
    for key in ("dataset", "model"):
        if key not in value:
            raise ValueError(f"a config without {key!r} is incomplete: it holds {', '.join(value) or 'nothing'}")
    read: dict[str, Any] = {}
    for key, item in value.items():
        if key in LIST_FIELDS:
            read[key] = tuple(_part_from_json(each, key) for each in parts_of(item, key))
        else:
            read[key] = _part_from_json(item, key) if key in PART_FIELDS else item
    return Config(**read)


def _part_from_json(value: Any, where: str) -> Part:
    if isinstance(value, Part):
        return value
    if isinstance(value, str) or inspect.isfunction(value) or inspect.isclass(value):
        return use(value)
    if isinstance(value, Mapping) and isinstance(value.get("name"), str) and set(value) <= {"name", "options"}:
        return Part(value["name"], value.get("options", {}))
    raise ValueError(f"{where}={shown(value)} is no part: expected a name, or name and options")
