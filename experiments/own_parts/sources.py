"""The source that an own part is made of: its file and the user's own modules that this imports; their fingerprint.

Found by reading, not by running. Comments, docstrings and formatting do not count, and the Python version doesn't
either. Of a file that holds an experiment, only what the part needs counts: its variants may change.
"""

import ast
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from keras_suite.experiments.own_parts.names import is_library

EXPERIMENT = "EXPERIMENT"
# Keras's layer is adapted to the training images. Until it was, runs of the same source were others.
ADAPTED = "\"'Normalization'\""
LEFT_OUT = ("kind", "type_comment", "ctx")  # what says nothing, or not in every version of Python
# Printable in Unicode 15.0 and 15.1, of Python 3.12 and 3.13, and not in the 14.0 of Python 3.11.
LATER = re.compile(
    "[\u0cf3\u0ece\u2ffc-\u2fff\u31ef\U00010efd-\U00010eff\U0001123f-\U00011241\U00011b00-\U00011b09"
    "\U00011f00-\U00011f59\U0001342f-\U00013455\U0001b132\U0001b155\U0001d2c0-\U0001d2d3\U0001df25-\U0001df2a"
    "\U0001e030-\U0001e08f\U0001e4d0-\U0001e4f9\U0001f6dc\U0001f774-\U0001f77f\U0001f7d9\U0001fa75-\U0001fa77"
    "\U0001fa87-\U0001fa88\U0001faad-\U0001faaf\U0001fabb-\U0001fabf\U0001face-\U0001facf\U0001fada-\U0001fadb"
    "\U0001fae8\U0001faf7-\U0001faf8\U0002b739\U0002ebf0-\U0002ee5d\U00031350-\U000323af]"
)
MOST_FILES = 1_000
LARGEST_FILE = 10_000_000  # bytes


class Unreadable(ValueError):
    """A source file that is no Python, or that cannot be read."""


def files_of(path: Path, root: Path, function: str | None = None) -> tuple[Path, ...]:
    """Return the file itself and the user's own modules that it imports, wherever in it, and those that they import.

    Args:
        path: A user's file.
        function: The part in it; of an experiment's file only what that needs counts. None for the whole file.
        root: The folder that imports are looked for in, as Python does when the experiment's file runs.
    """
    found: dict[Path, None] = {path: None}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        body = counting(file, function if file == path else None)
        for module in _imported_files(file, body, (root, path.parent)):
            if module not in found and not is_library(str(module)):
                found[module] = None
                waiting.append(module)
        if len(found) > MOST_FILES:
            raise Unreadable(f"{path} imports more than {MOST_FILES:,} files of the folder {root}: move it elsewhere")
    return tuple(sorted(found))


def fingerprint(path: Path, function: str, files: Sequence[Path]) -> str:
    """Return 16 hex digits that stand for what the files say of the part `function` in `path`.

    Raises:
        Unreadable: If one of them cannot be read, or has expressions in expressions without end.
    """
    folder = os.path.commonpath([file.parent for file in files])
    texts = {os.path.relpath(file, folder): _as_text(file, function if file == path else None) for file in files}
    described = ", ".join(f"[{json.dumps(name)}, {text}]" for name, text in sorted(texts.items()))
    text = f"[{json.dumps(os.path.relpath(path, folder))}, [{described}]]{', adapted' * (ADAPTED in described)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def names_in(path: Path) -> tuple[list[str], list[str]]:
    """Return the functions and classes at the top of a file, and other names it may hold: imported, set, set inside."""
    defined, others = [], []
    for statement in tree_of(path).body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.append(statement.name)
        elif not isinstance(statement, ast.Expr):
            others += [name for each in ast.walk(statement) if isinstance(each, ast.stmt) for name in _bound(each)]
    return defined, others


def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file; Unreadable says what is wrong with it, with the line."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Unreadable(f"{path} holds {path.stat().st_size / 1e6:,.0f} MB: expected a Python file")
        return ast.parse(path.read_bytes())
    except SyntaxError as error:
        place = f"{path.name} line {error.lineno}:" if error.lineno else f"{path.name}:"
        raise Unreadable(f"{place} no valid Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"{path.name} is no valid Python: {str(error) or type(error).__name__}") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}") from None


# -- imports ---------------------------------------------------------------------------------------------------------


def _imported_files(path: Path, body: list[ast.stmt], folders: Iterable[Path]) -> Iterator[Path]:
    for node in (each for statement in body for each in ast.walk(statement)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files_of_module(alias.name.split("."), folders)
        elif isinstance(node, ast.ImportFrom):
            words = node.module.split(".") if node.module else []
            places = [path.parents[node.level - 1]] if node.level else folders
            for alias in node.names:  # each may be a module of that package
                yield from _files_of_module([*words, alias.name], places)


def _files_of_module(words: list[str], folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that an import of this dotted name runs: the module's, and its packages' __init__.py."""
    for folder in dict.fromkeys(folders):
        found = False
        for depth in range(1, len(words) + 1):
            place = folder.joinpath(*words[:depth])
            for file in (place / "__init__.py", place.with_suffix(".py")):
                if place.name and file.is_file():
                    found = True
                    yield file.resolve()
                    break
        if found:
            return


# -- what counts -----------------------------------------------------------------------------------------------------


def _described(path: Path, function: str | None) -> Any:
    """Return what a file says, without comments and formatting; of an experiment's file what `function` needs."""
    return [_plain(statement) for statement in counting(path, function) if not _is_text(statement)]


def _as_text(path: Path, function: str | None) -> str:
    try:
        return json.dumps(_described(path, function), ensure_ascii=True)
    except RecursionError:
        raise Unreadable(f"{path.name} has expressions in expressions too deep to be compared: split them up") from None


def counting(path: Path, function: str | None) -> list[ast.stmt]:
    """Return the statements of a file that count: all, or of an experiment's file those that `function` needs."""
    body = tree_of(path).body
    if function is not None and any(EXPERIMENT in _bound(statement) for statement in body):
        return _needed(body, function)
    return body


def _needed(body: list[ast.stmt], function: str) -> list[ast.stmt]:
    """Return the statements that a function depends on: those that define what it names, and all with side effects."""
    wanted, kept = {function}, set()
    growing = True
    while growing:
        growing = False
        for number, statement in enumerate(body):
            bound = _bound(statement)
            if number in kept or EXPERIMENT in bound:
                continue
            if not bound or not _only_defines(statement) or wanted.intersection(bound):
                kept.add(number)
                wanted |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
                growing = True
    return [statement for number, statement in enumerate(body) if number in kept]


def _only_defines(statement: ast.stmt) -> bool:
    """Return whether a statement does nothing but give something a name: a decorator may do more, * gives many."""
    return not getattr(statement, "decorator_list", []) and "*" not in _bound(statement)


def _bound(statement: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a file binds, where it does just that."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in statement.names]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    flat = [each for target in targets for each in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [target.id for target in flat if isinstance(target, ast.Name)] if flat else []


def _plain(node: Any) -> Any:
    """Return a syntax tree as lists and texts, the same in every Python: without docstrings and empty fields."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, ast.AST):
        return _escaped(repr(node))
    fields: list[Any] = [type(node).__name__]
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            value = value[1:] if value and _is_text(value[0]) else value
        if name == "values" and isinstance(node, ast.JoinedStr):  # f"{x:{y}}" ends in an empty text in Python 3.12
            value = [each for each in value if not (isinstance(each, ast.Constant) and each.value == "")]
        if name not in LEFT_OUT and value is not None and value != []:
            fields.append([name, _plain(value)])
    return fields


def _escaped(text: str) -> str:
    """Return a text as `repr` writes it in Python 3.11, which escapes characters that it does not know yet."""
    return LATER.sub(lambda found: ascii(found[0])[1:-1], text)


def _is_text(statement: ast.stmt) -> bool:
    """Return whether a statement is a text alone, as a docstring is."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
