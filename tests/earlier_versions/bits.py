"""All of a run's directory that must be the same bits again, and whether bits can be the same on this machine."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from keras_suite.experiments.training import runtime

# Times, memory, seals, and what tells the present format.
VOLATILE = ("seconds", "train_seconds", "images_per_second", "peak_memory_bytes", "files", "schema", "sha256")


def bits_of(run: Path) -> dict[str, Any]:
    """Return the history, metrics, identity, and hashes of weights, predictions and diagnosis of a completed run."""
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    found = {
        "history": [_lasting(row) for row in csv.DictReader(io.StringIO((run / "history.csv").read_text("utf-8")))],
        "metrics": _lasting(json.loads((run / "metrics.json").read_text(encoding="utf-8"))),
        "identity": record["identity"],
        "values_sha256": values_sha256(run / "model.keras"),
    }
    for name in ("predictions.npz", "examples.npz"):
        if (run / name).exists():
            with np.load(run / name) as arrays:
                found[name] = {key: _sha256(f"{a.dtype}{a.shape}".encode(), a) for key, a in sorted(arrays.items())}
    for name in ("diagnosis.csv", "measured.json"):
        if (run / name).exists():
            found[f"{name}_sha256"] = hashlib.sha256((run / name).read_bytes()).hexdigest()
    return found


def values_sha256(model: Path, named: bool = False) -> str:
    """Return a hash of all weights of a .keras file in the order of their names; `named`, of names and shapes, too."""
    found: dict[str, np.ndarray] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item[()])

    with zipfile.ZipFile(model) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(visit)
    digest = hashlib.sha256()
    for name, array in sorted(found.items()):
        digest.update((f"{name}{array.dtype}{array.shape}".encode() if named else b"") + array.tobytes())
    return digest.hexdigest()


def assert_same(run: Path, before: dict[str, Any], exact: bool) -> None:
    """The run has what one of the earlier version had; without `exact`, what no processor changes."""
    now = bits_of(run)
    if exact:
        assert now == {name: value for name, value in before.items() if name != "weights_sha256"}, run
        return
    assert now.keys() == before.keys() - {"weights_sha256"}, run
    assert now["identity"] == before["identity"]
    assert now["metrics"].keys() == before["metrics"].keys()
    assert now["history"][0].keys() == before["history"][0].keys()


def made_here(made_with: dict[str, Any]) -> bool:
    """Whether versions and processor are those that `made_with`, a run.json say, names."""
    same = ("tensorflow", "keras", "numpy", "opencv-python-headless")
    versions = runtime.versions()
    return made_with["device"] == f"CPU {runtime.processor()}" and all(
        versions[name] == made_with["versions"][name] for name in same
    )


def adopt(runs: Path) -> bool:
    """Write this machine's versions and device into killed runs, where they differ; False if they did."""
    exact = True
    for path in runs.rglob("run.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        exact &= made_here(record)
        record |= {"versions": runtime.versions(), "device": runtime.device()}
        path.write_text(json.dumps(record), encoding="utf-8")
    for path in runs.rglob("journal.jsonl"):
        begun, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
        event = json.loads(begun)
        event["versions"] = runtime.versions()
        path.write_text(json.dumps(event) + "\n" + "".join(rest), encoding="utf-8")
    return exact


def _sha256(head: bytes, array: np.ndarray) -> str:
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def _lasting(of: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in of.items() if name not in VOLATILE}
