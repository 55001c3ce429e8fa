"""An own part, located and loaded: the file or module that a name means, its source, and the function in it."""

import importlib.util
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_suite.experiments.foreign_code import ForeignCodeError, ForeignFile
from keras_suite.experiments.own_parts import modules
from keras_suite.experiments.own_parts.names import is_library, parsed
from keras_suite.experiments.own_parts.sources import files_of, fingerprint, names_in
from keras_suite.tasks.wording.near_names import unknown


@dataclass(frozen=True)
class OwnPart:
    """A user's function or class that builds a part.

    Attributes:
        name: As the Config has it.
        root: The folder that file names are relative to, and imports are looked for in.
        path: The file.
        module: The module's name if it is a library's, else "".
        function: The name of the function or class.
        files: The file, and the user's own ones that it imports.
        fingerprint: 16 hex digits that stand for their source.
    """

    name: str
    root: Path
    path: Path
    module: str
    function: str
    files: tuple[Path, ...]
    fingerprint: str

    @property
    def file(self) -> ForeignFile:
        """The boundary that its code is called through."""
        return ForeignFile(self.path, folder=self.root)

    def load(self) -> Callable[..., Any]:
        """Import its file, and return the function or class.

        Raises:
            ForeignCodeError: If the file fails, or holds no such function.
        """
        with self.file.calling("loading it"):
            module = importlib.import_module(self.module) if self.module else modules.load(self.path, self.root).module
            found = getattr(module, self.function, None)
        if not (inspect.isfunction(found) or inspect.isclass(found)):
            what = "sets" if found is not None else "holds no"
            raise ForeignCodeError(
                f"{self.path.name} {what} {self.function}: expected a function or a class of that name"
            )
        return found

    def custom_objects(self) -> dict[str, Any]:
        """Return the Keras classes and the functions of its files by the names that saved models know them by."""
        import keras

        kinds = (
            *(keras.Layer, keras.Loss, keras.Metric, keras.Optimizer, keras.optimizers.schedules.LearningRateSchedule),
            *(keras.Initializer, keras.Regularizer, keras.constraints.Constraint),
        )
        self.load()
        objects: dict[str, Any] = {}
        for module in modules.load(self.path, self.root).modules if not self.module else ():
            for name, value in list(vars(module).items()):
                if getattr(value, "__module__", None) != module.__name__:
                    continue
                if inspect.isfunction(value) or (inspect.isclass(value) and issubclass(value, kinds)):
                    objects |= {name: value, keras.saving.get_registered_name(value): value}
        return objects


_located: dict[tuple[str, str], tuple[dict[Path, tuple[int, int]], OwnPart]] = {}


def locate(name: str, root: str) -> OwnPart:
    """Find what a name means, without running it.

    Args:
        name: As a Config has it.
        root: The folder of the experiment's file; "" for the current one.

    Raises:
        FileNotFoundError, ValueError: If there is no such file, or nothing of that name in it.
    """
    folder = os.path.realpath(root or ".")
    known = _located.get((name, folder))
    if known is not None and known[0] == _stamps(known[1].files):
        return known[1]
    part = _locate(name, Path(folder))
    _located[name, folder] = _stamps(part.files), part
    return part


def _stamps(files: tuple[Path, ...]) -> dict[Path, tuple[int, int]]:
    def stamp(file: Path) -> tuple[int, int]:
        try:
            status = file.stat()
        except OSError:
            return (-1, -1)
        return status.st_mtime_ns, status.st_size

    return {file: stamp(file) for file in files}


def _locate(name: str, root: Path) -> OwnPart:
    own = parsed(name)
    path, module = (_file(own.place, root), "") if own.in_file else _file_of_module(own.place, name, root)
    defined, others = names_in(path)
    if not {own.function, "*", "__getattr__"}.intersection((*defined, *others)):
        raise ValueError(f"{name}: " + unknown("function or class", own.function, defined))
    files = (path,) if module else files_of(path, root, own.function)
    return OwnPart(name, root, path, module, own.function, files, fingerprint(path, own.function, files))


def _file(place: str, root: Path) -> Path:
    path = Path(os.path.realpath(root / place))
    if not path.exists():
        raise FileNotFoundError(f"there is no file {place} in {root}: give its path from there, or an absolute one")
    if not path.is_file():
        raise ValueError(f"{path} is no regular file: give the path of a .py file")
    return path


def _file_of_module(module: str, name: str, root: Path) -> tuple[Path, str]:
    """Return a module's file, and its name if it is of a library: a user's own one is loaded as a file."""
    modules.look_in(root)
    beside = root.joinpath(*module.split("."))
    for file in (beside.with_suffix(".py"), beside / "__init__.py"):
        if file.is_file():
            return file.resolve(), ""
    with ForeignFile(root / "experiment", folder=root).calling(f"importing {module}"):
        try:
            spec = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            spec = None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise ValueError(
            f"{name}: there is no module {module!r}, neither in {root} nor among the installed packages: give a file, "
            "'my_parts.py:my_function'"
        )
    path = Path(spec.origin).resolve()
    return path, module if is_library(str(path)) else ""
