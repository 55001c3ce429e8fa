"""Decided or open, as it was when somebody last looked: to watch is no look of its own.

Each look at more seeds spends of the error rate (reports/statistics/looks.py). A page that looked whenever a run ends
would spend all of it. So it shows what `report` or `run --until-decided` showed, on the same seeds, which is the same
look, and says how many runs have ended since.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.experiment_numbers import Numbers, numbers_of, task_of_all
from keras_suite.reports.results.run_numbers import run_numbers
from keras_suite.reports.run_directory import ExperimentRuns, read_experiment
from keras_suite.reports.run_directory.looks import LOOKS, Looks, read_looks
from keras_suite.tasks.wording.quantities import counted


def verdict(folder: Path) -> dict[str, Any]:
    """Return `state` ("decided", "open", or "" where there is nothing to compare), and what was seen in a sentence.

    Writes nothing.
    """
    looks = read_looks(folder)
    experiment = read_experiment(folder)
    if len(experiment.variants) < 2:
        return {"state": "", "text": ""}
    seen = _looked_at(experiment, looks)
    if not seen:
        return {"state": "open", "text": f"Nobody has looked yet: keras-suite report {folder.name} does."}
    numbers = _numbers(experiment, looks, seen)
    pairs = [pair for pair in numbers.pairs if pair.comparison is not None]
    decided = bool(pairs) and not any(pair.comparison.open for pair in pairs)
    later = sum(run.status == "completed" and run.seed not in seen.get(_of(run.path), ()) for run in experiment.runs)
    since = f" {counted(later, 'run')} ended since; keras-suite report {folder.name} looks again." if later else ""
    return {"state": "decided" if decided else "open", "text": answer(numbers) + since}


class Verdicts:
    """Verdicts by folder: computed again only when somebody has looked, or another run has ended."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Any, dict[str, Any]]] = {}

    def of(self, folder: Path, ended: int) -> dict[str, Any]:
        """Return the verdict of an experiment of which so many runs have ended; the last one where files change."""
        try:
            stat = (folder / LOOKS).stat()
            key = (stat.st_mtime_ns, stat.st_size, ended)
        except OSError:
            key = (0, 0, ended)
        known = self._known.get(folder)
        if known is None or known[0] != key:
            try:
                known = (key, verdict(folder))
            except (ValueError, OSError):  # just being written
                return known[1] if known is not None else {"state": "", "text": ""}
            self._known[folder] = known
        return known[1]


def _looked_at(experiment: ExperimentRuns, looks: Looks) -> dict[str, set[int]]:
    """Return the seeds of each present variant's directory with which it was looked at."""
    seen: dict[str, set[int]] = {}
    present = {variant.directory for variant in experiment.variants}
    for directories, pair in looks.pairs.items():
        if pair.seeds and {*directories} <= present:
            for directory in directories:
                seen.setdefault(directory, set()).update(pair.seeds[-1])
    return seen


def _numbers(experiment: ExperimentRuns, looks: Looks, seen: Mapping[str, set[int]]) -> Numbers:
    """Return the numbers of those seeds alone."""
    runs = tuple(run for run in experiment.runs if run.seed in seen.get(_of(run.path), ()))
    rows: dict[str, list[Any]] = {}
    for run in runs:
        rows.setdefault(_of(run.path), []).append(run_numbers(run)[0])
    return numbers_of(replace(experiment, runs=runs), rows, task_of_all(runs), looks=looks)


def _of(run: Path) -> str:
    return run.parent.name
