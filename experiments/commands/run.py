"""The command `run`: train an experiment's variants, or compute a study, and report."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_suite.experiments import catalog
from keras_suite.experiments.catalog import StudyEntry
from keras_suite.experiments.commands.command_line import (
    DataDir,
    Debug,
    JobTimeout,
    RunsDir,
    Scheduler,
    Settings,
    Source,
    WorkerCount,
    bad_input,
    complain,
    given,
    interruptible,
    out,
    typed,
    waiting,
)
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.commands.problem_list import Skip, skipping
from keras_suite.experiments.foreign_code import ForeignCodeError

if TYPE_CHECKING:
    from keras_suite.experiments.tracking.mlflow_log import MlflowLog


def run(
    context: typer.Context,
    name: Source,
    variant: Annotated[list[str] | None, typer.Option(help="Only this variant; repeatable.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Runs of each variant (seeds 1 to N).")] = None,
    until_decided: Annotated[
        bool,
        typer.Option(
            "--until-decided", help="Add seeds where the answer is open until it stands; --seeds are the first look's."
        ),
    ] = False,
    max_seeds: Annotated[
        int | None, typer.Option(min=1, help="The most seeds of a variant with --until-decided (48).")
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Cross-validate: K parts of the training images are tested in turn."),
    ] = None,
    settings: Settings = None,
    skip: Skip = None,
    workers: WorkerCount = 1,
    scheduler: Scheduler = None,
    job_timeout: JobTimeout = None,
    threads: Annotated[int | None, typer.Option(min=1, help="TensorFlow threads of each run.")] = None,
    devices: Annotated[
        int | None,
        typer.Option(
            min=1, help="Devices that share every batch of a run: GPUs, or for trying it the processor's (slower)."
        ),
    ] = None,
    smoke: Annotated[
        bool, typer.Option(help="Try it in a minute: 1 epoch, few images, 1 seed, in a folder of its own.")
    ] = False,
    fresh: Annotated[bool, typer.Option(help="Set the experiment's earlier runs aside and start again.")] = False,
    tensorboard: Annotated[bool, typer.Option(help="Also write TensorBoard files into each run directory.")] = False,
    mlflow: Annotated[
        str | None, typer.Option("--mlflow", metavar="URI", help="Also log all runs on this MLflow server.")
    ] = None,
    checkpoint_seconds: Annotated[float, typer.Option(min=0, help="Least time between two checkpoints.")] = 30.0,
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Train every variant with every seed, then write the report. What is finished is not trained again."""
    runs_dir = runs_dir / "smoke" if smoke else runs_dir
    with bad_input(debug):
        entry = catalog.load_any(name)
        if isinstance(entry, StudyEntry):
            _refuse_options(entry, given(context, besides=("name", "smoke", "runs_dir", "data_dir", "debug")))
            check_output(runs_dir / entry.name, "--runs-dir")
            check_input(data_dir, "--data-dir")
            _run_study(entry, runs_dir, data_dir)
            return
        from keras_suite.experiments.commands import plan_run
        from keras_suite.experiments.commands.until_decided import begin_rounds, train_rounds
        from keras_suite.experiments.scheduling.selection import parse_settings
        from keras_suite.experiments.scheduling.workers import requested_workers

        _check_rounds(until_decided, max_seeds, smoke, folds)
        overrides = parse_settings(settings or []) | ({} if folds is None else {"dataset.folds": folds})
        overrides |= skipping(skip)
        request = plan_run.RunRequest(
            entry=entry,
            variants=variant or [],
            overrides=overrides,
            seeds=seeds,
            workers=requested_workers(workers, scheduler, job_timeout),
            threads=threads,
            smoke=smoke,
            fresh=fresh,
            runs_dir=runs_dir,
            data_dir=data_dir,
            command=typed(),
            tensorboard=tensorboard,
            checkpoint_seconds=checkpoint_seconds,
            devices=devices,
        )
        log = _log_of(mlflow, entry, smoke)
        begun = begin_rounds(request, max_seeds) if until_decided else plan_run.begin(request)
    if until_decided:
        failed = train_rounds(begun, request, max_seeds, debug, log)
    else:
        failed = plan_run.train(begun.plan, begun.workers, request.folder, begun.seconds, log)
    reported = plan_run.report(request.folder, entry, debug)
    raise typer.Exit(1 if failed or not reported else 0)


def _log_of(uri: str | None, entry: catalog.Entry, smoke: bool) -> "MlflowLog | None":
    """Return the log on an MLflow server, which is not asked yet; ValueError if there can be none."""
    if uri is None:
        return None
    if smoke:
        raise ValueError("--mlflow logs runs, and --smoke only tries them: leave one of the two out")
    from keras_suite.experiments.tracking.logged_values import Asked
    from keras_suite.experiments.tracking.mlflow_log import MlflowLog

    experiment = entry.experiment
    return MlflowLog(uri, entry.name, Asked(entry.question, tuple(experiment.variants), experiment.against))


def _check_rounds(until_decided: bool, max_seeds: int | None, smoke: bool, folds: int | None) -> None:
    """Raise ValueError for options that do not go with `--until-decided`, or only with it."""
    if max_seeds is not None and not until_decided:
        raise ValueError(f"--max-seeds {max_seeds} is for --until-decided: add that, or give --seeds {max_seeds}")
    if until_decided and (smoke or folds is not None):
        other = "--smoke" if smoke else f"--folds {folds}"
        raise ValueError(f"--until-decided adds seeds, and {other} fixes the runs: leave one of the two out")


def _refuse_options(entry: StudyEntry, given: Sequence[str]) -> None:
    """Raise ValueError if options of training runs were given."""
    if given:
        raise ValueError(
            f"{entry.name} is a study, which trains no network, and does not take {', '.join(given)}: leave that out"
        )


def _run_study(entry: StudyEntry, runs_dir: Path, data_dir: Path | None) -> None:
    """Compute the study, whose numbers depend on the data alone, and write its page into its folder."""
    from keras_suite.experiments.commands import report_writing as reporting
    from keras_suite.experiments.training import runtime
    from keras_suite.reports import run_directory
    from keras_suite.reports.page.study import write_study

    folder = runs_dir / entry.name
    out.print(entry.question, style="bold", soft_wrap=True)
    started, began = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
    with interruptible(), run_directory.locked(folder), waiting("computing"):
        try:
            study = entry.study(data_dir)
        except ForeignCodeError as error:
            complain(str(error))
            raise typer.Exit(1) from error
        state = runtime.source_state()
        commit = state["commit"] and state["commit"][:10] + (" with uncommitted changes" if state["dirty"] else "")
        versions = ", ".join(f"{package} {version}" for package, version in runtime.versions().items())
        write_study(
            folder,
            study,
            {
                "name": entry.name,
                "question": entry.question,
                "command": typed(),
                "started": started,
                "seconds": time.perf_counter() - began,
                "environment": {"processor": runtime.processor(), "commit": commit or "unknown", "versions": versions},
            },
        )
    reporting.show_study(folder)
