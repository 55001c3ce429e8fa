"""A run that was killed with SIGKILL and started again ends with the same bits as one that was left alone."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.config import override, use
from keras_suite.experiments.training.job import Job
from tests.end_to_end.training_process import CONFIG, epochs_done, finish, kill_when, make_job, result, start


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the run comes to when nobody kills it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    outcome = result(finish(make_job(folder / "runs"), folder))
    rates = [row["learning_rate"] for row in outcome["history"]]
    assert min(rates) < max(rates), "the plateau never cut the learning rate, so resume of it would not be tested"
    assert outcome["metrics"]["model_epoch"] < outcome["metrics"]["epochs"] < 40, "early stopping never acted"
    return outcome


def test_resume_after_kill_is_bit_identical(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    job = make_job(tmp_path / "runs")
    for epochs in (2, 6):  # twice in one run
        kill_when(start(job, tmp_path), lambda least=epochs: epochs_done(job) >= least)  # type: ignore[misc]
    assert result(finish(job, tmp_path)) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(4))
def test_resume_after_a_kill_at_a_random_moment_inside_an_epoch(
    undisturbed: dict[str, Any], tmp_path: Path, moment: int
) -> None:
    chance = random.Random(moment)
    job = make_job(tmp_path / "runs", checkpoint_seconds=chance.choice([0.0, 1.0, 30.0]))
    epochs, wait = chance.randint(1, len(undisturbed["history"]) - 2), chance.uniform(0, 0.2)

    def ready() -> bool:
        if epochs_done(job) < epochs:
            return False
        time.sleep(wait)
        return True

    kill_when(start(job, tmp_path), ready)
    assert result(finish(job, tmp_path)) == undisturbed


@pytest.mark.slow
def test_resume_after_a_kill_while_the_checkpoint_is_written(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    job = make_job(tmp_path / "runs")
    kill_when(start(job, tmp_path), lambda: epochs_done(job) >= 3 and _being_written(job, "checkpoint/.state-*"))
    assert result(finish(job, tmp_path)) == undisturbed


@pytest.mark.slow
def test_resume_after_a_kill_once_training_had_stopped(undisturbed: dict[str, Any], tmp_path: Path) -> None:
    job = make_job(tmp_path / "runs")
    kill_when(start(job, tmp_path), lambda: _being_written(job, ".model-*"))
    assert result(finish(job, tmp_path)) == undisturbed


@pytest.mark.slow
def test_training_without_autodiff_is_resumed_bit_for_bit_too(tmp_path: Path) -> None:
    config = override(CONFIG, {"model": use("scratch_cnn", l2=1e-4), "epochs": 8, "callbacks": ()})
    undisturbed = result(finish(make_job(tmp_path / "left_alone", config), tmp_path / "one"))
    job = make_job(tmp_path / "killed", config)
    kill_when(start(job, tmp_path / "two"), lambda: epochs_done(job) >= 2)
    assert result(finish(job, tmp_path / "two")) == undisturbed


def _being_written(job: Job, pattern: str) -> bool:
    return any(job.options.runs_dir.glob(f"*/*/seed-*/{pattern}"))
