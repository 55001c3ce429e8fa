"""The experiments that come with the suite, one file each: dropping a file in registers it.

A file holds a docstring whose first line is the question, `EXPERIMENT`, and where wanted
    space(hp) -> overrides of the base                          a search space for `tune`
    measure(model, images, labels) -> JSON values               more to measure on the test images when a run is done
    draw(runs) -> {title: matplotlib Figure}                    more pictures for the report (no TensorFlow here)

A question that needs no training run has `study(data_dir) -> reports.study.Study` in the place of `EXPERIMENT`.
"""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from keras_suite.experiments.config import Experiment, Space
from keras_suite.reports.page.study import Study
from keras_suite.tasks.wording.near_names import unknown

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """An experiment file, loaded: `source` is what finds it again in another process."""

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
    """The catalog's experiments, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def load(source: str) -> Entry:
    """The experiment of this name or file; ValueError or FileNotFoundError says what is wrong with it."""
    found = load_any(source)
    if isinstance(found, StudyEntry):
        raise ValueError(
            f"{found.name} is a study, it trains no network: all there is to it is keras-suite run {source}"
        )
    return found


def load_any(source: str) -> Entry | StudyEntry:
    """Loads a catalog name or a file of the user's own; ValueError or FileNotFoundError says what is wrong with it."""
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
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise ValueError(f"{path.name} is no valid Python: line {error.lineno}: {error.msg}") from error
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    except Exception as error:
        raise ValueError(f"{path.name} could not be loaded: {type(error).__name__}: {error}") from error
    return module


def _entry(module: ModuleType, source: str, path: Path) -> Entry | StudyEntry:
    experiment, study = getattr(module, "EXPERIMENT", None), getattr(module, "study", None)
    docstring = (module.__doc__ or "").strip()
    if experiment is None and callable(study):
        return StudyEntry(path.stem, docstring.partition("\n")[0], docstring, study)
    if not isinstance(experiment, Experiment):
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
