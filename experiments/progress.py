"""Live progress over all runs, read from their run directories: the same for runs here and in other processes."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from experiments.cost import duration, seconds_left
from experiments.job import Job, Outcome, directory_of
from reports import run_directory
from reports.wording import counted

REFRESH_SECONDS = 0.5


@dataclass(frozen=True)
class Seen:
    """One look at the runs: how many ended, what trains now, and what is left of those."""

    ended: int
    failed: int
    running: tuple[str, ...]
    left: tuple[tuple[str, float], ...]  # (variant, share of its epochs not done) of each run that has not ended


class Progress:
    """Prints a line when a run ends; on a terminal also a live one: i of N, what trains, best so far, time left."""

    def __init__(
        self, console: Console, jobs: Sequence[Job], estimated: Mapping[str, float] | None = None, workers: int = 1
    ) -> None:
        """`estimated`: seconds of one run of each variant, as a guess until runs have ended."""
        self._console, self._jobs, self._workers = console, jobs, workers
        self._estimated = estimated or {job.variant: 1.0 for job in jobs}
        self._took: dict[str, list[float]] = {}
        self._directories = [directory_of(job) for job in jobs]
        self._outcomes: dict[Path, Outcome] = {}
        self._best = ("", -1.0)
        self._done = threading.Event()
        self._live = Live(Text(""), console=console, auto_refresh=False, transient=True)
        self._thread = threading.Thread(target=self._refresh, daemon=True)

    def __enter__(self) -> "Progress":
        if self._console.is_terminal:
            self._live.start()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()
            self._live.stop()

    def ended(self, job: Job, outcome: Outcome) -> None:
        """Says how a run ended."""
        self._outcomes[outcome.directory] = outcome
        count = f"[{len(self._outcomes)}/{len(self._jobs)}] {job.variant} seed {job.seed}"
        if outcome.status == "failed":
            self._console.print(Text(f"{count}: failed, {outcome.reason}", style="red"), soft_wrap=True)
            return
        found = run_directory.read_run(outcome.directory)
        metrics = found.metrics or {}
        self._took.setdefault(job.variant, []).append(found.record["seconds"])
        accuracy = metrics["validation"]["accuracy"]
        if accuracy > self._best[1]:
            self._best = (f"{job.variant} seed {job.seed}", accuracy)
        line = f"{count}: validation accuracy {100 * accuracy:.2f} %, {counted(metrics['epochs'], 'epoch')}, "
        line += f"{duration(found.record['seconds'])}; {self._time_left(self._look())}"
        self._console.print(Text(line.rstrip("; ")), soft_wrap=True)

    def _refresh(self) -> None:
        while not self._done.wait(REFRESH_SECONDS):
            self._live.update(self._line(), refresh=True)

    def _look(self) -> Seen:
        running, left = [], []
        for job, directory in zip(self._jobs, self._directories, strict=True):
            if directory in self._outcomes:
                continue
            try:
                rows = run_directory.read_history(directory)
            except (OSError, ValueError):  # it is being written by another process; the next look will see it
                rows = ()
            left.append((job.variant, 1 - len(rows) / job.config.epochs))
            if rows or (directory / "run.json").exists():
                doing = f"epoch {len(rows) + 1}/{job.config.epochs}" if len(rows) < job.config.epochs else "is scored"
                running.append(f"{job.variant} seed {job.seed} {doing}")
        failed = sum(outcome.status == "failed" for outcome in self._outcomes.values())
        return Seen(len(self._outcomes), failed, tuple(running), tuple(left))

    def _line(self) -> Text:
        seen = self._look()
        parts = [f"{seen.ended} of {counted(len(self._jobs), 'run')}"]
        parts += [f"{seen.failed} failed"] if seen.failed else []
        parts += [", ".join(seen.running)] if seen.running else []
        parts += [f"best so far {100 * self._best[1]:.2f} % ({self._best[0]})"] if self._best[0] else []
        parts.append(self._time_left(seen))
        return Text(" · ".join(part for part in parts if part))

    def _time_left(self, seen: Seen) -> str:
        if not seen.left:
            return ""
        left = seconds_left(seen.left, self._took, self._estimated, min(self._workers, len(seen.left)))
        return f"about {duration(left)} left"
