"""What is printed while runs train: read from run directories, as a user sees it."""

import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.scheduling.progress import Progress
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job, Outcome, RunOptions
from keras_suite.reports import run_directory

CONFIG = Config(dataset=use("digits", limit=300, test_limit=100), model=use("mlp", units=[4]), epochs=4)


def jobs_in(folder: Path, *runs: tuple[str, int]) -> list[Job]:
    return [Job("watched", variant, CONFIG, seed, RunOptions(1, folder)) for variant, seed in runs]


def trains(job: Job, *seconds: float, **changes: Any) -> Path:
    """The directory of a run that trains, with an epoch for each of `seconds`."""
    directory = directory_of(job)
    record = {key: getattr(job, key) for key in ("experiment", "variant", "seed")}
    run_directory.begin(directory, {**record, "identity": "0" * 16, "threads": 1}, {})
    run_directory.update(directory, **changes)
    run_directory.write_history(directory, [{"epoch": i + 1, "seconds": each} for i, each in enumerate(seconds)])
    return directory


def completed(job: Job, *epochs: float, seconds: float, accuracy: float = 0.5) -> Outcome:
    """The outcome of a run that lies in its directory as if it had been trained for these `epochs`."""
    directory = trains(job, *epochs)
    metrics = {"epochs": len(epochs), "train_seconds": sum(epochs), "validation": {"accuracy": accuracy}}
    run_directory.complete(directory, metrics, seconds=seconds)
    return Outcome(directory, "completed")


def progress_of(jobs: list[Job], workers: int = 1, durations: dict[str, list[float]] | None = None) -> Progress:
    """The progress of jobs of 40 estimated seconds each, on a terminal."""
    console = Console(record=True, width=200, force_terminal=True)
    return Progress(console, jobs, {job.variant: 40.0 for job in jobs}, durations=durations or {}, workers=workers)


@pytest.mark.parametrize(("epochs", "expected"), [((6.0,), "1 epoch, 7 s"), ((1.0,) * 4, "4 epochs, 7 s")])
def test_a_line_is_printed_when_a_run_ends(epochs: tuple[float, ...], expected: str, tmp_path: Path) -> None:
    console = Console(record=True, width=40)
    jobs = jobs_in(tmp_path, ("small", 1))
    with Progress(console, jobs, {"small": 40.0}, durations={}, workers=1) as progress:
        progress.ended(jobs[0], completed(jobs[0], *epochs, seconds=7.0))
    assert console.export_text() == f"[1/1] small seed 1: validation accuracy 50.00 %, {expected}\n"


def test_before_anything_trains_the_estimates_are_used(tmp_path: Path) -> None:
    progress = progress_of(jobs_in(tmp_path, ("small", 1), ("small", 2)))
    assert progress.line().plain == "0 of 2 runs · about 80 s left"


def test_a_run_under_way_is_shown_with_its_epoch_and_its_own_pace(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, ("small", 1), ("small", 2))
    progress = progress_of(jobs)
    trains(jobs[0], 7.0, 1.0)
    # 7 s and three epochs of 1 s: 10 s each, of which the half of the first is done
    assert progress.line().plain == "0 of 2 runs · small seed 1 epoch 3/4 · about 15 s left"


def test_durations_of_finished_runs_are_used_from_the_start(tmp_path: Path) -> None:
    progress = progress_of(jobs_in(tmp_path, ("small", 2), ("small", 3)), durations={"small": [30.0]})
    assert progress.line().plain == "0 of 2 runs · about 60 s left"


def test_the_durations_of_ended_runs_are_expected_of_the_others(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, ("small", 1), ("small", 2), ("large", 1))
    progress = progress_of(jobs)
    progress.ended(jobs[0], completed(jobs[0], *[4.0] * 4, seconds=20.0, accuracy=0.75))
    assert progress.line().plain == "1 of 3 runs · best so far 75.00 % (small seed 1) · about 40 s left"


def test_the_duration_of_a_resumed_run_includes_the_time_before_its_interruption(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, ("small", 1), ("small", 2))
    progress = progress_of(jobs)
    progress.ended(jobs[0], completed(jobs[0], *[15.0] * 4, seconds=3.0))
    assert progress.line().plain.endswith("about 60 s left")


@pytest.mark.parametrize("changes", [{"status": "interrupted"}, {"status": "failed"}, {"heartbeat": time.time() - 5}])
def test_a_run_interrupted_earlier_is_not_shown_as_training(changes: dict[str, Any], tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, ("small", 1))
    directory = trains(jobs[0], 10.0, 10.0, **changes)
    progress = progress_of(jobs)
    assert progress.line().plain == "0 of 1 run · about 40 s left"
    run_directory.write_checkpoint(directory, {"epoch": 2}, {})
    assert progress.line().plain == "0 of 1 run · about 20 s left"


def test_while_the_last_run_is_scored_no_time_left_is_shown(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, ("small", 1))
    progress = progress_of(jobs)
    trains(jobs[0], *[10.0] * 4)
    assert progress.line().plain == "0 of 1 run · small seed 1 is scored"


def test_a_failed_run_is_named_with_its_reason_and_counted(tmp_path: Path) -> None:
    jobs = jobs_in(tmp_path, ("small", 1), ("small", 2))
    progress = progress_of(jobs)
    progress.ended(jobs[0], Outcome(directory_of(jobs[0]), "failed", "the disk is full"))
    assert progress.line().plain == "1 of 2 runs · 1 failed · about 40 s left"
