"""Models and checkpoints go once nothing needs them, and TensorBoard has the active values of every run that ended."""

from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.tuning import artifacts
from keras_suite.experiments.tuning.artifacts import Pruner
from keras_suite.experiments.tuning.journal import ScoredTrial, Trial, TrialResult, TrialRun
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports import run_directory
from tests.reports.run_directory.conftest import RECORD

SCORES = {0: 0.9, 1: 0.7, 2: None, 3: 0.8}
BEST = [ScoredTrial(0, 0.9, {}), ScoredTrial(3, 0.8, {}), ScoredTrial(1, 0.7, {})]


def ended_trials(folder: Path) -> dict[int, TrialResult]:
    """Four trials with a checkpoint each, of which those with a score have a model."""
    results = {}
    for number, score in SCORES.items():
        directory = folder / f"trial-{number}" / "seed-1"
        run_directory.begin(directory, {**RECORD, "seed": 1}, {"epochs": 1})
        run_directory.write_checkpoint(directory, {"epoch": 1}, {})
        if score is not None:
            run_directory.model_file(directory).write_bytes(b"weights")
            run_directory.complete(directory, {"validation": {"accuracy": score}})
        run = TrialRun(1, score, "" if score else "blew up", 1, 1.0, f"trial-{number}/seed-1")
        results[number] = TrialResult(number, score, run.reason, (run,))
    return results


def held(folder: Path, name: str) -> list[int]:
    return sorted(int(path.relative_to(folder).parts[0][-1]) for path in folder.rglob(name))


def test_models_of_the_best_stay_and_checkpoints_that_others_resume_from(tmp_path: Path) -> None:
    ended = ended_trials(tmp_path)
    pruner = Pruner(tmp_path, keep=2)
    pruner.prune(ended, BEST, resumable={1})
    assert held(tmp_path, "model.keras") == [0, 3]
    assert held(tmp_path, "state.npz") == [1]
    pruner.prune(ended, BEST, resumable=set())
    assert held(tmp_path, "state.npz") == []


def test_a_run_whose_model_was_freed_is_still_whole(tmp_path: Path) -> None:
    ended = ended_trials(tmp_path)
    Pruner(tmp_path, keep=1).prune(ended, BEST, set())
    run = run_directory.read_run(tmp_path / "trial-1" / "seed-1")
    assert run.status == "completed"
    assert run.metrics is not None
    assert run.metrics["validation"] == {"accuracy": 0.7}


VALUES = {"rate": 0.1, "tuner/epochs": 3, "tuner/bracket": 1, "tuner/trial_id": "0001"}


def run(name: str, score: float | None, seed: int = 1) -> TrialRun:
    return TrialRun(seed, score, "" if score else "nan", 3, 1.0, f"{name}/seed-{seed}")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []

    def write(folder: Path, *said: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / artifacts.HPARAMS_FILE).touch()
        calls.append((folder.relative_to(tmp_path).as_posix(), *said[:3]))

    monkeypatch.setattr(artifacts, "write_hparams", write)
    return calls


def test_each_run_has_its_trials_active_values_and_its_own_score(tmp_path: Path, written: list) -> None:
    ended = [
        TrialResult(None, 0.5, "", (run("base", 0.5),)),
        TrialResult(4, 0.8, "", (run("trial-0004", 0.7), run("trial-0004", 0.9, seed=2))),
        TrialResult(5, None, "nan", (run("trial-0005", None),)),
    ]
    trials = {4: Trial(4, VALUES, {}), 5: Trial(5, {"rate": 0.2, "momentum": 0.9}, {})}
    for _ in range(2):
        artifacts.write_hparams_of(tmp_path, trials, ended, Objective("val_accuracy"))
    of_4 = {"rate": 0.1, "epochs trained": 3}
    assert written == [
        ("trial-0004/seed-1/tensorboard", "trial-0004", of_4, {"val_accuracy": 0.7}),
        ("trial-0004/seed-2/tensorboard", "trial-0004", of_4, {"val_accuracy": 0.9}),
        ("trial-0005/seed-1/tensorboard", "trial-0005", {"rate": 0.2, "momentum": 0.9}, {}),
    ]
