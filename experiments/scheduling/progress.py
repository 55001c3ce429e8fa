"""Progress of all runs of a command, read from their run directories: the same for this and for other processes."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from keras_suite.experiments.scheduling.cost import Unfinished, seconds_left, seconds_of
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job, Outcome
from keras_suite.reports import run_directory
from keras_suite.reports.results.run_numbers import task_of_run
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.quantities import counted, rough_duration

REFRESH_SECONDS = 0.5


@dataclass(frozen=True)
class Snapshot:
    """The state of all runs at one moment.

    Attributes:
        ended: How many have ended.
        failed: How many of them failed.
        running: What each run that trains does.
        unfinished: Those that have not ended.
        projected: By variant, the seconds that runs under way will take in all at their pace so far.
    """

    ended: int
    failed: int
    running: tuple[str, ...]
    unfinished: tuple[Unfinished, ...]
    projected: Mapping[str, Sequence[float]]


class LiveLine:
    """A line at the bottom of a terminal, refreshed twice a second by a thread; where there is no terminal, nothing."""

    def __init__(self, console: Console, line: Callable[[], Text]) -> None:
        self._line, self._shown = line, console.is_terminal
        self._done = threading.Event()
        self._live = Live(Text(""), console=console, auto_refresh=False, transient=True)
        self._thread = threading.Thread(target=self._refresh, daemon=True)

    def __enter__(self) -> Self:
        if self._shown:
            self._live.start()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._shown:
            self._thread.join()
            self._live.stop()

    def _refresh(self) -> None:
        while not self._done.wait(REFRESH_SECONDS):
            self._live.update(self._line(), refresh=True)


class Progress:
    """Print a line when a run ends; on a terminal also a live one: i of N, what trains, best so far, time left.

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
        self._best: tuple[str, Metric, float] | None = None
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
        for job, directory in zip(self._jobs, self._directories, strict=True):
            if directory in self._outcomes:
                continue
            seconds, trains = epochs_of(directory, self._began)
            done, epochs = len(seconds), job.config.epochs
            in_epoch = self._seconds_in_epoch(directory, done) if trains else 0.0
            unfinished.append(Unfinished(job.variant, epochs, done, in_epoch))
            if trains:
                running.append(doing(job, done))
            if done > 1:  # the first epoch takes longer: TensorFlow traces the model in it
                projected.setdefault(job.variant, []).append(seconds[0] + mean(seconds[1:]) * (epochs - 1))
        failed = sum(outcome.status == "failed" for outcome in list(self._outcomes.values()))
        return Snapshot(len(self._outcomes), failed, tuple(running), tuple(unfinished), projected)

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
        if self._best is not None:
            name, metric, score = self._best
            parts.append(f"best so far {metric.format(score)} ({name})")
        parts.append(self._time_left(state))
        return Text(" · ".join(part for part in parts if part))

    def _time_left(self, state: Snapshot) -> str:
        left = seconds_left(state.unfinished, {**state.projected, **self._durations}, self._estimated, self._workers)
        return f"about {rough_duration(left)} left" if left >= 1 else ""


def epochs_of(directory: Path, began: float) -> tuple[list[float], bool]:
    """Return the seconds of each epoch that a run need not repeat, and whether it trains since `began`."""
    try:
        run = run_directory.read_run(directory, needs=())
    except (OSError, ValueError):  # not begun, or just being written
        return [], False
    trains = run.status == "running" and run.record["heartbeat"] >= began
    kept = trains or run_directory.has_checkpoint(directory)
    return [row["seconds"] for row in run.history] if kept else [], trains


def doing(job: Job, done: int) -> str:
    """Return what a run is doing after this number of epochs."""
    epochs = job.until or job.config.epochs
    return f"{job.variant} seed {job.seed} " + (f"epoch {done + 1}/{epochs}" if done < epochs else "is scored")
