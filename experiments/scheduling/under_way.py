"""What a run under way has come to, read from its run directory: the same for this and for other processes."""

from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Literal

from keras_suite.experiments.training.job import Job
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run


@dataclass(frozen=True)
class Course:
    """The epochs that a run need not repeat.

    Attributes:
        run: As it was read; None while it has not begun, or is just being written.
        trains: Whether it is trained now.
        done: The number of these epochs.
    """

    run: Run | None = None
    trains: bool = False
    done: int = 0

    def seconds_of_all(self, epochs: int) -> float | None:
        """Return the seconds of a run of so many epochs at this pace; None before two have shown it.

        The first epoch takes longer: TensorFlow traces the model in it.
        """
        if self.run is None or self.done < 2:
            return None
        first, *others = (row["seconds"] for row in self.run.history)
        return first + mean(others) * (epochs - 1)

    def best(self, name: str, direction: Literal["max", "min"]) -> tuple[float, int] | None:
        """Return the best value of a column of the history so far, and its epoch; None where it has none."""
        rows = self.run.history if self.run is not None else ()
        values = [(row[name], int(row["epoch"])) for row in rows if row.get(name) is not None]
        return (max if direction == "max" else min)(values, key=lambda each: each[0], default=None)


def course_of(directory: Path, began: float = 0.0) -> Course:
    """Return what a run has come to, and whether it trains since `began`."""
    try:
        run = run_directory.read_run(directory, needs=())
    except (OSError, ValueError):  # not begun, or just being written
        return Course()
    trains = run.status == "running" and run.record["heartbeat"] >= began
    kept = trains or run_directory.has_checkpoint(directory)
    return Course(run, trains, len(run.history)) if kept else Course()


def doing(job: Job, done: int) -> str:
    """Return what a run is doing after this number of epochs."""
    epochs = job.until or job.config.epochs
    return f"{job.variant} seed {job.seed} " + (f"epoch {done + 1}/{epochs}" if done < epochs else "is scored")
