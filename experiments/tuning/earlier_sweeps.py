"""What a sweep takes over from earlier ones (`--from`): their finished runs, their trials' values, their best as hints.

A trial whose Config, data and threads are the same has the same identity here: its run directory is copied, and nothing
is trained. The best of the others are tried first, moved into the space where they lie outside of it.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

from keras_tuner import HyperParameters

from keras_suite.experiments.config import Config, override
from keras_suite.experiments.training.identity import directory_of, job_identity, read_own_run
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.training.limits import stop_of
from keras_suite.experiments.tuning import journal
from keras_suite.experiments.tuning.objective import Objective
from keras_suite.experiments.tuning.request import TuneRequest
from keras_suite.experiments.tuning.space import at, overrides_of
from keras_suite.experiments.tuning.starting_points import Values, nearest, picked_by_hand, reaches
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import task_of
from keras_suite.reports.sweep.costs import Cost, unbeaten
from keras_suite.tasks.wording.quantities import counted

HINTS = 3  # of the earlier trials that are not the same here, so many of the best are tried
Key = tuple[str, int]  # a run's identity and seed


@dataclass(frozen=True)
class Starts:
    """The trials that a sweep begins with.

    Attributes:
        points: Their values: those that are taken over, those picked by hand, hints.
        told: How many are taken over.
        runs: Finished runs of earlier sweeps, by their identity and seed.
        lines: What to announce of them.
    """

    points: list[Values] = field(default_factory=list)
    told: int = 0
    runs: Mapping[Key, Path] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class EarlierTrial:
    """A trial of an earlier sweep with a score; its cost is 0 where none is optimized."""

    values: Values
    score: float
    identities: frozenset[str]
    cost: float = 0.0


def starts_of(
    request: TuneRequest, known: HyperParameters, trials_base: Config, objective: Objective, task: str
) -> Starts:
    """Return what a new sweep begins with.

    Args:
        request: With `--from` and `--try`.
        known: All hyperparameters.
        trials_base: The Config that trials override.
        objective: What is optimized.
        task: The task of its data.

    Raises:
        ValueError, OSError: If an earlier sweep is damaged, or another question's; if a hand-picked trial is not of the
            space.
    """
    told: list[Values] = []
    hints: list[Values] = []
    runs: dict[Key, Path] = {}
    lines: list[str] = []
    picked = [picked_by_hand(text, known) for text in request.tries]
    for folder in request.earlier:
        trials, found = _read(folder, known, objective, task, request.cost)
        runs = {**found, **runs}
        here = [_same(request, known, trials_base, each) for each in trials]
        same = [values for values in here if values is not None]
        others = [each for each, values in zip(trials, here, strict=True) if values is None]
        others.sort(key=lambda each: -each.score if objective.direction == "max" else each.score)
        others = _unbeaten(others) if request.cost is not None else others
        near = [nearest(known, each.values) for each in others]
        told += [values for values in same if values not in told]
        new = [values for k, values in enumerate(near) if values not in [*told, *picked, *hints, *near[:k]]]
        hints += new[:HINTS]
        tried = f"; of the others the best {len(new[:HINTS])} are tried first" if new else ""
        lines.append(
            f"From {folder}: {len(same)} of {counted(len(trials), 'trial')} have the same Config here and are taken "
            f"over untrained{tried}{_with_its_threads(request, folder, known, trials_base, others)}"
        )
    points = [*told, *(values for values in picked if values not in told), *hints]
    if picked:
        lines.append(f"Picked by hand: {counted(len(picked), 'trial')}")
    return Starts(points, len(told), runs, tuple(lines))


def _with_its_threads(
    request: TuneRequest, folder: Path, known: HyperParameters, trials_base: Config, others: Sequence[EarlierTrial]
) -> str:
    """Say how many more would be the same runs with as many threads as that sweep had; workers change the default."""
    threads = journal.read(folder / journal.NAME)[0]["terms"].get("threads", request.options.threads)
    if threads == request.options.threads:
        return ""
    alike = replace(request, options=replace(request.options, threads=threads))
    same = sum(_same(alike, known, trials_base, each) is not None for each in others)
    return f"; --threads {threads}, as that sweep had, would take {same:,} more over" if same else ""


def _unbeaten(best_first: Sequence[EarlierTrial]) -> list[EarlierTrial]:
    """Return the trials that no other beats in score and cost at once, the best first."""
    front = unbeaten({k: -k for k in range(len(best_first))}, {k: each.cost for k, each in enumerate(best_first)})
    return [best_first[k] for k in sorted(front)]


def runs_in(folders: Sequence[Path], cost: Cost | None = None) -> dict[Key, Path]:
    """Return the finished runs of earlier sweeps that are still there, by identity and seed.

    Args:
        folders: Those of the sweeps.
        cost: What must be known of a run; None for nothing.
    """
    runs: dict[Key, Path] = {}
    for folder in folders:
        for directory in folder.glob("*/seed-*"):
            try:
                run = read_own_run(directory)
            except (OSError, ValueError):  # it is trained again
                continue
            stopped = (run.metrics or {}).get("stopped")
            known = cost is None or cost.of(run) is not None
            if run.status == "completed" and not stopped and not run.record.get("parent") and known:
                runs[run.record["identity"], run.seed] = directory
    return runs


def _read(
    folder: Path, known: HyperParameters, objective: Objective, task: str, cost: Cost | None = None
) -> tuple[list[EarlierTrial], dict[Key, Path]]:
    events = journal.read(folder / journal.NAME)
    if not events or events[0]["event"] != "begun":
        raise ValueError(f"{folder / journal.NAME} does not say how the sweep began: restore it from a copy")
    optimized = events[0]["terms"].get("objective")
    if optimized != objective.name:
        raise ValueError(
            f"--from {folder}: that sweep optimized {optimized}, and this one optimizes {objective.name}: its scores "
            f"say nothing here; add --objective {optimized}, or leave it out"
        )
    created = {event["trial"]: event["values"] for event in events if event["event"] == "created"}
    if created and not any(each.name in values for each in known.space for values in created.values()):
        raise ValueError(f"--from {folder}: no hyperparameter of that sweep is in this space: leave it out")
    runs = runs_in([folder], cost)
    identity_of = {directory: identity for (identity, _), directory in runs.items()}
    tasks = {task_of(run_directory.read_run(directory, needs=()).record) for directory in list(runs.values())[:1]}
    if tasks and tasks != {task}:
        raise ValueError(
            f"--from {folder}: that sweep predicted {tasks.pop()}, and this one predicts {task}: leave it out"
        )
    trials = []
    for event in events:
        if event["event"] == "ended" and event["trial"] in created and event["score"] is not None:
            directories = [folder / run["directory"] for run in event["runs"]]
            identities = frozenset(identity_of[each] for each in directories if each in identity_of)
            values = {name: value for name, value in created[event["trial"]].items() if not name.startswith("tuner/")}
            trials.append(EarlierTrial(values, event["score"], identities, _cost_of(cost, directories)))
    if cost is None:
        return trials, runs
    with_cost = [trial for trial in trials if trial.cost > 0]
    if trials and not with_cost:
        raise ValueError(
            f"--from {folder}: of no trial of that sweep both numbers are known, as its runs do not tell their "
            f"{cost.name}: leave it out"
        )
    return with_cost, runs


def _cost_of(cost: Cost | None, directories: Sequence[Path]) -> float:
    """Return the mean cost of finished runs; 0 where none is asked for, or not all tell it."""
    costs: list[float] = []
    for directory in directories if cost is not None else ():
        try:
            found = cost.of(run_directory.read_run(directory, needs=())) if cost is not None else None
        except (OSError, ValueError):
            return 0.0
        costs.append(found or 0.0)
    return fmean(costs) if costs and all(costs) else 0.0


def _same(request: TuneRequest, known: HyperParameters, trials_base: Config, trial: EarlierTrial) -> Values | None:
    """Return the trial's values in this space if it would be the same runs; None if not."""
    assert request.entry.space is not None
    mine = {each.name for each in known.space}
    values = {name: value for name, value in trial.values.items() if name in mine}
    if not trial.identities or not reaches(known, values):
        return None
    chosen = at(known, values)
    try:
        config = override(trials_base, overrides_of(request.entry.space, chosen))
        same = job_identity(request.job(journal.variant_of(0), config, 1)) in trial.identities
    except ValueError:
        return None
    return dict(chosen.values) if same else None


def take_over(job: Job, runs: Mapping[Key, Path]) -> None:
    """Copy a finished run to where this job's is to lie, if it is the same and nothing is there.

    A run that would have been stopped by the job's limits is not the same.
    """
    source = runs.get((job_identity(job), job.seed)) if runs else None
    directory = directory_of(job)
    if source is None or run_directory.begun(directory) or source.resolve() == directory.resolve():
        return
    if not source.exists() or not keeps_limits(source, job):
        return
    beside = directory.with_name(f".{directory.name}")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(source, beside, ignore=shutil.ignore_patterns(".lock"))
    run_directory.update(beside, experiment=job.experiment, variant=job.variant)
    shutil.rmtree(directory, ignore_errors=True)
    beside.replace(directory)


def keeps_limits(directory: Path, job: Job) -> bool:
    """Return whether a finished run kept the limits of this job, so that it would not have been stopped."""
    return stop_of(run_directory.read_history(directory), job.limits) is None
