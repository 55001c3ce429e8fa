"""Plan an experiment's runs and print their cost, train them, write the report. For `run` and `tune --confirm`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.commands import report as reporting
from keras_suite.experiments.commands.command_line import interruptible, out, typed, waiting
from keras_suite.experiments.config import Config
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.plan import Plan, announcement, make_plan
from keras_suite.experiments.scheduling.progress import Progress
from keras_suite.experiments.scheduling.workers import Workers
from keras_suite.experiments.training.job import RunOptions
from keras_suite.reports import run_directory
from keras_suite.tasks.atomic_files import remove_temporaries


def plan_and_begin(
    entry: Entry,
    configs: Mapping[str, Config],
    variants: Sequence[str],
    seeds: Sequence[int],
    options: RunOptions,
    workers: Workers,
    *,
    fresh: bool = False,
) -> tuple[Plan, Mapping[str, float]]:
    """Plan the runs, print the question and what they will cost, and begin the experiment's folder.

    Args:
        entry: The experiment.
        configs: The Config of each variant, also of those that are not run now.
        variants: The variants to run.
        seeds: Their seeds.
        options: What all runs have in common.
        workers: Who trains.
        fresh: Whether earlier runs are to be set aside first.

    Returns:
        The plan, and the estimated seconds of one run of each variant that is trained.

    Raises:
        ValueError, OSError: If the data cannot be loaded, a variant cannot be trained, or a run must not be resumed.
    """
    from keras_suite.experiments.scheduling.estimate import estimate  # imports TensorFlow, which has been started

    folder = options.runs_dir / entry.name
    if not fresh:
        run_directory.refuse_other_source(folder, entry.source)
    plan = make_plan(entry, configs, variants, seeds, options, fresh=fresh, device=workers.device)
    out.print(Text(entry.question or entry.name, style="bold"))
    cost = None
    if plan.pending:
        with waiting("trying a few batches of each variant"):
            cost = estimate(plan.pending)
    for note in cost.notes if cost else ():
        out.print(Text(note), soft_wrap=True)
    out.print(announcement(plan, cost, workers.count, options.threads), soft_wrap=True)
    _begin(folder, entry, plan, fresh)
    return plan, cost.of_variant if cost else {}


def _begin(folder: Path, entry: Entry, plan: Plan, fresh: bool) -> None:
    """Record what the experiment compares; if `fresh`, set earlier runs aside first."""
    with run_directory.locked(folder):
        remove_temporaries(folder)
        if fresh and (kept := run_directory.set_aside(folder)):
            out.print(f"The earlier runs were moved to {kept}.")
        run_directory.write_experiment(
            folder,
            name=entry.name,
            question=entry.question,
            command=typed(),
            variants=plan.variants,
            against=entry.experiment.against,
            source=entry.source,
        )


def train(plan: Plan, workers: Workers, folder: Path, seconds_of_variant: Mapping[str, float]) -> bool:
    """Train the pending runs, and return whether any run of the plan failed, now or before."""
    outcomes = list(plan.finished.values())
    progress = Progress(out, plan.pending, seconds_of_variant, durations=plan.durations, workers=workers.count)
    with interruptible(), run_directory.locked(folder), progress:
        needed = replace(workers, count=min(workers.count, max(1, len(plan.pending))))
        for job, outcome in run_all(plan.pending, needed):
            progress.ended(job, outcome)
            outcomes.append(outcome)
    return any(outcome.status == "failed" for outcome in outcomes)


def report(folder: Path, entry: Entry, debug: bool) -> bool:
    """Write and print the report; on failure print why; return whether it is whole."""

    def write() -> bool:
        return not reporting.write(folder, entry.draw).problems

    return reporting.after_training(write, folder, "the runs are kept", debug)
