"""What a `tune` command asks for, and what follows from it for the sweep's folder and its jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import Config
from keras_suite.experiments.scheduling.workers import Workers
from keras_suite.experiments.training.job import Job, RunOptions


@dataclass(frozen=True)
class Asked:
    """What a `tune` command asks for. `time_limit` in seconds; `objective` None is the task's usual one."""

    entry: Entry
    tuner: str
    trials: int | None
    seeds: int
    objective: str | None
    seed: int
    settings: Mapping[str, Any]
    options: RunOptions
    workers: Workers
    time_limit: float | None
    max_failures: int
    keep: int
    max_epochs: int | None
    iterations: int | None
    points: int | None = None

    @property
    def experiment(self) -> str:
        """The name under which the trials' run directories lie: apart from those of the experiment's variants."""
        return f"{self.entry.name}.tune/{self.tuner}"

    @property
    def folder(self) -> Path:
        """Where the sweep lies."""
        return self.options.runs_dir / self.experiment

    def job(self, variant: str, config: Config, seed: int) -> Job:
        """One run of a trial; it never looks at the test set."""
        return Job(self.experiment, variant, config, seed, self.options, score_test=False)
