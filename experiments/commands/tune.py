"""The command `tune`: an oracle proposes trials, and the suite trains them."""

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from keras_suite.experiments import catalog
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
    interruptible,
    out,
    typed,
    waiting,
)
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.commands.problem_list import Skip, skipping

if TYPE_CHECKING:
    from keras_suite.experiments.scheduling.workers import Workers
    from keras_suite.experiments.tuning.request import TuneRequest
    from keras_suite.experiments.tuning.sweep import Sweep
    from keras_suite.reports.run_directory.layer_choices import LayerChoice


def tune(
    name: Source,
    trials: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=99_999,
            help="Trials in all, but for those of --from (20; of a grid, all). More resume the sweep.",
        ),
    ] = None,
    tuner: Annotated[
        str | None, typer.Option(help="bayesian (the default up to 200 trials), random, hyperband or grid.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Runs of each trial (1, or one for each fold); its score is their mean.")
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Score by K-fold validation: each trial is validated on K parts of the data in turn."),
    ] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(help="A metric, as val_accuracy (else the usual); parameters, seconds or latency; one of each."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The oracle's seed.")] = 1,
    settings: Settings = None,
    skip: Skip = None,
    workers: WorkerCount = 1,
    scheduler: Scheduler = None,
    job_timeout: JobTimeout = None,
    threads: Annotated[int | None, typer.Option(min=1, help="TensorFlow threads of each run.")] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0, metavar="MINUTES", help="Start no trial after this many minutes.")
    ] = None,
    max_failures: Annotated[int, typer.Option(min=1, help="Start no trial after this many have failed.")] = 10,
    max_epochs: Annotated[
        int | None, typer.Option(min=1, help="Hyperband: epochs of its longest runs (else the base's).")
    ] = None,
    iterations: Annotated[int | None, typer.Option(min=1, help="Hyperband: full passes over its brackets (1).")] = None,
    max_points: Annotated[
        int | None,
        typer.Option(min=10, help="Bayesian: fit to at most this many trials, half the best, half the latest (all)."),
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="SWEEP", help="Take over the trials of a sweep's folder; repeat it for more."),
    ] = None,
    tries: Annotated[
        list[str] | None,
        typer.Option("--try", metavar="NAME=VALUE,…", help="Begin with this trial; repeat it for more."),
    ] = None,
    stop_hopeless: Annotated[
        bool | None,
        typer.Option(
            "--stop-hopeless/--full-trials",
            help="End trials whose learning curve says that they can hardly become the best (the default), or none.",
        ),
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="Number of best trials whose models are kept.")] = 3,
    confirm: Annotated[
        int | None, typer.Option(min=1, metavar="K", help="Train the K best and the base again, on fresh seeds.")
    ] = None,
    confirm_seeds: Annotated[int, typer.Option(min=2, metavar="M", help="How many fresh seeds.")] = 10,
    fresh: Annotated[bool, typer.Option(help="Set the earlier sweep aside and start again.")] = False,
    tensorboard: Annotated[bool, typer.Option(help="Also write TensorBoard files, HParams among them.")] = False,
    checkpoint_seconds: Annotated[float, typer.Option(min=0, help="Least time between two checkpoints.")] = 30.0,
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Search an experiment's space(hp) for a better Config. Interrupted anywhere, the same command resumes."""
    from keras_suite.experiments.scheduling.limits import check_run_count
    from keras_suite.experiments.scheduling.selection import parse_settings, seeds_of_folds
    from keras_suite.experiments.scheduling.workers import requested_workers

    with bad_input(debug):
        entry = catalog.load(name)
        if entry.space is not None:
            check_run_count((confirm or 0) + 1, confirm_seeds, "--confirm-seeds")
        seeds, folding = seeds_of_folds(seeds, folds)
        requested = requested_workers(workers, scheduler, job_timeout)
        overrides = parse_settings(settings or []) | skipping(skip) | folding
    sweep, request = search(
        entry,
        tuner=tuner,
        trials=trials,
        seeds=seeds,
        objectives=tuple(objective or ()),
        seed=seed,
        overrides=overrides,
        workers=requested,
        time_limit=None if time_limit is None else 60 * time_limit,
        max_failures=max_failures,
        keep=keep,
        max_epochs=max_epochs,
        iterations=iterations,
        points=max_points,
        earlier=tuple(earlier or ()),
        tries=tuple(tries or ()),
        stop_hopeless=stop_hopeless,
        threads=threads,
        fresh=fresh,
        tensorboard=tensorboard,
        checkpoint_seconds=checkpoint_seconds,
        runs_dir=runs_dir,
        data_dir=data_dir,
        command=typed(),
        around=bad_input(debug),
    )
    from keras_suite.reports.sweep.confirmation import confirmation_name

    failed, begun = sweep.failed, (runs_dir / confirmation_name(entry.name, request.tuner)).exists()
    if confirm is None or not begun:  # else runs on some of the seeds would be looked at
        failed = not _report(request, debug, announced=confirm is None) or failed
    if confirm is not None:
        failed = _confirm(sweep, request, confirm, range(seeds + 1, seeds + 1 + confirm_seeds), debug) or failed
        failed = not _report(request, debug) or failed
    raise typer.Exit(1 if failed else 0)


def search(
    entry: "catalog.Entry",
    *,
    runs_dir: Path,
    data_dir: Path | None,
    command: str,
    workers: "Workers",
    tuner: str | None,
    threads: int | None = None,
    fresh: bool = False,
    tensorboard: bool = False,
    checkpoint_seconds: float = 30.0,
    around: contextlib.AbstractContextManager[None] | None = None,
    **asked: Any,
) -> tuple["Sweep", "TuneRequest"]:
    """Search an experiment's space, from where an interrupted search was.

    Args:
        entry: The experiment.
        around: Entered around everything before the first trial.
        **asked: Fields of TuneRequest.

    The others are as in `RunRequest` and `TuneRequest`.

    Raises:
        ValueError, OSError: With what is wrong, before anything trains.
    """
    from keras_suite.experiments.commands.chosen_layers import overrides_with_layers
    from keras_suite.experiments.scheduling import fork_server
    from keras_suite.experiments.scheduling.execution import checked
    from keras_suite.experiments.scheduling.limits import check_trial_count
    from keras_suite.experiments.training import runtime
    from keras_suite.experiments.training.job import RunOptions
    from keras_suite.experiments.tuning.choice import choose
    from keras_suite.experiments.tuning.journal import settings_in

    with around or contextlib.nullcontext():
        folder = runs_dir / f"{entry.name}.tune"
        if entry.space is not None:
            check_trial_count(asked.get("trials") or 1, asked.get("seeds", 1))
        check_output(folder, "--runs-dir")
        check_input(data_dir, "--data-dir")
        chosen = choose(tuner, folder, trials=asked.get("trials"), points=asked.get("points"), fresh=fresh)
        before = {} if fresh else settings_in(folder / chosen.tuner)
        alone = workers.count == 1 and workers.scheduler is None
        count = threads or before.get("threads") or (runtime.available_cores() if alone else 1)
        options = RunOptions(count, runs_dir, data_dir, command, tensorboard, checkpoint_seconds)
        asked["overrides"], measured = overrides_with_layers(entry, asked, folder / chosen.tuner, options, fresh)
        if workers.of_this_machine:
            fork_server.begin()  # imports TensorFlow while this process does
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(count)
        with waiting("checking the workers"):
            trainers = checked(workers, options)
        from keras_suite.experiments.tuning.request import TuneRequest

        request = TuneRequest(entry=entry, tuner=chosen.tuner, options=options, workers=trainers, **asked)
        line = chosen.line(before.get("rules", 1)) if before else chosen.line()
        sweep = _begin(request, before, fresh, line, measured)
    _search(sweep, request)
    return sweep, request


def _begin(
    request: "TuneRequest", before: dict[str, Any], fresh: bool, chosen: str, measured: Sequence["LayerChoice"]
) -> "Sweep":
    """Try the edges of the space, print what the sweep will cost, and begin its folder, or take it up again."""
    from keras_suite.experiments.commands.inspection_lines import inspect_and_print
    from keras_suite.experiments.tuning.sweep import Sweep
    from keras_suite.reports import run_directory
    from keras_suite.reports.run_directory.layer_choices import keep_choices
    from keras_suite.tasks.atomic_files import remove_temporaries

    out.print(Text(request.entry.question or request.entry.name, style="bold"), soft_wrap=True)
    with waiting("trying a few batches at the edges of the space"):
        sweep = Sweep(request, before)
    inspect_and_print([sweep.base], request.options.data_dir)
    out.print(Text(f"{chosen}\n{sweep.announcement}"), soft_wrap=True)
    with run_directory.locked(request.folder):
        remove_temporaries(request.folder)
        kept = run_directory.set_aside(request.folder) if fresh else None
        if kept:
            out.print(f"The earlier sweep was moved to {kept}.")
        keep_choices(request.folder, measured)
        sweep.open(kept)
    return sweep


def _search(sweep: "Sweep", request: "TuneRequest") -> None:
    """Run the trials that are left, print a line for each, and the best of all."""
    from keras_suite.experiments.scheduling.live_line import LiveLine
    from keras_suite.reports import run_directory

    live = LiveLine(out, lambda: Text(sweep.live()))
    with interruptible(), run_directory.locked(request.folder), live:
        for line, failed in sweep.run():
            out.print(Text(line, style="red" if failed else ""), soft_wrap=True)
    out.print(Text(sweep.summary()), soft_wrap=True)


def _confirm(sweep: "Sweep", request: "TuneRequest", count: int, seeds: range, debug: bool) -> bool:
    """Train and compare the winners as an experiment of its own, and return whether any of that failed."""
    from keras_suite.experiments.commands import plan_run
    from keras_suite.experiments.tuning import confirmation
    from keras_suite.reports import run_directory

    winners = sweep.winners(count)
    if not winners:
        print("error: no trial has a score, so there is nothing to confirm", file=sys.stderr)
        return True
    entry = confirmation.confirmation(request.entry, request.tuner, sweep.base, winners)
    folder = request.options.runs_dir / entry.name
    configs = {name: entry.experiment.config(name) for name in entry.experiment.variants}
    with bad_input(debug):
        out.print()
        options = replace(request.options, tensorboard=False)
        plan, seconds = plan_run.plan_and_begin(entry, configs, list(configs), seeds, options, request.workers)
    failed = plan_run.train(plan, request.workers, folder, seconds)
    reported = plan_run.report(folder, entry, debug, called="The runs on fresh seeds")
    confirmations = confirmation.confirmed(
        run_directory.read_experiment(folder),
        list(entry.experiment.variants),
        sweep.score_of,
        request.seeds,
        sweep.objective.name,
    )
    values = {each.variant: sweep.values_of(each.variant) for each in confirmations}
    out.print(Text("\n" + "\n".join(confirmation.in_words(confirmations, sweep.objective, values))), soft_wrap=True)
    return failed or not reported


def _report(request: "TuneRequest", debug: bool, announced: bool = True) -> bool:
    """Write and print the sweep's report; on failure print why and return False. The last one says where it is."""
    from keras_suite.experiments.commands import report_writing as reporting

    folder = request.folder

    def write() -> bool:
        reporting.write_sweep(folder, brief=True, announced=announced)
        return True

    return reporting.after_training(write, folder, "the sweep is kept", debug)
