"""The runs of a command in their order, and which of them are finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.config import Config, Experiment, value_to_json
from keras_suite.experiments.scheduling.cost import Estimate, Unfinished, seconds_left, seconds_of
from keras_suite.experiments.training.identity import (
    already_finished,
    directory_of,
    job_identity,
    refuse_other_environment,
    refuse_other_tasks,
)
from keras_suite.experiments.training.job import Job, Outcome, RunOptions
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Variant
from keras_suite.tasks.wording.quantities import counted, memory, rough_duration, rough_size


@dataclass(frozen=True)
class Plan:
    """The jobs of a command.

    Attributes:
        jobs: In the order they run: all variants of a seed before the next seed.
        directories: Their run directories.
        finished: The outcomes of those that are not to be trained again, by directory.
        variants: All that the experiment compares now.
        durations: By variant, the seconds that each of its completed runs took.
    """

    jobs: tuple[Job, ...]
    directories: tuple[Path, ...]
    finished: Mapping[Path, Outcome]
    variants: tuple[Variant, ...]
    durations: Mapping[str, Sequence[float]]

    @property
    def pending(self) -> tuple[Job, ...]:
        """The jobs that are still to be trained."""
        return tuple(job for job, path in zip(self.jobs, self.directories, strict=True) if path not in self.finished)


def make_plan(
    entry: Entry,
    configs: Mapping[str, Config],
    variants: Sequence[str],
    seeds: Sequence[int],
    options: RunOptions,
    *,
    fresh: bool = False,
    device: str | None = None,
) -> Plan:
    """Load the data and find the runs that are finished. Writes nothing.

    Args:
        entry: The experiment.
        configs: The Config of each variant, also of those that are not run now.
        variants: The variants to run.
        seeds: Their seeds.
        options: What all runs have in common.
        fresh: Whether earlier runs are to be set aside first.
        device: What the runs are to be trained on, where that is not this process's device.

    Raises:
        ValueError, OSError: If the data cannot be loaded, or if a run must not be resumed.
    """
    refuse_other_tasks(configs, options.data_dir)
    source = entry.source if entry.measure else None

    def job(variant: str, seed: int) -> Job:
        return Job(entry.name, variant, configs[variant], seed, options, source)

    identities = {name: job_identity(job(name, 1)) for name in configs}  # a seed is no part of them
    jobs = tuple(job(variant, seed) for seed in seeds for variant in variants)
    directories = tuple(directory_of(each, identities[each.variant]) for each in jobs)
    finished: dict[Path, Outcome] = {}
    durations: dict[str, list[float]] = {}
    for each, directory in [] if fresh else zip(jobs, directories, strict=True):
        outcome = already_finished(directory)
        if outcome is None:
            refuse_other_environment(each, directory, device)
            continue
        finished[directory] = outcome
        if outcome.status == "already":
            durations.setdefault(each.variant, []).append(seconds_of(run_directory.read_run(directory, needs=())))
    compared = tuple(_variant(entry.experiment, name, identity) for name, identity in identities.items())
    return Plan(jobs, directories, finished, compared, durations)


def _variant(experiment: Experiment, name: str, identity: str) -> Variant:
    overrides = {key: value_to_json(value) for key, value in experiment.variants[name].items()}
    return Variant(name, run_directory.variant_directory(name, identity), overrides)


def seconds_in_one_process(plan: Plan, cost: Estimate) -> float:
    """Return what the pending runs are expected to take, one after another."""
    return seconds_left(_unfinished(plan), plan.durations, cost.of_variant, 1)


def _unfinished(plan: Plan) -> list[Unfinished]:
    return [Unfinished(job.variant, job.config.epochs) for job in plan.pending]


def announcement(plan: Plan, cost: Estimate | None, workers: int, threads: int) -> str:
    """Return what `run` prints before it starts: how many runs, how long, how much disk and memory.

    Args:
        cost: None if nothing is to be trained.
    """
    if cost is None:
        which = "The run" if len(plan.jobs) == 1 else f"All {len(plan.jobs):,} runs"
        return f"{which} had already finished: nothing was trained."
    variants = counted(len({job.variant for job in plan.jobs}), "variant")
    seeds = counted(len({job.seed for job in plan.jobs}), "seed")
    finished = f", {len(plan.finished)} of them already finished" if plan.finished else ""
    processes = min(workers, len(plan.pending))
    seconds = seconds_left(_unfinished(plan), plan.durations, cost.of_variant, workers)
    side_by_side = f" in {processes} processes" if processes > 1 else ""
    count = plan.jobs[0].options.devices
    devices = f" on {count} devices" if count > 1 else ""
    taken = f", about {memory(cost.memory)} of memory{' each' if processes > 1 else ''}" if cost.memory else ""
    return (
        f"{counted(len(plan.jobs), 'run')} ({variants} x {seeds}{finished}): about "
        f"{rough_duration(seconds)} with {counted(threads, 'thread')}{devices} each{side_by_side}, "
        f"about {rough_size(cost.bytes)} on disk{taken}"
    )
