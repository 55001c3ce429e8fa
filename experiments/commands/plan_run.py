"""Train a plan: begin the experiment's folder, train its runs, write its report. For `run` and `tune --confirm`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.commands import report as reporting
from keras_suite.experiments.commands.command_line import interruptible, out, typed
from keras_suite.experiments.scheduling.execution import run_all
from keras_suite.experiments.scheduling.plan import Plan
from keras_suite.experiments.scheduling.progress import Progress
from keras_suite.experiments.scheduling.workers import Workers
from keras_suite.reports import run_directory


def begin(folder: Path, entry: Entry, plan: Plan, fresh: bool = False) -> None:
    """Record what the experiment compares; if `fresh`, set earlier runs aside first."""
    with run_directory.locked(folder):
        if fresh and (kept := run_directory.set_aside(folder)):
            out.print(f"The earlier runs lie in {kept} now.")
        run_directory.write_experiment(
            folder,
            name=entry.name,
            question=entry.question,
            command=typed(),
            variants=plan.variants,
            against=entry.experiment.against,
        )


def train(plan: Plan, workers: Workers, folder: Path, seconds_of_variant: Mapping[str, float]) -> bool:
    """Train the pending runs, and return whether any run of the plan failed, now or before."""
    outcomes = list(plan.finished.values())
    progress = Progress(out, plan.pending, seconds_of_variant, took=plan.durations, workers=workers.count)
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
