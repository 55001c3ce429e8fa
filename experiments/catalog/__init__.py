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
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from keras_suite.experiments.config import Experiment, Space
from keras_suite.reports.page.study import Study
from keras_suite.tasks.wording.near_names import unknown

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
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
    space: Space | None
    measure: Callable[..., dict[str, Any]] | None
    draw: Callable[..., dict[str, Any]] | None


@dataclass(frozen=True)
class StudyEntry:
    """The file of a study, loaded."""

    name: str
    question: str
    docstring: str
    study: Callable[[Path | None], Study]


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
    path = Path(source)
    if path.suffix == ".py" or path.is_file():
        if not path.is_file():
            raise FileNotFoundError(f"there is no experiment file {source}: give a path that exists, or a catalog name")
        return _entry(_module(path.resolve()), str(path.resolve()), path)
    if source not in names():
        raise ValueError(unknown("experiment", source, names()) + ", or give the path of your own .py file")
    return _entry(importlib.import_module(f"{__name__}.{source}"), source, FOLDER / f"{source}.py")


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # a file may import what lies beside it; last, so that it shadows nothing
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise ValueError(f"{path.name} is no valid Python: line {error.lineno}: {error.msg}") from error
    except ImportError as error:
        _refuse_former_names(path)
        raise ValueError(f"{path.name} could not be loaded: {type(error).__name__}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    except Exception as error:
        raise ValueError(f"{path.name} could not be loaded: {type(error).__name__}: {error}") from error
    return module


def _refuse_former_names(path: Path) -> None:
    """Raise ValueError, with the import to write instead, if a file imports the suite as `experiments`, `models` ...

    Modules of these names that are the user's own are left alone.
    """
    for node in ast.walk(ast.parse(path.read_bytes())):
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


def _entry(module: ModuleType, source: str, path: Path) -> Entry | StudyEntry:
    experiment, study = getattr(module, "EXPERIMENT", None), getattr(module, "study", None)
    docstring = (module.__doc__ or "").strip()
    if experiment is None and callable(study):
        return StudyEntry(path.stem, docstring.partition("\n")[0], docstring, study)
    if not isinstance(experiment, Experiment):
        _refuse_former_names(path)  # from the suite's own folder, they are found: as other classes of the same names
        raise ValueError(f"{path.name} holds no experiment: set EXPERIMENT = Experiment(base=…, variants={{…}}) in it")
    return Entry(
        name=path.stem,
        source=source,
        question=docstring.partition("\n")[0],
        docstring=docstring,
        experiment=experiment,
        space=getattr(module, "space", None),
        measure=getattr(module, "measure", None),
        draw=getattr(module, "draw", None),
    )
