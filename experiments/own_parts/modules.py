"""A user's own modules, imported once in a process, and anew where a file was edited since."""

import hashlib
import importlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from keras_suite.experiments.own_parts.sources import files_of


@dataclass(frozen=True)
class Loaded:
    """A module, and the digests of its own file and of those it imports when it was imported."""

    module: ModuleType
    digests: dict[Path, str]


_loaded: dict[Path, Loaded] = {}


def module_of(path: Path, root: Path) -> ModuleType:
    """Return the module of a user's file. Whatever it raises when it is imported passes.

    Args:
        path: The file.
        root: The folder from which its imports are looked for, last, so that they shadow nothing.
    """
    known = _loaded.get(path)
    if known is not None and known.digests == _digests(known.digests):
        return known.module
    forget_edited(path, root)
    look_in(root)
    digests = _digests(files_of(path, root))
    module = _imported(path, root) or run_file(path)
    _loaded[path] = Loaded(module, digests)
    return module


def remember(path: Path, root: Path, module: ModuleType) -> None:
    """Take a module that was just run for that of its file."""
    _loaded[path] = Loaded(module, _digests(files_of(path, root)))


def run_file(path: Path) -> ModuleType:
    """Run a file as a module of its own."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def look_in(folder: Path) -> None:
    """Let a folder's modules be imported; last, so that they shadow nothing."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def forget_edited(path: Path, root: Path) -> None:
    """Forget the modules that a file imports, if any of them was edited after it was imported here."""
    files = set(files_of(path, root))
    of_files = {file: [name for name, module in list(sys.modules.items()) if _is_of(module, file)] for file in files}
    imported = {file for file, names in of_files.items() if names}
    now = _digests(imported)
    edited = {file for file in imported if _seen.get(file, now[file]) != now[file]}
    _seen.update(now)
    if not edited:
        return
    importlib.invalidate_caches()
    for file in files:  # all of them: one that was not edited holds names of one that was
        _loaded.pop(file, None)
        for name in of_files[file]:
            del sys.modules[name]


def own_modules(files: tuple[Path, ...]) -> list[ModuleType]:
    """Return the imported modules of these files."""
    held = [loaded.module for path, loaded in _loaded.items() if path in files]
    imported = [module for module in list(sys.modules.values()) if any(_is_of(module, file) for file in files)]
    return list({id(module): module for module in (*held, *imported)}.values())


_seen: dict[Path, str] = {}  # the digests of the files behind imported modules, when they were first looked at


def _imported(path: Path, root: Path) -> ModuleType | None:
    """Import a file by its dotted name below `root`, as the user's own imports do; None if that name is another's."""
    try:
        words = path.relative_to(root).with_suffix("").parts
    except ValueError:
        return None
    name = ".".join(words)
    if not all(word.isidentifier() for word in words) or (name in sys.modules and not _is_of(sys.modules[name], path)):
        return None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):  # its package is another's
        return None
    if spec is None or spec.origin is None or Path(spec.origin).resolve() != path:
        return None
    module = importlib.import_module(name)
    _seen.setdefault(path, _digest(path))
    return module


def _is_of(module: object, file: Path) -> bool:
    origin = getattr(module, "__file__", None)
    return isinstance(origin, str) and Path(origin).name == file.name and Path(origin).resolve() == file


def _digests(files: object) -> dict[Path, str]:
    return {file: _digest(file) for file in files}  # type: ignore[attr-defined]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
