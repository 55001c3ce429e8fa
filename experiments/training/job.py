"""A job: one run that is to be trained, as plain data, and how it ended."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from keras_suite.experiments.config import Config
from keras_suite.experiments.training.limits import Limits


@dataclass(frozen=True)
class RunOptions:
    """What all runs of a command have in common.

    Attributes:
        threads: TensorFlow's threads. Weights are bit-identical at an equal number only.
        runs_dir: The folder that the experiments' folders lie in.
        data_dir: The folder of downloaded data sets; None for Keras's own cache.
        command: The command as it was typed, for run.json.
        tensorboard: Whether TensorBoard's files are written, too.
        checkpoint_seconds: The least time between two checkpoints.
        devices: On how many devices each run is trained: a part of every batch on each.
    """

    threads: int
    runs_dir: Path
    data_dir: Path | None = None
    command: str = ""
    tensorboard: bool = False
    checkpoint_seconds: float = 30.0
    devices: int = 1


@dataclass(frozen=True)
class Job:
    """One Config and one seed, to be trained into a run directory. Plain data: it travels to worker processes.

    Attributes:
        source: The experiment file, for its `measure`.
        score_test: Whether the test images are looked at; in tuning trials they never are.
        until: The epoch to stop after, for now. Schedules are still sized by the Config's epochs.
        parent: The run directory, of the same Config and seed, that the run resumes from.
        keep_checkpoint: Whether the checkpoint stays, because other runs are to resume from it.
        latency: Whether the latency of its exported file is measured.
        limits: What the run must have reached after each epoch, else it is stopped; None for nothing.
    """

    experiment: str
    variant: str
    config: Config
    seed: int
    options: RunOptions
    source: str | None = None
    score_test: bool = True
    until: int | None = None
    parent: Path | None = None
    keep_checkpoint: bool = False
    limits: Limits | None = None
    latency: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        status: "completed"; "failed"; or "already", if it had been completed before and was left alone.
        reason: Why it failed, in one line.
        note: What else its reader should know, as that it was trained anew because its checkpoint was damaged.
        blame: Whether the run is to blame for a failure, or the machine, as for a full disk: then other runs would
            fail in the same way.
    """

    directory: Path
    status: str
    reason: str = ""
    note: str = field(default="", kw_only=True)
    blame: Literal["run", "machine"] = "run"
