"""A user's own modules, imported once in a process; anew where a file was edited, or another folder's is meant."""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from keras_suite.experiments.own_parts.names import is_library
from keras_suite.experiments.own_parts.sources import files_of


@dataclass(frozen=True)
class Loaded:
    """A user's file, imported.

    Attributes:
        module: Its module.
        digests: Of the file and of those that it imports, when it was imported.
        modules: All their modules.
    """

    module: ModuleType
    digests: dict[Path, str]
    modules: tuple[ModuleType, ...]


_loaded: dict[Path, Loaded] = {}
_seen: dict[Path, str] = {}  # the digests of the files behind imported modules, when they were first looked at
_folders: list[str] = []  # those that imports are looked for in, the latest first


def load(path: Path, root: Path) -> Loaded:
    """Import a user's file. Whatever it raises passes.

    Args:
        path: The file.
        root: The folder from which its imports are looked for, last, so that they shadow nothing.
    """
    known = _loaded.get(path)
    if known is not None and known.digests == _digests(known.digests):
        return known
    prepare(path, root)
    module = _imported(path, root) or run_file(path)
    return remember(path, root, module)


def remember(path: Path, root: Path, module: ModuleType) -> Loaded:
    """Take a module that was just run for that of its file."""
    files = files_of(path, root)
    imported = [each for each in list(sys.modules.values()) if any(_is_of(each, file) for file in files)]
    modules = tuple({id(each): each for each in (module, *imported)}.values())
    _loaded[path] = Loaded(module, _digests(files), modules)
    _seen.update(_loaded[path].digests)
    return _loaded[path]


def run_file(path: Path) -> ModuleType:
    """Run a file as a module of its own."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prepare(path: Path, root: Path) -> None:
    """Let a file's imports be found in `root`, as they are there now."""
    look_in(root)
    _forget_other_folders(root)
    _forget_edited(path, root)


def look_in(folder: Path) -> None:
    """Let a folder's modules be imported: behind libraries, so that they shadow nothing, before other own folders."""
    name = str(folder)
    if name in sys.path and name not in _folders:
        return
    if name in _folders:
        _folders.remove(name)
    _folders.insert(0, name)
    sys.path[:] = [each for each in sys.path if each not in _folders] + _folders


def _forget_other_folders(root: Path) -> None:
    """Forget users' modules from elsewhere that have the name of one in `root`."""
    tops = {each.stem for each in root.iterdir() if each.is_dir() or each.suffix == ".py"}
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        if top not in tops or top in sys.stdlib_module_names:
            continue
        places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
        real = [Path(place).resolve() for place in places if place]
        if real and not any(place.is_relative_to(root) or is_library(str(place)) for place in real):
            del sys.modules[name]


def _forget_edited(path: Path, root: Path) -> None:
    """Forget the modules that a file imports, if any of them was edited after it was imported here."""
    files = files_of(path, root)
    of_files = {file: [name for name, module in list(sys.modules.items()) if _is_of(module, file)] for file in files}
    now = _digests(file for file, names in of_files.items() if names)
    edited = any(_seen.setdefault(file, digest) != digest for file, digest in now.items())
    _seen.update(now)
    if not edited:
        return
    importlib.invalidate_caches()
    for file in files:  # all of them: one that was not edited holds names of one that was
        _loaded.pop(file, None)
        for name in of_files[file]:
            del sys.modules[name]


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
    return importlib.import_module(name)


def _is_of(module: object, file: Path) -> bool:
    origin = getattr(module, "__file__", None)
    return isinstance(origin, str) and origin.endswith(file.name) and Path(origin).resolve() == file


def _digests(files: Iterable[Path]) -> dict[Path, str]:
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "" for file in files}
