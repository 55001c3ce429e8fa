"""A metric that is declared once, in its task, is known to every room."""

import csv
import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from keras_suite import tasks
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import Metric
from tests.end_to_end.sweeps import ONE_RATE, write_file
from tests.end_to_end.typed import type_here


class BrierScore(keras.metrics.Mean):
    """The squared error of the probabilities."""

    def update_state(self, y_true: object, y_pred: object, sample_weight: object = None) -> None:
        error = ops.softmax(ops.cast(y_pred, "float32")) - ops.cast(y_true, "float32")
        super().update_state(ops.sum(ops.square(error), axis=-1), sample_weight)


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    return float(np.square(probabilities - np.eye(probabilities.shape[1])[labels]).sum(axis=1).mean())


BRIER = Metric(
    "brier", "Brier score", keras=f"{__name__}:BrierScore", direction="min", bounds=(0.0, 2.0), recompute=brier
)


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    task = dataclasses.replace(CLASSES, metrics=(*CLASSES.metrics, BRIER))
    monkeypatch.setattr(tasks, "TASKS", {**tasks.TASKS, "classes": task})
    monkeypatch.chdir(tmp_path)


def command(*arguments: str) -> str:
    done = type_here(*arguments, "--threads", "2", cwd=Path())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


TINY = ("--set", "epochs=2", "--set", "dataset.limit=100", "--set", "dataset.test_limit=40")


def test_it_is_in_history_monitors_tables_curves_and_comparison_csv() -> None:
    stopping = '[{"name": "early_stopping", "options": {"monitor": "val_brier"}}]'
    command("run", "digits_demo", "--variant", "mlp", "--seeds", "2", *TINY, "--set", f"callbacks={stopping}")
    folder = Path("runs/digits_demo")
    [history, _] = sorted(folder.glob("mlp-*/seed-*/history.csv"))
    assert {"brier", "val_brier"} <= set(history.read_text(encoding="utf-8").partition("\n")[0].split(","))
    with (folder / "comparison.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    mean = next(float(row["test_brier_mean"]) for row in rows if row["variant"] == "mlp")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "test Brier score" in page and f"{mean:.2f}" in page
    assert "Brier score while training" in page
    assert "does not follow from its predictions" not in page


@pytest.mark.slow
def test_a_sweep_can_optimize_it() -> None:
    write_file(Path(), ONE_RATE)
    printed = command("tune", "width.py", "--trials", "1", "--objective", "val_brier")
    assert "validation brier" in printed
