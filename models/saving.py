"""Save a model as one complete file, and load it: a `.keras` archive with its class names and its task inside."""

import contextlib
import importlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras

from keras_suite.tasks import TASKS
from keras_suite.tasks.wording.near_names import unknown

CLASS_NAMES = "class_names.json"  # Keras reads only the members of the archive that it knows
KERAS_MEMBERS = {"config.json", "metadata.json"}
UNREADABLE = (EOFError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error)
TASK = "task.json"  # left out of a classifier, see tasks/ for the others
POLICY = "dtype_policy.json"  # left out of float32; users' classes without get_config do not say it themselves

# Keras finds our classes in a file only once their modules have been imported and have registered them.
REGISTERED = (
    "keras_suite.models.layers.attention",
    "keras_suite.models.layers.convolution",
    "keras_suite.models.layers.coordinates",
    "keras_suite.models.layers.core",
    "keras_suite.models.layers.normalization",
    "keras_suite.models.layers.pooling",
    "keras_suite.models.layers.recurrent",
    "keras_suite.models.layers.separable_convolution",
    "keras_suite.models.layers.views",
    "keras_suite.models.layers.whitening",
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
        policy = keras.config.dtype_policy().name
        if policy != "float32":
            archive.writestr(POLICY, json.dumps(policy))


def load_model(path: Path) -> tuple[keras.Model, tuple[str, ...]]:
    """Return the model and its class names.

    Raises:
        FileNotFoundError, ValueError: say what is wrong with the file.
    """
    _refuse_damaged(path, "a run directory or a .keras file of this suite")
    class_names = _member(path, CLASS_NAMES)
    if not isinstance(class_names, list) or not all(isinstance(name, str) for name in class_names):
        raise ValueError(f"{path} is no model of this suite, or was cut off: train it again, or copy it anew")
    return load_keras(path), tuple(class_names)


def class_names_in(path: Path) -> bool:
    """Return whether a .keras file holds the names of its classes: it is of this suite, and a classifier."""
    _refuse_damaged(path, "a .keras file")
    return bool(_member(path, CLASS_NAMES))


def task_of(path: Path) -> str:
    """Return the task of the model in a file of this suite; "classes" of any other .keras file.

    Raises:
        FileNotFoundError, ValueError: say what is wrong with the file.
    """
    _refuse_damaged(path, "a run directory or a .keras file")
    task = _member(path, TASK)
    if task is None:
        return "classes"
    if task not in TASKS:
        raise ValueError(f"{path} " + unknown("task", str(task), TASKS))
    return str(task)


def load_keras(path: Path) -> keras.Model:
    """Return the model of any .keras file, this suite's or another's.

    Raises:
        FileNotFoundError, ValueError: say what is wrong with the file.
    """
    foreign = foreign_classes(path)
    if foreign:  # Keras would import the module that the file names, whatever that is
        raise ValueError(
            f"{path} cannot be loaded as a .keras file: it holds {foreign[0]!r}, which is not of this suite"
        )
    policy = _member(path, POLICY)
    try:
        with _default_policy(policy if isinstance(policy, str) else "float32"):
            return keras.saving.load_model(path, compile=False)
    except Exception as error:  # whatever a layer of a foreign file raises
        missing = re.search(r"Could not locate (?:class|function) '([^']+)'", f"{error} {error.__cause__}")
        reason = f"it holds {missing[1]!r}, which is not of this suite" if missing else str(error).strip()[:200]
        reason = " ".join(reason.split()) or type(error).__name__
        raise ValueError(f"{path} cannot be loaded as a .keras file: {reason}") from error


@contextlib.contextmanager
def _default_policy(name: str) -> Iterator[None]:
    """Let this be the precision of layers that are created in this block without one of their own."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def foreign_classes(path: Path) -> tuple[str, ...]:
    """Return the classes and functions in a .keras file that are neither Keras's nor the suite's, nor made known.

    Raises:
        FileNotFoundError, ValueError: say what is wrong with the file.
    """
    _refuse_damaged(path, "a .keras file")
    for module in REGISTERED:
        importlib.import_module(module)
    return tuple(dict.fromkeys(_foreign(_member(path, "config.json"))))


def _foreign(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _foreign(item)
    elif isinstance(value, dict):
        kind, module = value.get("class_name"), value.get("module")
        if isinstance(kind, str) and "config" in value:
            name = value["config"] if kind == "function" else kind
            registered = value.get("registered_name") or name
            of_keras = module is None or str(module).partition(".")[0] in ("keras", "keras_suite", "builtins")
            known = any(keras.saving.get_registered_object(str(each)) is not None for each in (registered, name))
            if not of_keras and not known and isinstance(name, str):
                yield name
        for key, item in value.items():
            if key != "compile_config":  # models are loaded to predict, without the loss they were trained with
                yield from _foreign(item)


def _refuse_damaged(path: Path, expected: str) -> None:
    """Raise an error if the file is missing, is no .keras archive, or has a byte that is not as it was written."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no model file {path}: give {expected}")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is no .keras file, or was cut off: copy it anew, or give {expected}")
    try:
        with zipfile.ZipFile(path) as archive:
            fault = archive.testzip()
            missing = sorted(KERAS_MEMBERS - set(archive.namelist()))
    except (*UNREADABLE, NotImplementedError):
        fault, missing = "its table of contents", []
    if fault is not None:
        raise ValueError(f"{path} is damaged, in {fault}: copy it anew, or train it again")
    if missing:
        raise ValueError(f"{path} is no .keras file, it lacks {', '.join(missing)}: give {expected}")


def _member(path: Path, name: str) -> Any:
    """Return the JSON value of a member of the archive; None if there is none, or no JSON in it."""
    with zipfile.ZipFile(path) as archive:
        if name not in archive.namelist():
            return None
        try:
            return json.loads(archive.read(name))
        except (*UNREADABLE, ValueError, RecursionError):
            return None
