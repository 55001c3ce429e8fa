"""`Config`, one training run as plain data, and its JSON, from which it comes back equal."""

import dataclasses
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from keras_suite.experiments.config.part import Part, part_from_json, use, value_to_json
from keras_suite.experiments.config.values import MOST_OF_A_FIELD, check_whole, parts_of, whole
from keras_suite.experiments.own_parts import names as own_names
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import shown

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
PRECISIONS: tuple[Precision, ...] = ("float32", "mixed_float16", "mixed_bfloat16")
Balance = Literal["", "balanced"]  # "" as they come


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
        names = [own_names.listed_as(field_name, part.name, part.options) for part in getattr(config, field_name)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            own = field_name == "metrics" and any(own_names.is_own(part.name) for part in config.metrics)
            mend = f", or give an own one another name with the option called='{twice[0]}_2'" if own else ""
            raise ValueError(f"{field_name} names {', '.join(twice)} twice: keep one of them{mend}")


def to_json(config: Config) -> dict[str, Any]:
    """Return the Config as JSON values."""
    values = {name: value_to_json(getattr(config, name)) for name in SETTINGS}
    return {name: value for name, value in values.items() if value or name not in LATER_FIELDS}


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
            read[key] = tuple(part_from_json(each, key) for each in parts_of(item, key))
        else:
            read[key] = part_from_json(item, key) if key in PART_FIELDS else item
    return Config(**read)
