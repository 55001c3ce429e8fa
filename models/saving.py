"""Save a model as one complete file, and load it: a `.keras` archive with its class names and its task inside."""

import importlib
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import keras

CLASS_NAMES = "class_names.json"  # Keras reads only the members of the archive that it knows
TASK = "task.json"  # left out of a classifier, see tasks/ for the others

# Keras finds our classes in a file only once their modules have been imported and have registered them.
REGISTERED = (
    "keras_suite.models.layers.convolution",
    "keras_suite.models.layers.coordinates",
    "keras_suite.models.layers.core",
    "keras_suite.models.layers.pooling",
    "keras_suite.models.layers.recurrent",
    "keras_suite.models.losses",
    "keras_suite.models.networks.applications",
    "keras_suite.models.regularizers",
    "keras_suite.models.scratch_model",
)


def save_model(model: keras.Model, path: Path, class_names: Sequence[str], task: str = "classes") -> None:
    """Save a model, without its optimizer, with the names of its outputs and its task.

    Args:
        model: any model of the suite.
        path: of the file, ending in .keras.
        class_names: the names of its outputs.
        task: what they are, see tasks/.
    """
    # Keras 3.15 keeps the optimizer's variables in a .keras file whatever `include_optimizer` says.
    optimizer = getattr(model, "optimizer", None)
    try:
        model.optimizer = None
        model.save(path)
    finally:
        model.optimizer = optimizer
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CLASS_NAMES, json.dumps(list(class_names), ensure_ascii=False))
        if task != "classes":
            archive.writestr(TASK, json.dumps(task))


def load_model(path: Path) -> tuple[keras.Model, tuple[str, ...]]:
    """Return the model and its class names.

    Raises:
        FileNotFoundError, ValueError: say what is wrong with the file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no model file {path}: give a run directory or a .keras file of this suite")
    try:
        with zipfile.ZipFile(path) as archive:
            class_names = json.loads(archive.read(CLASS_NAMES))
    except (zipfile.BadZipFile, KeyError):
        raise ValueError(f"{path} is no model of this suite, or was cut off: train it again, or copy it anew") from None
    return load_keras(path), tuple(class_names)


def task_of(path: Path) -> str:
    """Return the task of the model in a file of this suite; "classes" of any other file."""
    if not zipfile.is_zipfile(path):
        return "classes"
    with zipfile.ZipFile(path) as archive:
        return str(json.loads(archive.read(TASK))) if TASK in archive.namelist() else "classes"


def load_keras(path: Path) -> keras.Model:
    """Return the model of any .keras file, this suite's or another's.

    Raises:
        FileNotFoundError, ValueError: say what is wrong with the file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no model file {path}")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is no .keras file, or was cut off: copy it anew")
    for module in REGISTERED:
        importlib.import_module(module)
    try:
        return keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, KeyError, OSError) as error:
        foreign = re.search(r"Could not locate (?:class|function) '([^']+)'", f"{error} {error.__cause__}")
        reason = f"it holds {foreign[1]!r}, which is not of this suite" if foreign else str(error).strip()[:200]
        raise ValueError(f"{path} cannot be loaded as a .keras file: {' '.join(reason.split())}") from error
