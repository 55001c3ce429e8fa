"""What an own part takes: what the suite passes to it, and its options, from its signature."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_origin, get_type_hints

import pydantic
from pydantic_core import PydanticCustomError

from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions
from keras_suite.experiments.own_parts.metrics import MetricOptions

# What the suite passes where a parameter has one of these names; whatever else a part takes is an option.
SHAPE, CLASSES = ("input_shape", "image_shape"), ("classes", "num_classes", "n_classes", "outputs")
CONTEXT: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "model": (SHAPE, CLASSES, ("seed",)),
    "augmentation": (SHAPE, CLASSES),
    "dataset": (("data_dir",),),
    "schedule": (("learning_rate",), ("steps", "total_steps")),
}
BATCH = (
    "images",
    "labels",
    "seed",
    "epoch",
    "indices",
    "keys",
)  # of an augmentation that is itself called with batches
SHARED: Mapping[str, type] = {"dataset": ArrayOptions, "metrics": MetricOptions}  # options that are the suite's
PASSED_BY_KERAS = ("self", "name", "dtype", "trainable", "args", "kwargs")


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("number", "expected a number, as its default is")
    return value


OF_DEFAULT: Mapping[type, Any] = {
    bool: Annotated[bool, pydantic.Strict()],
    int: Annotated[Any, pydantic.BeforeValidator(_number)],
    float: Annotated[Any, pydantic.BeforeValidator(_number)],
    str: str,
}


@dataclass(frozen=True)
class Signature:
    """What a function or class is called with.

    Attributes:
        passed: The parameters that are no options, in their order.
        positional: How many of these come by position only.
        options: A pydantic model of the others.
        shared: The options among them that are the suite's, which the function is not called with.
    """

    passed: tuple[str, ...]
    positional: int
    options: type[pydantic.BaseModel]
    shared: tuple[str, ...] = ()

    def named(self, context: "Context") -> dict[str, Any]:
        """Return what the function is passed of the context, by the parameters' names."""
        values = {name: value for names, value in context for name in names}
        return {name: values[name] for name in self.passed if name in values}

    def call(self, function: Callable[..., Any], context: "Context", options: Mapping[str, Any]) -> Any:
        """Call the function with what it is passed of the context, and with options."""
        values = {name: value for names, value in context for name in names}
        by_position = [value for _, value in context]
        first = [values.get(name, by_position[i]) for i, name in enumerate(self.passed[: self.positional])]
        return function(*first, **{name: values[name] for name in self.passed[self.positional :]}, **options)


Context = Sequence[tuple[tuple[str, ...], Any]]  # values, each with the names that a parameter may have for it


def called_with_targets(kind: str, function: Callable[..., Any]) -> bool:
    """Return whether a loss or metric is itself the function of targets and predictions, and does not create one."""
    if kind not in ("loss", "metrics") or inspect.isclass(function):
        return False
    first = list(inspect.signature(function).parameters.values())[:2]
    return len(first) == 2 and all(p.default is p.empty and p.kind is not p.KEYWORD_ONLY for p in first)


def called_with_batches(kind: str, function: Callable[..., Any]) -> bool:
    """Return whether an augmentation is itself the function of a batch, and does not create one."""
    parameters = () if inspect.isclass(function) else tuple(inspect.signature(function).parameters)
    return kind == "augmentation" and parameters[:1] == ("images",)


def signature_of(kind: str, name: str, function: Callable[..., Any]) -> Signature:
    """Read a part's signature.

    Args:
        kind: The field of the Config that it stands in.
        name: The part's name, for messages.
        function: A function or class.
    """
    parameters = _parameters(function)
    if called_with_targets(kind, function):
        passed = [p.name for p in parameters[:2]]
    elif called_with_batches(kind, function):
        passed = [p.name for p in parameters if p.name in BATCH]
    else:
        known = [name for names in CONTEXT.get(kind, ()) for name in names]
        passed = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
        passed += [p.name for p in parameters if p.name in known and p.name not in passed]
    positional = sum(p.kind is p.POSITIONAL_ONLY for p in parameters if p.name in passed)
    if positional > len(CONTEXT.get(kind, BATCH)):
        takes = ", ".join(names[0] for names in CONTEXT.get(kind, ())) or "nothing"
        raise ValueError(
            f"{name} takes {positional} values by position, and a {kind} is passed {takes}: name the others"
        )
    fields: dict[str, Any] = {}
    for p in parameters:
        varying = p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        if p.name not in passed and not varying and not (inspect.isclass(function) and p.name in PASSED_BY_KERAS):
            fields[p.name] = (_annotation(p), ... if p.default is p.empty else p.default)
    hints = get_type_hints(SHARED[kind], include_extras=True) if kind in SHARED else {}
    if kind == "metrics" and fields.keys() & hints.keys():
        raise ValueError(
            f"{name} takes {', '.join(sorted(fields.keys() & hints.keys()))}, and {', '.join(hints)} say how a metric "
            "is written: rename what the function takes"
        )
    shared = {option: hint for option, hint in hints.items() if option not in fields}
    strict = pydantic.ConfigDict(extra="forbid", protected_namespaces=(), arbitrary_types_allowed=True)
    options = pydantic.create_model(f"{name} options", __config__=strict, **fields, **shared)
    return Signature(tuple(passed), positional, options, tuple(shared))


def context(kind: str, *values: Any) -> Context:
    """Return what the suite passes to a part of this kind, by all the names that a parameter may have for it."""
    return list(zip(CONTEXT.get(kind, ()), map(_plain, values), strict=False))


def _plain(value: Any) -> Any:
    """Return NumPy's numbers as Python's: Keras keeps what a model's class is called with as JSON."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    called = function.__init__ if inspect.isclass(function) else function
    try:
        parameters = inspect.signature(called, eval_str=True).parameters
    except (NameError, AttributeError, SyntaxError, TypeError):  # annotations that name nothing at run time
        parameters = inspect.signature(called).parameters
    return list(parameters.values())[1 if inspect.isclass(function) else 0 :]


def _annotation(parameter: inspect.Parameter) -> Any:
    """Return what an option may be: as annotated, else what its default is, else anything."""
    given = parameter.annotation
    if given is not parameter.empty and not isinstance(given, str):
        return Annotated[given, pydantic.Strict()] if given is bool and get_origin(given) is None else given
    return OF_DEFAULT.get(type(parameter.default), Any)
