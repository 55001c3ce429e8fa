"""How far a sweep is: a line for each trial that ended, a live line, a summary, and status.json for scripts."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from keras_suite.experiments.scheduling.under_way import Course
from keras_suite.experiments.tuning.journal import ScoredTrial, TrialResult, in_words, variant_of
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.reports.sweep.costs import Cost
from keras_suite.tasks.files.sealed_json import write_sealed
from keras_suite.tasks.wording.quantities import counted, rough_duration

if TYPE_CHECKING:
    from keras_suite.experiments.tuning.driver import Driver

STATUS, TABLE = "status.json", "trials.csv"
State = Literal["running", "interrupted", "stopped", "done", "time is up", "too many failures"]


@dataclass(frozen=True)
class Status:
    """How far a sweep is.

    Attributes:
        planned: Trials in all; None if that is not known.
        stopped: How many of the completed were ended early, as hopeless.
        seconds_left: None while nothing has been trained or estimated.
    """

    state: State
    planned: int | None
    completed: int
    failed: int
    stopped: int
    running: tuple[str, ...]
    best: ScoredTrial | None
    base_score: float | None
    seconds_left: float | None


def write_status(folder: Path, status: Status) -> None:
    """Replace status.json; its `updated` is in seconds since 1970, and older than a minute if nothing runs."""
    write_sealed(folder / STATUS, {**asdict(status), "updated": time.time()})


@dataclass(frozen=True)
class ProgressReporter:
    """Describes the progress of a sweep.

    Attributes:
        planned: Trials in all; None if that is not known.
        seconds_per_trial: The estimate of a trial's seconds, with all its runs.
        runs: Runs of each trial.
        workers: How many runs train at once.
        epochs: Epochs in all, with one seed, where trials differ in them (Hyperband).
        told: The first trials, which are those of earlier sweeps and cost nothing; they are among the planned.
        cost: What is to be low beside the objective; None for nothing.
    """

    folder: Path
    driver: "Driver"
    objective: Objective
    planned: int | None
    seconds_per_trial: float | None
    runs: int
    workers: int
    epochs: int | None = None
    told: int = 0
    cost: Cost | None = None

    def status(self, state: State, running: tuple[str, ...] = ()) -> Status:
        """Return how far the sweep is."""
        driver = self.driver
        return Status(
            state=state,
            planned=self.planned,
            completed=len(driver.results) - driver.failed,
            failed=driver.failed,
            stopped=driver.stopped,
            running=running,
            best=next(iter(driver.best(1)), None),
            base_score=driver.base.score if driver.base else None,
            seconds_left=self._seconds_left() if state == "running" else None,
        )

    def _seconds_left(self) -> float | None:
        if self.planned is None:
            return None
        if self.epochs is not None and self.driver.seconds:
            return self._seconds_of_epochs_left(self.epochs)
        ended = len(self.driver.results)
        each = self.driver.seconds / ended if self.driver.seconds else self.seconds_per_trial
        left = self.planned - max(ended, self.told)
        return None if each is None else each * left / min(self.workers, max(1, left * self.runs))

    def _seconds_of_epochs_left(self, planned: int) -> float:
        """Return the seconds left at the mean pace; a promoted run contains its parent's epochs and seconds."""
        driver = self.driver
        left = max(0, planned * self.runs - (driver.epochs - driver.inherited))
        return driver.seconds / max(1, driver.epochs) * left / self.workers

    def live(
        self,
        status: Status,
        running: Sequence[str],
        age: float,
        under_way: Mapping[str, Course] = MappingProxyType({}),
        projected: Sequence[float] = (),
    ) -> str:
        """Return what is under way in one line.

        Args:
            status: How far the sweep was.
            running: What each run does.
            age: For how many seconds the status has been so.
            under_way: By name, what those runs have come to: their best epoch is named while no trial has ended.
            projected: The seconds that they will take in all at their pace: the estimate until a trial has ended.
        """
        done, taken = self._counts(status.completed + status.failed)
        of = f" of {self.planned - self.told}" if self.planned else ""
        parts = [f"{done}{of} trials", *([f"{taken} taken over"] if taken else [])]
        parts += [f"{status.stopped} stopped early"] if status.stopped else []
        parts += [f"{status.failed} failed"] if status.failed else []
        parts += [", ".join(running)] if running else []
        if status.best:
            parts.append(f"best so far {self.objective.in_words(status.best.score)} ({_named(status.best)})")
        else:
            parts += self._best_epoch(under_way)
        left = (self._at_pace(projected) or status.seconds_left or 0.0) - age
        parts += [f"about {rough_duration(left)} left"] if left >= 1 else []
        return " · ".join(parts)

    def _best_epoch(self, under_way: Mapping[str, Course]) -> list[str]:
        """Return the best epoch of these runs in words; nothing where none has ended."""
        direction = self.objective.direction
        found = [(course.best(self.objective.name, direction), name) for name, course in under_way.items()]
        known = [(best[0], best[1], name) for best, name in found if best is not None]
        if not known:
            return []
        score, epoch, name = (max if direction == "max" else min)(known, key=lambda each: each[0])
        return [f"best so far {self.objective.in_words(score)} ({name} after epoch {epoch})"]

    def _at_pace(self, projected: Sequence[float]) -> float | None:
        """Return the seconds of all trials at the pace of those under way, if none has ended and all are as long."""
        if self.driver.results or not projected or self.planned is None or self.epochs is not None:
            return None
        runs = self.planned * self.runs
        return fmean(projected) * runs / min(self.workers, max(1, runs))

    def line(self, result: TrialResult, state: State) -> str:
        """Return how a trial ended, with its settings, and the best so far with its settings if it is another."""
        status = self.status(state)
        seconds = status.seconds_left
        left = f"; about {rough_duration(seconds)} left" if seconds is not None and seconds >= 1 else ""
        if result.trial is None:
            name = "base (the unchanged base)"
        else:
            values = in_words(self.driver.trials[result.trial].settings)
            name = f"[{self._place(result.trial)}] {variant_of(result.trial)} ({values})"
        if result.score is None:
            return f"{name}: {'failed, ' if result.failed else ''}{result.reason}{left}"
        best = ""
        if status.best and self.cost is not None:
            best = self._of_front(result.trial)
        elif status.best:
            best = "; the best so far" if status.best.trial == result.trial else f"; best so far {_named(status.best)}"
        return f"{name}: {self.objective.in_words(result.score)}{self._cost_of(result)}{best}{left}"

    def _cost_of(self, result: TrialResult | None) -> str:
        """Return what a trial cost, to be added to its score; "" without a cost."""
        if self.cost is None or result is None or result.cost is None:
            return ""
        return f", {self.cost.in_words(result.cost)}"

    def _of_front(self, trial: int | None) -> str:
        front = [each.trial for each in self.driver.front()]
        return f"; {'on' if trial in front else 'behind'} the front, of {counted(len(front), 'trial')} so far"

    def _counts(self, ended: int) -> tuple[int, int]:
        """Return how many of the trials that ended are this sweep's own, and how many were taken over."""
        taken = sum(number < self.told for number in list(self.driver.results)) if self.told else 0
        return ended - taken, taken

    def _place(self, number: int) -> str:
        """Return which of how many trials has ended, those that were taken over counted for themselves."""
        own, taken = self._counts(len(self.driver.results))
        if number < self.told:
            return f"taken over {taken}/{self.told}"
        return f"{own}/{self.planned - self.told}" if self.planned else f"{own}"

    def summary(self, state: State) -> str:
        """Return the best trials beside the base, and where everything lies."""
        driver = self.driver
        why = {"time is up": "The time is up", "too many failures": "Too many trials failed"}.get(state)
        lines = [f"\n{why}; the same command with a higher limit resumes."] if why else [""]
        if driver.exhausted:
            lines.append("The oracle has no more trials: the space is exhausted.")
        lines += [f"No other trial is better in {self.objective.name} and {self.cost.name}:"] if self.cost else []
        for place, each in enumerate(driver.front() if self.cost else driver.best(3), 1):
            values, cost = in_words(each.hyperparameters), self._cost_of(driver.results[each.trial])
            lines.append(f"{place}. {variant_of(each.trial)}: {self.objective.in_words(each.score)}{cost} ({values})")
        if driver.base is not None and driver.base.score is not None:
            lines.append(f"The base: {self.objective.in_words(driver.base.score)}{self._cost_of(driver.base)}")
        if driver.stopped:
            lines.append(
                f"{counted(driver.stopped, 'trial')} stopped early, as hopeless; the reasons are in the table."
            )
        if driver.failed:
            lines.append(f"{counted(driver.failed, 'trial')} failed; the reasons are in the table.")
        lines.append(f"The table: {self.folder / TABLE}")
        return "\n".join(lines)


def _named(trial: ScoredTrial) -> str:
    return f"{variant_of(trial.trial)}: {in_words(trial.hyperparameters)}"
