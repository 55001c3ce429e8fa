"""From a command to the runs it asks for: which Configs, seeds, threads and directories, and what is already there."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_suite.experiments import registry
from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import LIST_FIELDS, Config, Experiment, override, value_to_json
from keras_suite.experiments.scheduling.cost import Estimate, Unfinished, seconds_left, seconds_of
from keras_suite.experiments.training.job import (
    Job,
    Outcome,
    directory_of,
    ended_before,
    job_identity,
    refuse_other_environment,
    refuse_other_tasks,
)
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Variant
from keras_suite.tasks.atomic_files import read_json
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.quantities import counted, rough_duration

SMOKE = {"epochs": 1, "dataset.limit": 200, "dataset.test_limit": 100}


@dataclass(frozen=True)
class Plan:
    """The jobs of a command in the order they run (all variants of a seed before the next seed), and the ended ones.

    `took`: by variant, the seconds that each of its runs took which had been completed before.
    """

    jobs: tuple[Job, ...]
    directories: tuple[Path, ...]
    ended: Mapping[Path, Outcome]
    variants: tuple[Variant, ...]
    took: Mapping[str, Sequence[float]]

    @property
    def pending(self) -> tuple[Job, ...]:
        """The jobs that are still to be trained."""
        return tuple(job for job, path in zip(self.jobs, self.directories, strict=True) if path not in self.ended)


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """`--set key=value` pairs; values are JSON where they are JSON, else text."""
    parsed: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise ValueError(f"--set {setting!r} is no setting: write key=value, for example --set epochs=3")
        try:
            parsed[key] = json.loads(value)
        except json.JSONDecodeError:
            parsed[key] = value
    return parsed


def configs(experiment: Experiment, settings: Mapping[str, Any], smoke: bool = False) -> dict[str, Config]:
    """Each variant's Config under `--set`: the base is changed, then the variant, where it replaced what was set.

    An option of a callback or phase is set in the variants that have it; ValueError if none has.
    """
    settings = {**(_smoke(experiment) if smoke else {}), **settings}
    base, _ = _set(experiment.base, settings)
    changed = dataclasses.replace(experiment, base=base)
    found: dict[str, Config] = {}
    missed: dict[str, list[ValueError]] = {}
    for name in experiment.variants:
        found[name], misses = _set(changed.config(name), settings)
        for key, error in misses.items():
            missed.setdefault(key, []).append(error)
    for errors in missed.values():
        if len(errors) == len(found):
            raise errors[0]
    for config in found.values():
        registry.check_names(config)
    if not smoke:  # variants that differ in the number of images only are the same in a smoke run
        _refuse_equal(found)
    return found


def _smoke(experiment: Experiment) -> dict[str, Any]:
    phases = {part.name for name in experiment.variants for part in experiment.config(name).phases}
    return {**SMOKE, **{f"phases.{name}.epochs": 1 for name in phases}}


def _set(config: Config, settings: Mapping[str, Any]) -> tuple[Config, dict[str, ValueError]]:
    """The Config with these settings, and by key those of callbacks and phases that it does not have."""
    missed: dict[str, ValueError] = {}
    possible = dict(settings)
    for key, value in settings.items():
        try:
            override(config, {**_whole_parts(settings), key: value})
        except ValueError as error:
            if not key.startswith(tuple(f"{name}." for name in LIST_FIELDS)):
                raise
            missed[key] = error
            del possible[key]
    return override(config, possible), missed


def _whole_parts(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that replace a whole part or name another one; the options of the others depend on them."""
    return {key: value for key, value in settings.items() if "." not in key or key.endswith(".name")}


def _refuse_equal(found: Mapping[str, Config]) -> None:
    """Variants that are the same would be compared with themselves and found equivalent."""
    names = list(found)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            if found[first] == found[second]:
                raise ValueError(
                    f"variants {first!r} and {second!r} are the same Config: let them differ in something, and do not "
                    "--set what they differ in"
                )


def chosen_variants(experiment: Experiment, variants: Sequence[str]) -> list[str]:
    """The variants to run: those named, or all."""
    for name in variants:
        if name not in experiment.variants:
            raise ValueError(unknown("variant", name, experiment.variants))
    return [name for name in experiment.variants if not variants or name in variants]


def seed_count(found: Mapping[str, Config], asked: int | None, default: int) -> int:
    """How many runs of each variant: those asked for, else `default`; with K folds a multiple of K, else K."""
    folds = {config.dataset.options.get("folds") for config in found.values()}
    if len(folds) > 1:
        raise ValueError("some variants have dataset.folds and others another or none: give all of them the same")
    count = folds.pop()
    if count is None:
        return asked or default
    if asked is not None and asked % count:
        raise ValueError(
            f"--seeds {asked} with {count} folds would leave some folds out: give a multiple of {count}, each further "
            f"{count} for another partition"
        )
    return asked or count


def thread_count(folder: Path, asked: int | None, default: int, fresh: bool = False) -> int:
    """The threads that the experiment's runs have so far (not if `fresh`), else those asked for, else `default`.

    Weights are bit-identical at an equal count only, so an experiment that grows keeps its count.
    """
    used = set() if fresh else {read_json(path)["threads"] for path in _current_records(folder)}
    if not used:
        return asked or default
    if asked is not None and used != {asked}:
        so_far = " and ".join(map(str, sorted(used)))
        raise ValueError(
            f"the runs in {folder} used {so_far} {'thread' if used == {1} else 'threads'}, and runs with --threads "
            f"{asked} could not be compared with them: leave --threads out, or start anew with --fresh"
        )
    return max(used)


def _current_records(folder: Path) -> list[Path]:
    listing = folder / "experiment.json"
    if not listing.exists():
        return []
    current = [variant["directory"] for variant in read_json(listing)["variants"]]
    return [path for name in current for path in (folder / name).glob("seed-*/run.json")]


def make_plan(
    entry: Entry,
    found: Mapping[str, Config],
    variants: Sequence[str],
    seeds: Sequence[int],
    *,
    fresh: bool = False,
    threads: int,
    runs_dir: Path,
    data_dir: Path | None,
    command: str,
    device: str | None = None,
    tensorboard: bool = False,
    checkpoint_seconds: float = 30.0,
) -> Plan:
    """Loads the data and looks at what is there; raises, with nothing written, where a run must not go on.

    `device` is what the runs are to be trained on, where that is not this process's.
    """

    def job(variant: str, seed: int) -> Job:
        return Job(
            experiment=entry.name,
            variant=variant,
            config=found[variant],
            seed=seed,
            threads=threads,
            runs_dir=runs_dir,
            data_dir=data_dir,
            source=entry.source if entry.measure else None,
            command=command,
            tensorboard=tensorboard,
            checkpoint_seconds=checkpoint_seconds,
        )

    refuse_other_tasks(found, data_dir)
    jobs = tuple(job(variant, seed) for seed in seeds for variant in variants)
    directories = tuple(directory_of(each) for each in jobs)
    ended: dict[Path, Outcome] = {}
    took: dict[str, list[float]] = {}
    for each, directory in [] if fresh else zip(jobs, directories, strict=True):
        outcome = ended_before(directory)
        if outcome is not None:
            ended[directory] = outcome
            if outcome.status == "already":
                took.setdefault(each.variant, []).append(seconds_of(run_directory.read_run(directory)))
        else:
            refuse_other_environment(each, directory, device)
    listed = tuple(
        Variant(
            name,
            run_directory.variant_directory(name, job_identity(job(name, 1))),
            {key: value_to_json(value) for key, value in entry.experiment.variants[name].items()},
        )
        for name in found
    )
    return Plan(jobs, directories, ended, listed, took)


def announcement(plan: Plan, cost: Estimate | None, workers: int, threads: int) -> str:
    """What `run` says before it starts: how many runs, how long, how much disk. No cost: nothing is to be trained."""
    if cost is None:
        which = "The run" if len(plan.jobs) == 1 else f"All {len(plan.jobs):,} runs"
        return f"{which} had ended before: nothing was trained."
    variants = counted(len({job.variant for job in plan.jobs}), "variant")
    seeds = counted(len({job.seed for job in plan.jobs}), "seed")
    before = f", {len(plan.ended)} of them ended before" if plan.ended else ""
    processes = min(workers, len(plan.pending))
    pending = [Unfinished(job.variant, job.config.epochs) for job in plan.pending]
    seconds = seconds_left(pending, plan.took, cost.of_variant, workers)
    side = f" in {processes} processes" if processes > 1 else ""
    return (
        f"{counted(len(plan.jobs), 'run')} ({variants} x {seeds}{before}): about "
        f"{rough_duration(seconds)} with {counted(threads, 'thread')} each{side}, "
        f"about {cost.bytes / 1e6:.0f} MB on disk"
    )
