"""What the files of a run directory must hold; one line says which does not, and what to do."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any

import numpy as np

from keras_suite.reports.run_directory import layout
from keras_suite.tasks import TASKS, training_metrics
from keras_suite.tasks.atomic_files import read_json, sha256

Fields = Mapping[str, type | UnionType]  # "data.notes" is notes in the object data; what may be None may be left out

NUMBER = int | float
RECORD: Fields = {
    "schema": int | None,
    "experiment": str,
    "variant": str,
    "seed": int,
    "status": str,
    "identity": str,
    "heartbeat": NUMBER,
    "started": str | None,
    "seconds": NUMBER | None,
    "peak_memory_bytes": NUMBER | None,
    "commit": str | None,
    "versions": dict | None,
    "data": dict | None,
    "data.fingerprint": str | None,
    "data.task": str | None,
    "data.class_names": list | None,
    "data.target_names": list | None,
    "data.input_shape": list | None,
    "data.train": int | None,
    "data.validation": int | None,
    "data.test": int | None,
    "data.folds": int | None,
    "data.notes": list | None,
    "weights": dict | None,
    "weights.source": str | None,
    "weights.fingerprint": str | None,
    "error": dict | None,
    "until": int | None,
    "parent": str | None,
}
CONFIG: Fields = {"loss": dict | None, "loss.options": dict | None}
METRICS: Fields = {
    "files": dict | None,
    "epochs": int | None,
    "best_epoch": int | None,
    "model_epoch": int | None,
    "parameters": int | None,
    "phases": list | None,
    "train_seconds": NUMBER | None,
    "peak_memory_bytes": NUMBER | None,
    "validation": dict | None,
    "test": dict | None,
    "test.unpenalised_loss": NUMBER | None,
    **{f"validation.{name}": NUMBER | None for name in training_metrics()},
    **{f"test.{name}": NUMBER | None for name in (*training_metrics(), *(task.score.key for task in TASKS.values()))},
}
LISTING: Fields = {
    "schema": int | None,
    "name": str,
    "question": str,
    "command": str,
    "baseline": str,
    "variants": list,
    "against": list | None,
}
VARIANT: Fields = {"name": str, "directory": str, "overrides": dict}
_SEAL: Fields = {"bytes": int, "sha256": str}
_KINDS: dict[str, Any] = {"text": str, "a whole number": int, "a number": NUMBER, "an object": dict, "a list": list}
MEND = "restore it from a copy, or remove the run directory"


def read_object(path: Path, fields: Fields, mend: str = MEND) -> dict[str, Any]:
    """Read a JSON file that must hold `fields` and be of no newer schema."""
    found = read_json(path)
    schema = found.get("schema") if isinstance(found, dict) else None
    if isinstance(schema, int) and schema > layout.SCHEMA:
        raise ValueError(
            f"{path} was written by a newer version (schema {schema}; this reads {layout.SCHEMA}): update the suite"
        )
    check_fields(path, found, fields, mend)
    return found


def check_fields(path: Path, found: Any, fields: Fields, mend: str = MEND) -> None:
    """Raise ValueError if one of `fields` is missing or of another kind in `found`, a part of the file `path`."""
    if not isinstance(found, dict):
        raise ValueError(f"{path} is damaged: expected a JSON object, found {_shown(found)}; {mend}")
    held = {key: _at(found, key) for key in fields}
    missing = [key for key, kind in fields.items() if held[key] is None and not isinstance(None, kind)]
    if missing:
        raise ValueError(f"{path} is damaged: it lacks {', '.join(missing)}; {mend}")
    for key, kind in fields.items():
        if not isinstance(held[key], kind):
            expected = next(words for words, known in _KINDS.items() if kind in (known, known | None))
            raise ValueError(f"{path} is damaged: expected {key} to be {expected}, found {_shown(held[key])}; {mend}")


def _at(found: Any, key: str) -> Any:
    for name in key.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def check_seal(directory: Path, metrics: Mapping[str, Any]) -> None:
    """Raise ValueError if a file of a completed run is gone or was edited since. Models are compared by size only."""
    for name, sealed in (metrics.get("files") or {}).items():
        path = directory / name
        check_fields(directory / layout.METRICS, sealed, _SEAL)
        if not path.exists():
            raise ValueError(f"{directory} was completed but {name} is gone: restore it, or remove the directory")
        same = path.stat().st_size == sealed["bytes"]
        if same and path.suffix != ".keras":
            same = sha256(path) == sealed["sha256"]
        if not same:
            raise ValueError(f"{path} was changed after the run was completed: restore it, or remove the directory")


def read_arrays(path: Path, *names: str, mend: str = MEND) -> dict[str, np.ndarray]:
    """Read all arrays of a .npz file, which must have those called `names`."""
    with path.open("rb") as file:  # np.load itself leaves a file open that it cannot read
        try:
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        except (EOFError, OSError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile, zlib.error):
            raise ValueError(f"{path} is damaged: expected a whole .npz archive of arrays; {mend}") from None
    missing = [name for name in names if name not in arrays]
    if missing:
        raise ValueError(f"{path} is damaged: it lacks {', '.join(missing)}; {mend}")
    return arrays
