"""Run directories with real predictions: scikit-learn classifiers on the digits, in the place of trained networks."""

import csv
import functools
import io
import json
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from keras_suite.reports.run_directory import ExperimentRuns, read_experiment, variant_directory
from keras_suite.reports.run_directory.looks import begin_looks

EPOCHS = 5
VARIANTS: dict[str, dict[str, Any]] = {"strong": {}, "weak": {"optimizer.learning_rate": 0.1}}
C = {"strong": 0.01, "weak": 1e-5}  # inverse penalties that differ visibly; other names get 0.01 too


@functools.cache
def _digits() -> tuple[np.ndarray, ...]:
    images, labels = load_digits(return_X_y=True)
    return tuple(train_test_split(images, labels, test_size=360, random_state=0, stratify=labels))


@functools.cache
def trained(c: float, seed: int) -> tuple[list[dict[str, float]], np.ndarray, np.ndarray, np.ndarray, dict[str, float]]:
    """History, test labels, test probabilities, test images 0..255, validation numbers of one real classifier."""
    images, test_images, labels, test_labels = _digits()
    train, validation, train_labels, validation_labels = train_test_split(
        images, labels, train_size=200, test_size=150, random_state=seed, stratify=labels
    )
    history, classes = [], np.arange(10)
    for epoch in range(1, EPOCHS + 1):
        model = LogisticRegression(C=c, max_iter=epoch, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(train, train_labels)
        row: dict[str, float] = {"epoch": epoch}
        for prefix, x, y in (("", train, train_labels), ("val_", validation, validation_labels)):
            loss = float(log_loss(y, model.predict_proba(x), labels=classes))
            row |= {
                f"{prefix}loss": loss + 0.1,
                f"{prefix}accuracy": float(model.score(x, y)),
                f"{prefix}unpenalised_loss": loss,
            }
        history.append(row | {"learning_rate": 0.001, "seconds": 0.5 + 0.01 * seed, "images_per_second": 400.0})
    probabilities = model.predict_proba(test_images).astype(np.float32)
    pixels = np.round(test_images.reshape(-1, 8, 8, 1) * 255 / 16).astype(np.uint8)
    return (
        history,
        test_labels.astype(np.int64),
        probabilities,
        pixels,
        {
            "accuracy": history[-1]["val_accuracy"],
            "unpenalised_loss": history[-1]["val_unpenalised_loss"],
            "loss": history[-1]["val_loss"],
        },
    )


def run_record(experiment: str, variant: str, seed: int, **changes: Any) -> dict[str, Any]:
    """A run.json."""
    record = {
        "schema": 1,
        "identity": "0123456789abcdef",
        "experiment": experiment,
        "variant": variant,
        "seed": seed,
        "status": "completed",
        "command": f"keras-suite run {experiment} --seeds 8",
        "started": f"2026-01-02T03:04:{seed:02d}+00:00",
        "heartbeat": 1.0,
        "seconds": 3.0,
        "peak_memory_bytes": 700 * 2**20,
        "commit": "a" * 40,
        "dirty": False,
        "versions": {"python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.15.0", "numpy": "2.4.6", "suite": "0.1.0"},
        "threads": 2,
        "device": "CPU",
        "platform": "Linux x86_64",
        "data": {
            "name": "digits",
            "fingerprint": "f" * 64,
            "class_names": [str(k) for k in range(10)],
            "input_shape": [8, 8, 1],
            "train": 200,
            "validation": 150,
            "test": 360,
            "notes": [],
        },
        "error": None,
    }
    return record | changes


def write_run(
    folder: Path, directory: str, record: Mapping[str, Any], *, c: float = 0.01, config: Mapping[str, Any] | None = None
) -> Path:
    """Writes one run directory by hand; a run that is not completed gets no metrics and no predictions."""
    path = folder / directory / f"seed-{record['seed']}"
    path.mkdir(parents=True)
    history, labels, probabilities, pixels, validation = trained(c, record["seed"])
    config = {"loss": {"name": "cross_entropy", "options": {}}, **(config or {})}
    (path / "run.json").write_text(json.dumps(record))
    (path / "config.json").write_text(json.dumps(config))
    rows = history if record["status"] == "completed" else history[:2]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    (path / "history.csv").write_text(text.getvalue())
    if record["status"] != "completed":
        return path
    np.savez_compressed(path / "predictions.npz", labels=labels, probabilities=probabilities)
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    wrong = wrong[np.argsort(-probabilities.max(axis=1)[wrong])][:20]
    np.savez_compressed(path / "examples.npz", index=wrong, images=pixels[wrong])
    own = probabilities[np.arange(len(labels)), labels].astype(float)
    metrics = {
        "epochs": len(history),
        "best_epoch": 1 + int(np.argmin([row["val_unpenalised_loss"] for row in history])),
        "model_epoch": len(history),
        "parameters": 650,
        "trainable_parameters": 650,
        "train_seconds": sum(row["seconds"] for row in history),
        "images_per_second": 400.0,
        "peak_memory_bytes": record["peak_memory_bytes"],
        "validation": validation,
        "test": {"accuracy": float(np.mean(predicted == labels)), "unpenalised_loss": float(-np.log(own).mean())},
    }
    (path / "metrics.json").write_text(json.dumps(metrics))
    return path


def directory_of(variant: str) -> str:
    """The directory of a variant, as `variant_directory` names it, with a made-up identity."""
    return variant_directory(variant, "01234567")


MakeRuns = Callable[..., ExperimentRuns]


@pytest.fixture
def make_runs(tmp_path: Path) -> MakeRuns:
    """make_runs(variants, seeds=8, changes={(variant, seed): {...}}, ...) writes an experiment and reads it back."""
    return runs_in(tmp_path)


def runs_in(parent: Path) -> MakeRuns:
    """Such a function that writes into a folder of one's own choice."""

    def make(
        variants: Mapping[str, Mapping[str, Any]] = VARIANTS,
        *,
        seeds: int = 8,
        strength: Mapping[str, float] = C,
        changes: Mapping[tuple[str, int], Mapping[str, Any]] | None = None,
        configs: Mapping[str, Mapping[str, Any]] | None = None,
        name: str = "digits_question",
        question: str = "Does a weaker penalty read digits better?",
        **record: Any,
    ) -> ExperimentRuns:
        folder = parent / "runs" / name.replace("/", "-")
        listed = [{"name": v, "directory": directory_of(v), "overrides": dict(o)} for v, o in variants.items()]
        folder.mkdir(parents=True)
        begin_looks(folder)
        (folder / "experiment.json").write_text(
            json.dumps(
                {
                    "schema": 1,
                    "name": name,
                    "question": question,
                    "baseline": next(iter(variants)),
                    "variants": listed,
                    "command": f"keras-suite run {name} --seeds {seeds}",
                }
            )
        )
        for variant in variants:
            for seed in range(1, seeds + 1):
                changed = {**record, **(changes or {}).get((variant, seed), {})}
                write_run(
                    folder,
                    directory_of(variant),
                    run_record(name, variant, seed, **changed),
                    c=strength.get(variant, 0.01),
                    config=(configs or {}).get(variant),
                )
        return read_experiment(folder)

    return make
