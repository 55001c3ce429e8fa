"""A run's test numbers are worked out from its predictions, and what does not follow from them is told."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.results.run_numbers import run_numbers
from keras_suite.reports.run_directory import Run, read_run
from tests.reports.conftest import MakeRuns, run_record, write_run

LABELS = np.array([0, 1, 2, 2])
PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.5, 0.1, 0.4], [0.1, 0.1, 0.8]], np.float32)


def run_with(
    folder: Path,
    loss: dict[str, Any] | None = None,
    labels: np.ndarray = LABELS,
    probabilities: np.ndarray = PROBABILITIES,
    **test: Any,
) -> Run:
    config = {"loss": loss or {"name": "cross_entropy", "options": {}}}
    path = write_run(folder, "v-01234567", run_record("e", "v", 1), config=config)
    np.savez_compressed(path / "predictions.npz", labels=labels, probabilities=probabilities)
    metrics = json.loads((path / "metrics.json").read_text(encoding="utf-8"))
    (path / "metrics.json").write_text(json.dumps({**metrics, "test": test}), encoding="utf-8")
    return read_run(path)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_the_loss_is_that_of_the_smoothed_labels(tmp_path: Path, smoothing: float) -> None:
    expected = 0.0
    for label, row in zip(LABELS, PROBABILITIES, strict=True):
        for k, probability in enumerate(row.tolist()):
            target = (1 - smoothing) * (k == label) + smoothing / 3
            expected -= target * np.log(probability) / 4
    loss = {"name": "cross_entropy", "options": {"label_smoothing": smoothing}}
    row, problems = run_numbers(run_with(tmp_path, loss, accuracy=0.75, unpenalised_loss=expected))
    assert (row.test_score, row.test_loss) == (0.75, pytest.approx(expected))
    assert problems == []


def test_numbers_that_contradict_the_predictions_are_reported_and_not_used(tmp_path: Path) -> None:
    row, problems = run_numbers(run_with(tmp_path, accuracy=1.0, unpenalised_loss=0.01))
    loss = -np.log(np.array([0.7, 0.6, 0.4, 0.8], np.float32).astype(float)).mean()
    assert (row.test_score, row.test_loss) == (0.75, pytest.approx(loss))
    says = "metrics.json of v/seed-1 does not follow from its predictions: test"
    assert problems == [
        f"{says} accuracy 1 there, 0.75 by the predictions, which are used",
        f"{says} unpenalised loss 0.01 there, {loss:.6g} by the predictions, which are used",
    ]


@pytest.mark.parametrize("loss", [{"name": "hinge", "options": {}}, {"name": "kl", "options": {}}])
def test_a_loss_that_does_not_follow_from_probabilities_is_taken_as_recorded(
    tmp_path: Path, loss: dict[str, Any]
) -> None:
    row, problems = run_numbers(run_with(tmp_path, loss, accuracy=0.75, unpenalised_loss=1.25))
    assert (row.test_loss, problems) == (1.25, [])


@pytest.mark.parametrize("least", [0, 4.2e-45], ids=["zero", "next to zero, with one digit"])
def test_a_probability_that_came_out_as_zero_makes_no_infinite_loss(least: float, tmp_path: Path) -> None:
    certain = np.array([[1, 0, least], [1, least, 0], [least, 0, 1], [0, 0, 1]], np.float32)
    row, problems = run_numbers(run_with(tmp_path, probabilities=certain, accuracy=0.75, unpenalised_loss=4.0))
    assert (row.test_score, row.test_loss, problems) == (0.75, 4.0, [])


@pytest.mark.parametrize(
    ("labels", "probabilities", "said"),
    [
        (LABELS[:3], PROBABILITIES, r"labels (3,) and probabilities (4, 3) do not belong together"),
        (np.array([], int), PROBABILITIES[:0], r"labels (0,) and probabilities (0, 3) do not belong together"),
        (LABELS + 1, PROBABILITIES, "a probability is no number, or a label is no class"),
        (LABELS - 1, PROBABILITIES, "a probability is no number, or a label is no class"),
        (LABELS, PROBABILITIES * np.nan, "a probability is no number, or a label is no class"),
    ],
)
def test_impossible_predictions_are_reported(
    tmp_path: Path, labels: np.ndarray, probabilities: np.ndarray, said: str
) -> None:
    run = run_with(tmp_path, labels=labels, probabilities=probabilities, accuracy=0.5)
    row, problems = run_numbers(run)
    assert problems == [f"the predictions of v/seed-1 cannot be read ({said}); metrics.json is used"]
    assert (row.test_score, row.labels) == (0.5, None)


def test_test_numbers_without_predictions_are_reported(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=1)
    (runs.runs[0].path / "predictions.npz").unlink()
    numbers = experiment_numbers(runs)
    assert numbers.problems == ("strong/seed-1 has test numbers but no predictions to check them by",)
    assert numbers.variants[0].test_score.n == 1


def test_a_run_that_did_not_complete_has_its_reason_and_no_numbers(make_runs: MakeRuns, tmp_path: Path) -> None:
    error = {"type": "OSError", "message": f"cannot read {tmp_path}/photos/cat.png"}
    [row] = experiment_numbers(make_runs({"only": {}}, seeds=1, status="failed", error=error)).runs()
    assert (row.reason, row.epochs, row.seconds) == ("cannot read …/cat.png", 2, 3.0)
    assert (row.test_score, row.validation_score, row.best_epoch, row.parameters) == (None,) * 4
    [unnamed] = experiment_numbers(
        make_runs({"only": {}}, seeds=1, name="unnamed", status="failed", error={"type": "MemoryError", "message": ""})
    ).runs()
    assert unnamed.reason == "MemoryError"
