"""A job is plain data: it travels to worker processes and comes back equal."""

import pickle
from pathlib import Path

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.training.job import Job, Outcome, RunOptions


def test_a_job_is_pickled_with_its_options() -> None:
    config = Config(dataset=use("digits", limit=100), model=use("mlp", units=[8]))
    job = Job("question", "base", config, 1, RunOptions(threads=1, runs_dir=Path("runs")))
    assert pickle.loads(pickle.dumps(job)) == job


def test_a_failure_is_the_runs_own_unless_it_says_the_machines() -> None:
    assert Outcome(Path("runs"), "failed", "diverged").blame == "run"
