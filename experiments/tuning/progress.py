"""What a sweep says of itself: a line for each trial that ended, its status, and a summary at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_suite.experiments.tuning.driver import Driver, Ended, variant_of
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.experiments.tuning.status import State, Status, in_words, left_in_words
from keras_suite.tasks.wording.quantities import counted, rough_duration

TABLE = "trials.csv"


@dataclass(frozen=True)
class Telling:
    """Speaks for a sweep of `planned` trials, None if that is not known, of which each was to take `per_trial` s.

    Runs take turns on `slots` workers; `runs` are those of one trial. `epochs` in all are known of Hyperband, whose
    trials differ in them.
    """

    folder: Path
    driver: Driver
    objective: Objective
    planned: int | None
    per_trial: float | None
    runs: int
    slots: int
    epochs: int | None = None

    def status(self, state: State, running: tuple[str, ...] = ()) -> Status:
        """How far the sweep is."""
        driver = self.driver
        return Status(
            state=state,
            planned=self.planned,
            completed=len(driver.ended) - driver.failed,
            failed=driver.failed,
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
        ended = len(self.driver.ended)
        each = self.driver.seconds / ended if self.driver.seconds else self.per_trial
        left = self.planned - ended
        return None if each is None else each * left / min(self.slots, max(1, left * self.runs))

    def _seconds_of_epochs_left(self, planned: int) -> float:
        """At the mean pace so far; a promoted run has its parent's epochs and seconds among its own."""
        driver = self.driver
        left = max(0, planned * self.runs - (driver.epochs - driver.inherited))
        return driver.seconds / max(1, driver.epochs) * left / self.slots

    def live(self, status: Status, running: Sequence[str], since: float) -> str:
        """The line of a terminal: `running` says what runs do, `since` how many seconds ago the status was."""
        of = f" of {self.planned}" if self.planned else ""
        parts = [f"{status.completed + status.failed}{of} trials"]
        parts += [f"{status.failed} failed"] if status.failed else []
        parts += [", ".join(running)] if running else []
        if status.best:
            values = in_words(status.best.hyperparameters)
            score = self.objective.in_words(status.best.score)
            parts.append(f"best so far {score} ({variant_of(status.best.trial)}: {values})")
        left = (status.seconds_left or 0.0) - since
        parts += [f"about {rough_duration(left)} left"] if left >= 1 else []
        return " · ".join(parts)

    def line(self, ended: Ended, state: State) -> str:
        """How a trial ended."""
        status = self.status(state)
        left = left_in_words(status.seconds_left)
        if ended.trial is None:
            count, values = "base", "the unchanged base"
        else:
            of = f"/{self.planned}" if self.planned else ""
            count = f"[{len(self.driver.ended)}{of}] {variant_of(ended.trial)}"
            values = in_words(self.driver.trials[ended.trial].values)
        if ended.score is None:
            return f"{count} ({values}): failed, {ended.reason}{left}"
        best = f"; best so far {variant_of(status.best.trial)}" if status.best else ""
        return f"{count} ({values}): {self.objective.in_words(ended.score)}{best}{left}"

    def summary(self, state: State) -> str:
        """The best trials beside the base, and where everything lies."""
        driver = self.driver
        said = {"time is up": "The time is up", "too many failures": "Too many trials failed"}.get(state)
        lines = [f"\n{said}; the same command with a higher limit goes on."] if said else [""]
        if driver.exhausted:
            lines.append("The oracle has no more trials: the space is exhausted.")
        for place, each in enumerate(driver.best(3), 1):
            values = in_words(each.hyperparameters)
            lines.append(f"{place}. {variant_of(each.trial)}: {self.objective.in_words(each.score)} ({values})")
        if driver.base is not None and driver.base.score is not None:
            lines.append(f"The base: {self.objective.in_words(driver.base.score)}")
        if driver.failed:
            lines.append(f"{counted(driver.failed, 'trial')} failed; the reasons are in the table.")
        lines.append(f"The table: {self.folder / TABLE}")
        return "\n".join(lines)
