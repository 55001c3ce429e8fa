"""One file that answers for itself: a `.keras` archive with the names of its classes inside."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import keras

CLASS_NAMES = "class_names.json"  # Keras reads only the members of the archive that it knows


def save_model(model: keras.Model, path: Path, class_names: Sequence[str]) -> None:
    """Saves the model, without its optimizer, to `path` (ending in .keras) with the class names of its outputs."""
    model.save(path, include_optimizer=False)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CLASS_NAMES, json.dumps(list(class_names), ensure_ascii=False))


def load_model(path: Path) -> tuple[keras.Model, tuple[str, ...]]:
    """The model and its class names; ValueError or FileNotFoundError says what is wrong with the file."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no model file {path}: give a run directory or a .keras file of this suite")
    try:
        with zipfile.ZipFile(path) as archive:
            class_names = json.loads(archive.read(CLASS_NAMES))
    except (zipfile.BadZipFile, KeyError):
        raise ValueError(f"{path} is no model of this suite, or was cut off: train it again, or copy it anew") from None
    return keras.saving.load_model(path, compile=False), tuple(class_names)
