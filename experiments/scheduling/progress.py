"""Progress of all runs of a command, read from their run directories: the same for this and for other processes."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from keras_suite.experiments.scheduling.cost import Unfinished, seconds_left, seconds_of
from keras_suite.experiments.scheduling.live_line import LiveLine
from keras_suite.experiments.scheduling.under_way import Course, course_of, doing
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job, Outcome
from keras_suite.reports import run_directory
from keras_suite.reports.results.run_numbers import task_of_run
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.quantities import counted, rough_duration

Best = tuple[str, Metric, float]  # whose it is, what was measured, and the value


@dataclass(frozen=True)
class Snapshot:
    """The state of all runs at one moment.

    Attributes:
        ended: How many have ended.
        failed: How many of them failed.
        running: What each run that trains does.
        unfinished: Those that have not ended.
        projected: By variant, the seconds that runs under way will take in all at their pace so far.
        best: The best epoch of those runs.
    """

    ended: int
    failed: int
    running: tuple[str, ...]
    unfinished: tuple[Unfinished, ...]
    projected: Mapping[str, Sequence[float]]
    best: Best | None


class Progress:
    """Print a line when a run ends, and a live one: i of N, what trains, best so far, time left.

    Args:
        console: Where to print.
        jobs: The jobs that are trained.
        estimated: By variant, the estimated seconds of one run.
        durations: By variant, the seconds that its finished runs took.
        workers: How many runs train at once.
    """

    def __init__(
        self,
        console: Console,
        jobs: Sequence[Job],
        estimated: Mapping[str, float],
        *,
        durations: Mapping[str, Sequence[float]],
        workers: int,
    ) -> None:
        self._console, self._jobs, self._workers, self._estimated = console, jobs, workers, estimated
        self._durations = {variant: list(seconds) for variant, seconds in durations.items()}
        self._began = time.time()
        self._reached: dict[Path, tuple[int, float]] = {}
        self._directories = [directory_of(job) for job in jobs]
        self._outcomes: dict[Path, Outcome] = {}
        self._best: Best | None = None
        self._live = LiveLine(console, self.line)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def ended(self, job: Job, outcome: Outcome) -> None:
        """Print how a run ended."""
        self._outcomes[outcome.directory] = outcome
        count = f"[{len(self._outcomes)}/{len(self._jobs)}] {job.variant} seed {job.seed}"
        if outcome.status == "failed":
            self._console.print(Text(f"{count}: failed, {outcome.reason}", style="red"), soft_wrap=True)
            return
        run = run_directory.read_run(outcome.directory, needs=())
        metrics = run.metrics or {}
        self._durations.setdefault(job.variant, []).append(seconds_of(run))
        metric = task_of_run(run).score
        score = metrics["validation"][metric.in_history.name]
        if self._best is None or metric.goodness(score) > metric.goodness(self._best[2]):
            self._best = (f"{job.variant} seed {job.seed}", metric, score)
        line = f"{count}: validation {metric.in_history.label} {metric.format(score)}, "
        line += f"{counted(metrics['epochs'], 'epoch')}, "
        line += f"{rough_duration(seconds_of(run))}; {self._time_left(self._snapshot())}"
        self._console.print(Text(line.rstrip("; ")), soft_wrap=True)
        if outcome.note:
            self._console.print(Text(f"  {outcome.note}"), soft_wrap=True)

    def _snapshot(self) -> Snapshot:
        running: list[str] = []
        unfinished: list[Unfinished] = []
        projected: dict[str, list[float]] = {}
        best: Best | None = None
        for job, directory in zip(self._jobs, self._directories, strict=True):
            if directory in self._outcomes:
                continue
            course, epochs = course_of(directory, self._began), job.config.epochs
            in_epoch = self._seconds_in_epoch(directory, course.done) if course.trains else 0.0
            unfinished.append(Unfinished(job.variant, epochs, course.done, in_epoch))
            if course.trains:
                running.append(doing(job, course.done))
                best = _better(best, f"{job.variant} seed {job.seed}", course)
            whole = course.seconds_of_all(epochs)
            if whole is not None:
                projected.setdefault(job.variant, []).append(whole)
        failed = sum(outcome.status == "failed" for outcome in list(self._outcomes.values()))
        return Snapshot(len(self._outcomes), failed, tuple(running), tuple(unfinished), projected, best)

    def _seconds_in_epoch(self, directory: Path, done: int) -> float:
        """Return for how many seconds a run has been observed in its present epoch."""
        last_done, began = self._reached.get(directory, (-1, 0.0))
        if last_done != done:
            began = time.monotonic()
            self._reached[directory] = (done, began)
        return time.monotonic() - began

    def line(self) -> Text:
        """Return the live line as of now."""
        state = self._snapshot()
        parts = [f"{state.ended} of {counted(len(self._jobs), 'run')}"]
        parts += [f"{state.failed} failed"] if state.failed else []
        parts += [", ".join(state.running)] if state.running else []
        best = self._best or state.best
        if best is not None:
            name, metric, score = best
            parts.append(f"best so far {metric.format(score)} ({name})")
        parts.append(self._time_left(state))
        return Text(" · ".join(part for part in parts if part))

    def _time_left(self, state: Snapshot) -> str:
        left = seconds_left(state.unfinished, {**state.projected, **self._durations}, self._estimated, self._workers)
        return f"about {rough_duration(left)} left" if left >= 1 else ""


def _better(best: Best | None, name: str, course: Course) -> Best | None:
    """Return the best epoch so far, with whose and which it is, after looking at one run more."""
    assert course.run is not None
    metric = task_of_run(course.run).score
    found = course.best(f"val_{metric.in_history.name}", metric.direction)
    if found is None or (best is not None and metric.goodness(found[0]) <= metric.goodness(best[2])):
        return best
    return f"{name} after epoch {found[1]}", metric, found[0]
