"""What a Config says of further metrics: those of the suite by name, and a user's own.

Of an own one, names that others have are refused, and the rest is all that reports need. Each becomes a column of
history.csv, a monitor, an objective of `tune`, and a column and curve of the report.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypedDict

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from keras_suite.experiments.config.part import Part
from keras_suite.experiments.own_parts.names import is_own, listed_as
from keras_suite.tasks import TASKS, training_metrics
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import DECLARED, Metric, own_metric

LONGEST = 60
OF_HISTORY = ("loss", "epoch", "phase", "learning_rate", "seconds", "images_per_second")
OF_TABLES = ("images", "images_and_seeds")  # test_images_… of comparison.csv


def _in_a_line(text: str) -> str:
    if len(text) > LONGEST or any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in text):
        raise PydanticCustomError("line", f"expected a line of at most {LONGEST} characters")
    return text


Line = Annotated[str, AfterValidator(_in_a_line)]


def _as_a_name(text: str) -> str:
    if text and not text.isidentifier():
        raise PydanticCustomError("name", "expected letters, digits and _, as a function's name has")
    return text


Name = Annotated[Line, AfterValidator(_as_a_name)]


def _max_or_min(direction: Any) -> Any:
    if direction not in ("max", "min"):
        raise PydanticCustomError("direction", "expected 'max' if it is to rise, or 'min' if it is to fall")
    return direction


class MetricOptions(TypedDict):
    """The options of a metric that are the suite's: they say how it is written, and the function is not passed them."""

    direction: Annotated[Any, AfterValidator(_max_or_min), Field(default=None, validate_default=True)]
    unit: Annotated[Line, Field(default="")]
    scale: Annotated[float, Field(default=1.0, strict=True, gt=0, allow_inf_nan=False)]
    label: Annotated[Line, Field(default="")]
    called: Annotated[Name, Field(default="")]


def declared(name: str, options: Mapping[str, Any]) -> Metric:
    """Return a part of a Config's `metrics` as a metric.

    Args:
        name: The part's, as the Config has it.
        options: All of the part's, or those that were given.
    """
    given = {key: options[key] for key in DECLARED if key in options}
    return own_metric(given | {"name": listed_as("metrics", name, options)})


ON_REQUEST: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in CLASSES.on_request})


def further_metrics(parts: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Metric, ...]:
    """Return what a Config's `metrics` name, the suite's and the user's own.

    Args:
        parts: The names, which must have been checked, and the options of each, as `declared` takes them.
    """
    return tuple(declared(name, options) if is_own(name) else ON_REQUEST[name] for name, options in parts)


def check_metric_names(parts: Iterable[Part]) -> None:
    """Raise ValueError if an own metric has a name by which something else is measured, or stands in the tables."""
    scores = {name for task in TASKS.values() for name in (task.score.name, task.score.key)}
    keys = {metric.key for metric in training_metrics().values()}
    taken = {*training_metrics(), *scores, *keys, *OF_HISTORY, *OF_TABLES}
    for name in (listed_as("metrics", part.name, part.options) for part in parts if is_own(part.name)):
        if name in ON_REQUEST:
            raise ValueError(
                f"metrics.{name}: {name!r} is a metric of the suite's: take that, use({name!r}), or give your function "
                f"another name, for example my_{name}"
            )
        if name in taken or name.startswith("val_"):
            why = (
                "begins as the columns of validation data do" if name.startswith("val_") else "is a name of the suite's"
            )
            raise ValueError(f"metrics.{name}: {name!r} {why}: give your function another name, for example my_{name}")
