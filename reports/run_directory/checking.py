"""What the JSON files of a run directory must hold; one line says what is missing or of another kind, and the mend."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any

from keras_suite.tasks import TASKS, training_metrics
from keras_suite.tasks.files.damaged import DamagedFile

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
    "expected_memory_bytes": NUMBER | None,
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
    "data.inspection": dict | None,
    "weights": dict | None,
    "weights.source": str | None,
    "weights.fingerprint": str | None,
    "threads": int,
    "trained": str | None,
    "kept": bool | None,
    "device": str | None,
    "devices": int | None,
    "error": dict | None,
    "error.type": str | None,
    "error.message": str | None,
    "files": dict | None,
    "until": int | None,
    "limits": dict | None,
    "source": str | None,
    "score_test": bool | None,
    "parent": str | None,
    "metrics": list | None,
    "own_parts": dict | None,
    "own_parts.root": str | None,
    "own_parts.parts": dict | None,
    "own_parts.files": dict | None,
}
RECORDED: Fields = {**RECORD, "threads": int | None}  # what other code trained, whose threads nobody told
OWN_METRIC: Fields = {"name": str, "label": str, "direction": str, "unit": str, "scale": NUMBER}
CONFIG: Fields = {"loss": dict | None, "loss.options": dict | None}
METRICS: Fields = {
    "schema": int | None,
    "files": dict | None,
    "epochs": int | None,
    "best_epoch": int | None,
    "model_epoch": int | None,
    "parameters": int | None,
    "phases": list | None,
    "train_seconds": NUMBER | None,
    "latency_ms": NUMBER | None,
    "peak_memory_bytes": NUMBER | None,
    "stopped": dict | None,
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
    "source": str | None,
}
VARIANT: Fields = {"name": str, "directory": str, "overrides": dict}
SEAL: Fields = {"bytes": int, "sha256": str}
_KINDS: dict[str, Any] = {
    "true or false": bool,
    "text": str,
    "a whole number": int,
    "a number": NUMBER,
    "an object": dict,
    "a list": list,
}


def check_fields(path: Path, found: Any, fields: Fields, mend: str) -> None:
    """Raise ValueError if one of `fields` is missing or of another kind in `found`, a part of the file `path`."""
    if not isinstance(found, dict):
        raise DamagedFile(f"{path} is damaged: expected a JSON object, found {_shown(found)}", mend)
    if fields is RECORD and found.get("trained") is not None:
        fields = RECORDED
    held = {key: _at(found, key) for key in fields}
    missing = [key for key, kind in fields.items() if held[key] is None and not isinstance(None, kind)]
    if missing:
        raise DamagedFile(f"{path} is damaged: it lacks {', '.join(missing)}", mend)
    for key, kind in fields.items():
        if not isinstance(held[key], kind):
            expected = next(words for words, known in _KINDS.items() if kind in (known, known | None))
            raise DamagedFile(f"{path} is damaged: expected {key} to be {expected}, found {_shown(held[key])}", mend)


def check_own_metrics(path: Path, record: Mapping[str, Any], mend: str) -> None:
    """Raise ValueError if what run.json, the file `path`, says of a user's own metrics cannot be one's."""
    for declared in record.get("metrics") or ():
        check_fields(path, declared, OWN_METRIC, mend)
        name, direction = declared["name"], declared["direction"]
        if not name.isidentifier() or direction not in ("max", "min"):
            raise DamagedFile(f"{path} is damaged: {_shown(declared)} is no metric", mend)


def measured_fields(record: Mapping[str, Any]) -> Fields:
    """Return what metrics.json holds of a run with this record."""
    names = [declared["name"] for declared in record.get("metrics") or ()]
    return {**METRICS, **{f"{part}.{name}": NUMBER | None for part in ("validation", "test") for name in names}}


def _at(found: Any, key: str) -> Any:
    for name in key.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"
