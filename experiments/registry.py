"""From a part's name to the function that builds it, with its options checked: types, ranges, and nearest known names.

A builder takes its context first (positional only) and its options as keyword-only parameters with annotations and
defaults; those annotations are what is checked, so an option is declared in one place.
"""

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pydantic

from keras_suite.callbacks import CALLBACKS
from keras_suite.data_pipeline import AUGMENTATIONS, DATASETS
from keras_suite.experiments.config import LIST_FIELDS, PART_FIELDS, Config, Part, to_json
from keras_suite.models import LOSSES, NETWORKS, OPTIMIZERS, PHASES, SCHEDULES
from keras_suite.tasks.wording.near_names import unknown

TABLES: dict[str, Mapping[str, str]] = {
    "dataset": DATASETS,
    "model": NETWORKS,
    "augmentation": AUGMENTATIONS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "callbacks": CALLBACKS,
    "phases": PHASES,
}


def check_name(kind: str, part: Part) -> None:
    """ValueError if no such part exists; imports nothing, so the answer comes at once."""
    if part.name not in TABLES[kind]:
        raise ValueError(unknown(kind.removesuffix("s"), part.name, TABLES[kind]))


def check_names(config: Config) -> None:
    """`check_name` for every part of a Config."""
    for kind, part in _parts(config):
        check_name(kind, part)


def builder(kind: str, name: str) -> Callable[..., Any]:
    """The function that builds the part `name`; imports its module, and with most of them TensorFlow."""
    check_name(kind, Part(name))
    module, _, function = TABLES[kind][name].partition(":")
    return getattr(importlib.import_module(module), function)


def options(kind: str, part: Part) -> dict[str, Any]:
    """The part's options, checked and with defaults filled in. ValueError says what was given and expected."""
    check_name(kind, part)
    model = _options_model(kind, part.name)
    label = f"{kind}.{part.name}" if kind in LIST_FIELDS else kind
    for given in part.options:
        if given not in model.model_fields:
            raise ValueError(f"{part.name}: " + unknown("option", given, model.model_fields))
    try:
        return dict(model(**part.options))
    except pydantic.ValidationError as error:
        raise ValueError("; ".join(_sentence(label, each) for each in error.errors())) from None


def build(kind: str, part: Part, *context: Any, **replaced: Any) -> Any:
    """Calls the part's builder; `replaced` stands in for options (a schedule object for a learning rate)."""
    return builder(kind, part.name)(*context, **{**options(kind, part), **replaced})


def canonical(config: Config) -> dict[str, Any]:
    """The Config as JSON without the options that equal their defaults, so a new option orphans no finished run."""
    given = to_json(config)

    def shortened(kind: str, part: Part) -> dict[str, Any]:
        defaults = {name: f.default for name, f in _options_model(kind, part.name).model_fields.items()}
        filled = Part(part.name, options(kind, part)).options
        plain_defaults = Part(part.name, {k: v for k, v in defaults.items() if not _required(v)}).options
        kept = {k: v for k, v in sorted(filled.items()) if k not in plain_defaults or plain_defaults[k] != v}
        return {"name": part.name, "options": kept}

    for kind in LIST_FIELDS:
        given[kind] = [shortened(kind, part) for part in getattr(config, kind)]
    if not given["phases"]:
        del given["phases"]  # there were none when the first runs were made
    return given | {kind: shortened(kind, getattr(config, kind)) for kind in PART_FIELDS}


def _required(default: Any) -> bool:
    return repr(default) == "PydanticUndefined"


def _parts(config: Config) -> list[tuple[str, Part]]:
    listed = [(kind, part) for kind in LIST_FIELDS for part in getattr(config, kind)]
    return [(kind, getattr(config, kind)) for kind in PART_FIELDS] + listed


@functools.cache
def _options_model(kind: str, name: str) -> type[pydantic.BaseModel]:
    """A pydantic model of the builder's keyword-only parameters."""
    parameters = inspect.signature(builder(kind, name), eval_str=True).parameters.values()
    fields: dict[str, Any] = {
        p.name: (p.annotation, ... if p.default is p.empty else p.default)
        for p in parameters
        if p.kind is p.KEYWORD_ONLY
    }
    strict = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False, protected_namespaces=())
    return pydantic.create_model(f"{name} options", __config__=strict, **fields)


def _sentence(label: str, error: Any) -> str:
    """One line from one pydantic error: `model.dropout=1.5: input should be less than 1`."""
    path = ".".join(str(step) for step in error["loc"][:1])
    missing = error["type"] == "missing"
    if missing and len(error["loc"]) == 1:
        return f"{label}.{path} is needed: set it, for example --set {label}.{path}=…"
    message = "it has too few values" if missing else error["msg"][0].lower() + error["msg"][1:]
    return f"{label}.{path}={error['input']!r} is not possible: {message}"
