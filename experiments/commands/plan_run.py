"""Plan an experiment's runs and print their cost, train them, write the report. For `run` and `tune --confirm`."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from keras_suite.experiments.catalog import Entry
from keras_suite.experiments.commands import report_writing as reporting
from keras_suite.experiments.commands.chosen_layers import choose_and_print
from keras_suite.experiments.commands.command_line import complain, interruptible, out, waiting
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.commands.inspection_lines import inspect_and_print
from keras_suite.experiments.config import Config
from keras_suite.experiments.scheduling import fork_server, selection
from keras_suite.experiments.scheduling.execution import checked, run_all
from keras_suite.experiments.scheduling.limits import check_run_count
from keras_suite.experiments.scheduling.plan import Plan, announcement, make_plan, seconds_in_one_process
from keras_suite.experiments.scheduling.progress import Progress
from keras_suite.experiments.scheduling.worker_start import slower_than_one
from keras_suite.experiments.scheduling.workers import Workers, refuse_devices_of
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import RunOptions
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layer_choices import LayerChoice, keep_choices
from keras_suite.reports.run_directory.planned import write_plan
from keras_suite.tasks.atomic_files import remove_temporaries
from keras_suite.tasks.wording.quantities import counted

if TYPE_CHECKING:
    from keras_suite.experiments.tracking.mlflow_log import MlflowLog


@dataclass(frozen=True)
class RunRequest:
    """What is to be run: an experiment, some of its variants, and how.

    Attributes:
        entry: The experiment.
        variants: Those to run; all if empty.
        overrides: Of every variant, by path.
        seeds: Runs of each variant; None for the experiment's own number.
        workers: Who trains.
        threads: TensorFlow's; None for those of earlier runs, else one for each of several workers, else all cores.
        smoke: Whether it is only tried.
        fresh: Whether earlier runs are to be set aside first.
        runs_dir: The folder of the experiments' folders.
        data_dir: The folder of data sets.
        command: As it was typed.
        tensorboard: Whether TensorBoard's files are written.
        checkpoint_seconds: The least time between two checkpoints.
        devices: On how many devices each run is trained; None for as many as earlier runs, else one.
    """

    entry: Entry
    variants: Sequence[str] = ()
    overrides: Mapping[str, Any] = field(default_factory=dict)
    seeds: int | None = None
    workers: Workers = field(default_factory=Workers)
    threads: int | None = None
    smoke: bool = False
    fresh: bool = False
    runs_dir: Path = Path("runs")
    data_dir: Path | None = None
    command: str = ""
    tensorboard: bool = False
    checkpoint_seconds: float = 30.0
    devices: int | None = None

    @property
    def folder(self) -> Path:
        """The experiment's folder."""
        return self.runs_dir / self.entry.name


@dataclass(frozen=True)
class Begun:
    """A plan whose folder has been begun, who trains it, and the estimated seconds of a run of each variant.

    `configs` are those of all variants, also of those that are not run now.
    """

    plan: Plan
    workers: Workers
    seconds: Mapping[str, float]
    configs: Mapping[str, Config]


def begin(request: RunRequest) -> Begun:
    """Check everything, start TensorFlow, plan the runs and print what they will cost.

    Raises:
        ValueError, OSError: With what is wrong.
    """
    entry = request.entry
    chosen = selection.chosen_variants(entry.experiment, request.variants)
    configs: Mapping[str, Config] = selection.configs(entry.experiment, request.overrides, request.smoke)
    seeds = 1 if request.smoke else selection.seed_count(configs, request.seeds, entry.experiment.seeds)
    check_run_count(len(chosen), seeds)
    check_output(request.folder, "--runs-dir")
    check_input(request.data_dir, "--data-dir")
    alone = request.workers.count == 1 and request.workers.scheduler is None
    default = runtime.available_cores() if alone else 1
    count = selection.thread_count(request.folder, request.threads, default, request.fresh)
    devices = selection.device_count(request.folder, request.devices, request.fresh)
    options = RunOptions(
        count,
        request.runs_dir,
        request.data_dir,
        request.command,
        request.tensorboard,
        request.checkpoint_seconds,
        devices,
    )
    layers = choose_and_print(configs, request.folder, options, request.fresh)
    configs = layers.configs
    if request.workers.of_this_machine:
        fork_server.begin()  # imports TensorFlow while this process does
    with waiting("starting TensorFlow"):
        runtime.start_tensorflow(count, devices)
    refuse_devices_of(request.workers, devices)
    from keras_suite.experiments.validation import check

    for config in configs.values():
        check(config)
    with waiting("checking the workers"):
        workers = checked(request.workers, options)
    to_run = range(1, seeds + 1)
    plan, seconds = plan_and_begin(
        entry, configs, chosen, to_run, options, workers, fresh=request.fresh, measured=layers.measured
    )
    return Begun(plan, workers, seconds, configs)


def plan_and_begin(
    entry: Entry,
    configs: Mapping[str, Config],
    variants: Sequence[str],
    seeds: Sequence[int],
    options: RunOptions,
    workers: Workers,
    *,
    fresh: bool = False,
    measured: Sequence[LayerChoice] = (),
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
        measured: Choices of layers that are to be kept with the runs.

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
    out.print(Text(entry.question or entry.name, style="bold"), soft_wrap=True)
    cost = None
    inspect_and_print((job.config for job in plan.pending), options.data_dir)
    if plan.pending:
        here = 1 if workers.scheduler else min(workers.count, len(plan.pending))
        with waiting("trying a few batches of each variant"):
            cost = estimate(plan.pending, here, functools.partial(complain, kind="warning"))
    for note in cost.notes if cost else ():
        out.print(Text(note), soft_wrap=True)
    out.print(announcement(plan, cost, workers.count, options.threads), soft_wrap=True)
    slower = slower_than_one(workers, len(plan.pending), seconds_in_one_process(plan, cost)) if cost else None
    if slower is not None:
        out.print(slower, soft_wrap=True)
    _begin(folder, entry, plan, fresh, measured)
    return plan, cost.of_variant if cost else {}


def _begin(folder: Path, entry: Entry, plan: Plan, fresh: bool, measured: Sequence[LayerChoice]) -> None:
    """Record what the experiment compares; if `fresh`, set earlier runs aside first."""
    with run_directory.locked(folder):
        remove_temporaries(folder)
        if fresh and (kept := run_directory.set_aside(folder)):
            out.print(f"The earlier runs were moved to {kept}.")
        keep_choices(folder, measured)
        run_directory.write_experiment(
            folder,
            name=entry.name,
            question=entry.question,
            command=plan.jobs[0].options.command,
            variants=plan.variants,
            against=entry.experiment.against,
            source=entry.source,
        )


def train(
    plan: Plan,
    workers: Workers,
    folder: Path,
    seconds_of_variant: Mapping[str, float],
    log: "MlflowLog | None" = None,
) -> bool:
    """Train the pending runs, and return whether any run of the plan failed, now or before; `log` gets all of them."""
    outcomes = list(plan.finished.values())
    progress = Progress(out, plan.pending, seconds_of_variant, durations=plan.durations, workers=workers.count)
    needed = replace(workers, count=min(workers.count, max(1, len(plan.pending))))
    with interruptible(), run_directory.locked(folder), progress:
        write_plan(folder, plan.directories, seconds_of_variant, needed.count)
        for job, outcome in run_all(plan.pending, needed):
            progress.ended(job, outcome)
            outcomes.append(outcome)
            if log is not None:
                log.log(outcome.directory)
    if log is not None:
        _complete(log, plan)
    return any(outcome.status == "failed" for outcome in outcomes)


def _complete(log: "MlflowLog", plan: Plan) -> None:
    """Log what the server lacks of a plan's runs, and say so; a server that failed costs a line."""
    with interruptible(), waiting("logging"):
        count, problem = log.complete(plan.directories)
    if count:
        out.print(f"Logged with MLflow: {counted(count, 'run')}.")
    if problem:
        complain(f"{problem}; the runs are kept: the same command logs what is missing", kind="warning")


def report(folder: Path, entry: Entry, debug: bool, called: str = "The report") -> bool:
    """Write and print the report, `called` what stands before its path; on failure print why; return whether it is
    whole.
    """

    def write() -> bool:
        return not reporting.shown_report(reporting.write(folder, entry.draw), called).problems

    return reporting.after_training(write, folder, "the runs are kept", debug)
