"""Names of a user's own parts, as text: "file.py:function" or "package.module:function".

A file's path is relative to the folder of the experiment's file, or to the one where the command was typed, so that
both can be moved. `use(function)` writes the text of a function or class.
"""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import ModuleType
from typing import Any

from keras_suite.tasks.wording.shown import shown

CATALOG = "keras_suite.experiments.catalog."  # whose files are users', too: dropping one in registers it
EXAMPLE = "use('my_parts.py:my_function')"


@dataclass(frozen=True)
class OwnName:
    """The two halves of a name: the file, or the module, and the function or class in it."""

    place: str
    function: str

    @property
    def in_file(self) -> bool:
        """Whether the place is a file's path, and no module's name."""
        return self.place.endswith(".py")


def is_own(name: str) -> bool:
    """Return whether a part's name is that of a user's own function or class."""
    return ":" in name


def short(name: str) -> str:
    """Return a part's name without its file: what overrides, columns and messages call it."""
    return name.rpartition(":")[2]


def listed_as(kind: str, name: str, options: Mapping[str, Any]) -> str:
    """Return what overrides, columns and messages call a part of a list.

    Args:
        kind: The field of the Config that the list is.
        name: The part's.
        options: Those that were given. That of an own metric, `called`, takes the place of its function's name.
    """
    called = options.get("called") if kind == "metrics" and is_own(name) else None
    return called if isinstance(called, str) and called.isidentifier() else short(name)


def parsed(name: str) -> OwnName:
    """Return the halves of an own part's name; ValueError if one is missing or cannot be a name."""
    place, _, function = name.rpartition(":")
    modular = all(word.isidentifier() for word in place.split("."))
    if not function.isidentifier() or not (place.endswith(".py") or modular):
        raise ValueError(
            f"{shown(name)} names no part: write a file and a function or class in it, {EXAMPLE}, or "
            "use('package.module:my_function')"
        )
    return OwnName(place, function)


def name_of(function: Any) -> str:
    """Return the name of a function or class, of a file with its absolute path.

    Raises:
        ValueError: If another process could not find it by a name.
    """
    if isinstance(function, functools.partial):
        raise ValueError(
            f"use({shown(function)}) is a partial function: give the function, and its options beside it, "
            "use(my_function, width=3)"
        )
    if not (inspect.isfunction(function) or inspect.isclass(function)):
        kind = type(function).__name__
        written = f"use({kind}, …)" if hasattr(type(function), "__module__") and kind != "module" else EXAMPLE
        raise ValueError(
            f"use({shown(function)}) is an object of {kind}: give its class, or a function that returns it, with the "
            f"options beside it: {written}"
        )
    if function.__qualname__ != function.__name__ or not function.__name__.isidentifier():
        raise ValueError(
            f"use({function.__qualname__}) is defined inside something else: define it at the top of a file, with a "
            "name, so that other processes find it"
        )
    file = _file_of(function)
    if file is None:
        raise ValueError(
            f"use({function.__name__}) is defined in no file (but in {shown(function.__module__)}): write it into a "
            f"file, and name that: {EXAMPLE}"
        )
    if function.__module__.startswith("keras_suite.") and not function.__module__.startswith(CATALOG):
        raise ValueError(
            f"use({function.__name__}) is a function of the suite's: name the part as text, for example use('mlp')"
        )
    if is_library(file):
        return f"{_public_module(function)}:{function.__name__}"
    return f"{PurePath(file).as_posix()}:{function.__name__}"


def within(name: str, root: str) -> str:
    """Return an own part's name with its file's path relative to `root`; other names as they are."""
    if not is_own(name):
        return name
    place, _, function = name.rpartition(":")
    if not (place.endswith(".py") and os.path.isabs(place)):
        return name
    return f"{PurePath(os.path.relpath(os.path.realpath(place), os.path.realpath(root))).as_posix()}:{function}"


def same(one: Any, other: str, root: str) -> bool:
    """Return whether both are the name of one part, of an own one by its file or module, from whatever folder.

    Args:
        one: What is no text is no name.
        other: A part's name.
        root: The folder that files are relative to, or else to the working folder.
    """
    if one == other or not (isinstance(one, str) and is_own(one) and is_own(other)):
        return one == other
    (place, function), (other_place, other_function) = ((name.rpartition(":")[0], short(name)) for name in (one, other))
    files = (
        {os.path.realpath(os.path.join(folder, each)) for folder in (root, "")}
        for each in (name if name.endswith(".py") else f"{name.replace('.', '/')}.py" for name in (place, other_place))
    )
    return function == other_function and any(map(os.path.exists, set.intersection(*files)))


def is_library(file: str) -> bool:
    """Return whether a file belongs to an installed package, to Python or to the suite, and not to the user."""
    from keras_suite.experiments.foreign_code import LIBRARIES  # which imports what needs these names

    real = os.path.realpath(file)
    return any(real.startswith(f"{folder}{os.sep}") for folder in LIBRARIES)


def _file_of(function: Callable[..., Any]) -> str | None:
    """Return the absolute path of the file that defines a function or class; None if no file does."""
    inside = (each for each in vars(function).values() if inspect.isfunction(each)) if inspect.isclass(function) else ()
    module: ModuleType | None = sys.modules.get(function.__module__)
    of_module = getattr(module, "__file__", None) if module else None
    code = getattr(function, "__code__", None)
    if code is not None:
        found = [inspect.unwrap(function).__code__.co_filename]
    else:  # a class: the module that it names may be another of the same name
        found = [each.__code__.co_filename for each in inside if each.__module__ == function.__module__]
    files = [*found, *([of_module] if of_module else [])]
    return next((os.path.realpath(file) for file in files if Path(file).is_file()), None)


def _public_module(function: Callable[..., Any]) -> str:
    """Return the module to import a library's function from: the public one, where Keras has it in a private one."""
    words = function.__module__.split(".")
    if words[:2] == ["keras", "src"] and len(words) > 2:
        public = f"keras.{words[2]}"
        if getattr(sys.modules.get(public), function.__name__, None) is function:
            return public
    return function.__module__
