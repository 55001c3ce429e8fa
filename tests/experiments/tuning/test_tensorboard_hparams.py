"""TensorBoard gets what is active, of every run that ended, whenever it was asked for."""

from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.tuning import tensorboard_hparams
from keras_suite.experiments.tuning.driver import Ended, TrialRun
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.experiments.tuning.proposer import Trial

VALUES = {"rate": 0.1, "tuner/epochs": 3, "tuner/bracket": 1, "tuner/trial_id": "0001"}


def run(name: str, score: float | None, seed: int = 1) -> TrialRun:
    return TrialRun(seed, score, "" if score else "nan", 3, 1.0, f"{name}/seed-{seed}")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []

    def write(folder: Path, *said: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / tensorboard_hparams.FILE).touch()
        calls.append((folder.relative_to(tmp_path).as_posix(), *said[:3]))

    monkeypatch.setattr(tensorboard_hparams, "write_hparams", write)
    return calls


def test_each_run_has_its_trials_active_values_and_its_own_score(tmp_path: Path, written: list) -> None:
    ended = [
        Ended(None, 0.5, "", (run("base", 0.5),)),
        Ended(4, 0.8, "", (run("trial-0004", 0.7), run("trial-0004", 0.9, seed=2))),
        Ended(5, None, "nan", (run("trial-0005", None),)),
    ]
    trials = {4: Trial(4, VALUES, {}), 5: Trial(5, {"rate": 0.2, "momentum": 0.9}, {})}
    for _ in range(2):
        tensorboard_hparams.write_boards(tmp_path, trials, ended, Objective("val_accuracy"))
    of_4 = {"rate": 0.1, "epochs trained": 3}
    assert written == [
        ("trial-0004/seed-1/tensorboard", "trial-0004", of_4, {"val_accuracy": 0.7}),
        ("trial-0004/seed-2/tensorboard", "trial-0004", of_4, {"val_accuracy": 0.9}),
        ("trial-0005/seed-1/tensorboard", "trial-0005", {"rate": 0.2, "momentum": 0.9}, {}),
    ]
