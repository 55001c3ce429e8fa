"""The command `parts`: what a Config can name, with options, types and defaults."""

import inspect
import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import Debug, bad_input, out, waiting
from keras_suite.tasks.wording.near_names import unknown

SYMBOLS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def parts(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="Only of this field of a Config: model, loss, callbacks …")
    ] = None,
    debug: Debug = False,
) -> None:
    """List the suite's parts: what `use("name", …)` can name, each option with its type and default, and a line."""
    from keras_suite.experiments.registry import TABLES, option_fields
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        if kind is not None and kind not in TABLES:
            raise ValueError(unknown("kind of part", kind, TABLES))
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        for each in [each for each in ([kind] if kind else TABLES) if TABLES[each]]:
            out.print(Text(each, style="bold"))
            for name in TABLES[each]:
                _list(name, *option_fields(each, name))
            out.print()
    out.print(
        'A part of your own is a function or class: use(my_function, …), or its text, "file.py:function".',
        soft_wrap=True,
    )


def _list(name: str, builder: Callable[..., Any], options: dict[str, Any]) -> None:
    line = (inspect.getdoc(builder) or "").partition("\n")[0]
    out.print(Text(f"  {name}  {line}"), soft_wrap=True)
    for option, field in options.items():
        default = "needed" if field.is_required() else f"= {_written(field.default)}"
        out.print(Text(f"      {option}: {type_in_words(field)} {default}"), soft_wrap=True)


def _written(value: Any) -> str:
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


def type_in_words(field: Any) -> str:
    """Return what an option's field may hold: "int ≥ 1", "'relu' or 'tanh'"."""
    return _in_words(field.annotation, field.metadata)


def _in_words(annotation: Any, metadata: Any = ()) -> str:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _in_words(inside[0], [*inside[1:], *metadata])
    if origin is Literal:
        text = " or ".join(map(repr, inside))
    elif origin in (Union, types.UnionType):
        text = " or ".join(_in_words(each) for each in inside)
    elif origin is tuple:
        several = len(inside) == 2 and inside[1] is Ellipsis
        text = f"list of {_in_words(inside[0])}" if several else f"[{', '.join(_in_words(each) for each in inside)}]"
    elif annotation is type(None):
        text = "None"
    else:
        text = getattr(annotation, "__name__", str(annotation)).replace("Any", "any")
    return " ".join([text, *_bounds(metadata)])


def _bounds(metadata: Any) -> list[str]:
    """Return the bounds in a field's metadata; those of pydantic's Field stand inside it."""
    flat = [one for each in metadata for one in getattr(each, "metadata", [each])]
    return [
        f"{symbol} {getattr(one, name):g}" for one in flat for name, symbol in SYMBOLS.items() if hasattr(one, name)
    ]
