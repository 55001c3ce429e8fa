"""What a sweep says of itself: a line for each trial that ended, its status, and a summary at the end."""

from dataclasses import dataclass
from pathlib import Path

from experiments.tuning.driver import Driver, Ended, variant_of
from experiments.tuning.objective import Objective
from experiments.tuning.status import State, Status, in_words, left_in_words
from reports.wording import counted

TABLE = "trials.csv"


@dataclass(frozen=True)
class Telling:
    """Speaks for a sweep of `planned` trials, None if that is not known, of which each was to take `per_trial` s.

    Runs take turns on `slots` workers; `runs` are those of one trial.
    """

    folder: Path
    driver: Driver
    objective: Objective
    planned: int | None
    per_trial: float | None
    runs: int
    slots: int

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
        ended = len(self.driver.ended)
        each = self.driver.seconds / ended if self.driver.seconds else self.per_trial
        left = self.planned - ended
        return None if each is None else each * left / min(self.slots, max(1, left * self.runs))

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
