"""A real training process on the digits, to be killed at chosen moments, and what its run left behind."""

import signal
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.scheduling.workers import perform
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.reports import run_directory
from tests.end_to_end.forked import fork

SAID = "said.txt"
CONFIG = Config(
    dataset=use("digits", image_size=[12, 12], limit=700, validation_fraction=0.3),
    model=use("pattern_cnn", blocks=1, filters=8, units=32, batch_normalization="before_pooling", dropout=0.2, l2=1e-4),
    augmentation=use("standard", shift=0.1, rotation=10, zoom=0.1, brightness=0.1, cutout=0.2, mixup=0.2),
    optimizer=use("adam", learning_rate=3e-3),
    callbacks=(
        use("reduce_lr_on_plateau", patience=1, min_delta=0.05),
        use("early_stopping", patience=3, min_delta=0.05),
    ),
    batch_size=32,
    epochs=40,
)


def make_job(runs_dir: Path, config: Config = CONFIG, **changes: Any) -> Job:
    """A job that checkpoints at every epoch."""
    options = {"threads": 2, "runs_dir": runs_dir, "checkpoint_seconds": 0.0}
    options |= {n: changes.pop(n) for n in ("checkpoint_seconds", "data_dir", "devices") if n in changes}
    given = {"experiment": "killed", "variant": "all_on", "config": config, "seed": 1, **changes}
    return Job(**given, options=RunOptions(**options))


def start(job: Job, scratch: Path) -> ForkServerProcess:
    """Trains the job in a process of its own, as a user's command does; it prints the outcome into `scratch`."""
    return fork(scratch / SAID, _print_outcome, job)


def _print_outcome(job: Job) -> None:
    print(perform(job))


def outcome(process: ForkServerProcess, scratch: Path) -> str:
    """All that it, and those before it, printed by its end."""
    process.join(240)
    said = (scratch / SAID).read_text(encoding="utf-8")
    assert process.exitcode == 0, said
    return said


def finish(job: Job, scratch: Path) -> Path:
    """Trains the job to its end; its run directory."""
    said = outcome(start(job, scratch), scratch)
    assert "'completed'" in said, said
    return next(job.options.runs_dir.glob("*/*/seed-*"))


def kill_when(process: ForkServerProcess, ready: Callable[[], bool], timeout: float = 120) -> None:
    """SIGKILL as soon as `ready`; the process must still be training then."""
    ends = time.monotonic() + timeout
    while not ready():
        assert process.is_alive(), "the process ended before it could be killed"
        assert time.monotonic() < ends, "the moment to kill at never came"
        time.sleep(0.001)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def epochs_done(job: Job) -> int:
    """Rows of the job's history so far."""
    directories = list(job.options.runs_dir.glob("*/*/seed-*"))
    return len(run_directory.read_history(directories[0])) if directories else 0


def result(directory: Path) -> dict[str, Any]:
    """All of a run that must not depend on interruptions: history, diagnosis, weights, probabilities, metrics."""
    from keras_suite.models.saving import load_model

    run = run_directory.read_run(directory)
    assert run.metrics is not None
    timed = ("seconds", "images_per_second")
    model, _ = load_model(run_directory.model_file(directory))
    answers = run_directory.predictions(run)
    assert answers is not None
    return {
        "history": [{key: value for key, value in row.items() if key not in timed} for row in run.history],
        "diagnosis": (directory / "diagnosis.csv").read_text(encoding="utf-8"),
        "evidence": (directory / "evidence.csv").read_text(encoding="utf-8"),
        "weights": [np.asarray(weight).tobytes() for weight in model.get_weights()],
        "probabilities": answers[1].tobytes(),
        "metrics": {key: run.metrics[key] for key in ("epochs", "best_epoch", "model_epoch", "validation", "test")},
    }
