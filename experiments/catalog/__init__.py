"""The experiments that come with the suite, one file each: dropping a file in registers it.

A file holds a docstring whose first line is the question, `EXPERIMENT`, and where wanted
    space(hp) -> overrides of the base                          a search space for `tune`
    measure(model, images, labels) -> JSON values               more to measure on the test images when a run is done
    draw(runs) -> {title: matplotlib Figure}                    more pictures for the report (no TensorFlow here)

A question that needs no training run has `study(data_dir) -> reports.study.Study` in the place of `EXPERIMENT`.
"""

import ast
import importlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from keras_suite.experiments.config import Experiment
from keras_suite.experiments.foreign_code import ForeignCodeError, ForeignFile, ForeignFunction
from keras_suite.experiments.own_parts import modules, returned_values
from keras_suite.experiments.training.runtime import without_chatter
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import one_line, shown

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
LARGEST_FILE = 10_000_000  # bytes
FUNCTIONS = {  # of an experiment file: how each is called, and what checks its result
    "study": ("study(data_dir)", returned_values.study),
    "space": ("space(hp)", returned_values.overrides),
    "measure": ("measure(model, images, labels)", returned_values.json_values),
    "draw": ("draw(runs)", returned_values.figures),
}
FORMER_NAMES = ("callbacks", "data_pipeline", "experiments", "models", "reports")  # before all were in keras_suite


@dataclass(frozen=True)
class Entry:
    """An experiment file, loaded.

    Attributes:
        source: The catalog name or the absolute path with which another process loads it again.
    """

    name: str
    source: str
    question: str
    docstring: str
    experiment: Experiment
    space: ForeignFunction | None
    measure: ForeignFunction | None
    draw: ForeignFunction | None


@dataclass(frozen=True)
class StudyEntry:
    """The file of a study, loaded."""

    name: str
    question: str
    docstring: str
    study: ForeignFunction


def names() -> list[str]:
    """Return the names of the catalog's experiments, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def load(source: str) -> Entry:
    """Load an experiment, as `load_any`; a study is refused with ValueError."""
    entry = load_any(source)
    if isinstance(entry, StudyEntry):
        raise ValueError(
            f"{entry.name} is a study, which trains no network: its only command is keras-suite run {source}"
        )
    return entry


def load_any(source: str) -> Entry | StudyEntry:
    """Load an experiment or a study.

    Args:
        source: A name from the catalog, or the path of a file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there is no such name, or with what is wrong in the file.
    """
    if source in names():
        path = FOLDER / f"{source}.py"
        return _entry(ForeignFile(path), source, f"{__name__}.{source}")
    path = Path(source)
    if not source or (path.suffix != ".py" and not path.exists()):
        raise ValueError(unknown("experiment", source, names()) + ", or give the path of your own .py file")
    _check_file(path)
    return _entry(ForeignFile(path.resolve()), str(path.resolve()))


def _check_file(path: Path) -> None:
    """Raise ValueError or FileNotFoundError unless this is a file that can be loaded, and whose name names a folder."""
    if not path.exists():
        raise FileNotFoundError(f"there is no experiment file {path}: give a path that exists, or a catalog name")
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no regular file"
        raise ValueError(f"{path} is {what}: give the path of a .py file, or a catalog name")
    if path.suffix != ".py":
        raise ValueError(f"{path} is no Python file: an experiment file's name ends in .py")
    check_name(path.stem, str(path))
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path} holds {path.stat().st_size / 1e6:,.0f} MB: expected a Python file")


def check_name(name: str, what: str) -> None:
    """Raise ValueError unless an experiment's name can name a folder; `what` is what has the name."""
    if not re.fullmatch(r"[^\W_][^/\\:*?\"<>|\x00-\x1f]*", name) or not name.isprintable():
        raise ValueError(
            f"{what} has a name that cannot name a folder: rename it, to begin with a letter or a digit and without "
            '/ \\ : * ? " < > |'
        )
    if name.endswith(".tune"):
        raise ValueError(f"{what} has the name of a sweep's folder: rename it, so that it does not end in .tune")


def _module(file: ForeignFile, module_name: str | None) -> ModuleType:
    """Import a catalog's module, or run the file of a user's own."""
    path = file.path
    try:
        with without_chatter(), file.calling("loading it", keep_style=True):
            if module_name is not None:
                return importlib.import_module(module_name)
            modules.prepare(path, path.parent)  # a file may import what lies beside it
            module = modules.run_file(path)
            modules.remember(path, path.parent, module)
            return module
    except ForeignCodeError as error:
        if isinstance(error.__cause__, ImportError):
            _refuse_former_names(path)
        raise


def _refuse_former_names(path: Path) -> None:
    """Raise ValueError, with the import to write instead, if a file imports the suite as `experiments`, `models` ...

    Modules of these names that are the user's own are left alone.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # then this is not what is wrong with it
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module or ""]
        else:
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            present = _present_name(module)
            if present is not None:
                assert isinstance(node, ast.Import | ast.ImportFrom)
                found = ast.unparse(node)
                raise ValueError(
                    f"{path.name} line {node.lineno}: {found!r} is a former name of the suite: write "
                    f"{found.replace(module, present, 1)!r}"
                )


def _present_name(module: str) -> str | None:
    """Return the name by which the suite's module is imported that was `module` once; None of any other module."""
    room, _, inside = module.partition(".")
    if room not in FORMER_NAMES:
        return None
    spec = importlib.util.find_spec(room)
    if spec is not None and not any(Path(place).resolve().is_relative_to(ROOT) for place in _places(spec)):
        return None
    file = Path(room, *inside.split(".")) if inside else Path(room)
    moved = [path.relative_to(ROOT) for path in (ROOT / room).rglob(f"{file.name}.py")]
    if not (ROOT / file).is_dir() and not (ROOT / file).with_suffix(".py").is_file() and len(moved) == 1:
        file = moved[0].with_suffix("")
    return ".".join(("keras_suite", *file.parts))


def _places(spec: ModuleSpec) -> list[str]:
    return [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())


def _entry(file: ForeignFile, source: str, module_name: str | None = None) -> Entry | StudyEntry:
    module, path = _module(file, module_name), file.path
    with file.calling("looking into it"):  # a module may answer for its names itself
        held = {name: getattr(module, name, None) for name in ("EXPERIMENT", "study", "space", "measure", "draw")}
        docstring = str(module.__doc__ or "").strip()
    question = one_line(docstring.partition("\n")[0])
    experiment, functions = held["EXPERIMENT"], _functions(file, held)
    if experiment is None and "study" in functions:
        return StudyEntry(path.stem, question, docstring, functions["study"])
    if not isinstance(experiment, Experiment):
        _refuse_former_names(path)  # from the suite's own folder, they are found: as other classes of the same names
        found = "" if experiment is None else f" (EXPERIMENT is {shown(experiment)})"
        raise ValueError(
            f"{path.name} holds no experiment{found}: set EXPERIMENT = Experiment(base=…, variants={{…}}) in it"
        )
    if module_name is None:
        experiment = experiment.rooted(str(path.parent))
    return Entry(
        name=path.stem,
        source=source,
        question=question,
        docstring=docstring,
        experiment=experiment,
        space=functions.get("space"),
        measure=functions.get("measure"),
        draw=functions.get("draw"),
    )


def _functions(file: ForeignFile, held: Mapping[str, Any]) -> dict[str, ForeignFunction]:
    """Return the functions of an experiment file; ValueError if one of their names is something else."""
    functions = {}
    for name, (call, checked) in FUNCTIONS.items():
        function = held[name]
        if function is None:
            continue
        if not callable(function):
            raise ValueError(f"{file.path.name} sets {name} = {shown(function)}: expected a function {call}")
        functions[name] = file.function(function, call, checked)
    return functions
