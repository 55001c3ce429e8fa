"""The command `tune`: KerasTuner proposes, the suite runs, and nothing is lost."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from keras_suite.experiments.tuning.request import Asked
    from keras_suite.experiments.tuning.sweep import Sweep


def tune(
    name: Source,
    trials: Annotated[
        int | None, typer.Option(min=1, max=99_999, help="Trials in all (20; of a grid, all). More later: it goes on.")
    ] = None,
    tuner: Annotated[str, typer.Option(help="random, bayesian, hyperband or grid: KerasTuner's oracles.")] = "random",
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each trial; the oracle is told their mean.")] = 1,
    objective: Annotated[
        str | None, typer.Option(help="The validation metric to make best (val_accuracy, or what the data ask for).")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The oracle's seed.")] = 1,
    settings: Settings = None,
    workers: WorkerCount = 1,
    scheduler: Scheduler = None,
    job_timeout: JobTimeout = None,
    threads: Annotated[int | None, typer.Option(min=1, help="TensorFlow threads of each run.")] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0, metavar="MINUTES", help="Start no further trial after so many minutes.")
    ] = None,
    max_failures: Annotated[int, typer.Option(min=1, help="Start no further trial after so many have failed.")] = 10,
    max_epochs: Annotated[
        int | None, typer.Option(min=1, help="Hyperband: epochs of its longest runs (else the base's).")
    ] = None,
    iterations: Annotated[int | None, typer.Option(min=1, help="Hyperband: times that it begins anew (1).")] = None,
    max_points: Annotated[
        int | None, typer.Option(min=10, help="Bayesian: fit to no more trials, half the best, half the latest (all).")
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="Of how many of the best trials the models are kept.")] = 3,
    confirm: Annotated[
        int | None, typer.Option(min=1, metavar="K", help="Train the K best and the base anew, on fresh seeds.")
    ] = None,
    confirm_seeds: Annotated[int, typer.Option(min=2, metavar="M", help="How many fresh seeds.")] = 10,
    fresh: Annotated[bool, typer.Option(help="Set the earlier sweep aside and start anew.")] = False,
    tensorboard: Annotated[bool, typer.Option(help="Also write TensorBoard files, HParams among them.")] = False,
    checkpoint_seconds: Annotated[float, typer.Option(min=0, help="Least time between two checkpoints.")] = 30.0,
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Searches an experiment's space(hp) for a better Config. Interrupted anywhere, the same command goes on."""
    from keras_suite.experiments.scheduling import selection
    from keras_suite.experiments.scheduling.execution import checked
    from keras_suite.experiments.scheduling.progress import LiveLine
    from keras_suite.experiments.scheduling.workers import requested_workers
    from keras_suite.experiments.training import runtime
    from keras_suite.experiments.training.job import RunOptions
    from keras_suite.experiments.tuning import journal
    from keras_suite.reports import run_directory

    with bad_input(debug):
        entry = catalog.load(name)
        crew = requested_workers(workers, scheduler, job_timeout)
        folder = runs_dir / f"{entry.name}.tune" / tuner
        events = journal.read(folder / journal.NAME) if not fresh and (folder / journal.NAME).exists() else []
        before = events[0]["terms"] if events else {}
        count = threads or before.get("threads") or (1 if workers > 1 or scheduler else runtime.available_cores())
        options = RunOptions(count, runs_dir, data_dir, typed(), tensorboard, checkpoint_seconds)
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(count)
        with waiting("looking at the workers"):
            crew = checked(crew, options)
        from keras_suite.experiments.tuning.request import Asked
        from keras_suite.experiments.tuning.sweep import Sweep

        asked = Asked(
            entry=entry,
            tuner=tuner,
            trials=trials,
            seeds=seeds,
            objective=objective,
            seed=seed,
            settings=selection.parse_settings(settings or []),
            options=options,
            workers=crew,
            time_limit=None if time_limit is None else 60 * time_limit,
            max_failures=max_failures,
            keep=keep,
            max_epochs=max_epochs,
            iterations=iterations,
            points=max_points,
        )
        _say_what_it_asks(asked)
        with waiting("trying a few batches at the edges of the space"):
            sweep = Sweep(asked, before)
        out.print(sweep.announcement, soft_wrap=True)
        with run_directory.locked(folder):
            if fresh and (kept := run_directory.set_aside(folder)):
                out.print(f"The earlier sweep lies in {kept} now.")
            sweep.open()
    live = LiveLine(out, lambda: Text(sweep.live()))
    with interruptible(), run_directory.locked(folder), live:
        for line, failed in sweep.run():
            out.print(Text(line, style="red" if failed else ""), soft_wrap=True)
    out.print(Text(sweep.summary()), soft_wrap=True)
    failed = not _report(asked, debug) or sweep.failed
    if confirm is not None:
        failed = _confirm(sweep, asked, confirm, range(seeds + 1, seeds + 1 + confirm_seeds), debug) or failed
        failed = not _report(asked, debug) or failed
    raise typer.Exit(1 if failed else 0)


def _confirm(sweep: "Sweep", asked: "Asked", count: int, seeds: range, debug: bool) -> bool:
    """Trains and compares the winners as an experiment of its own; whether any of that failed."""
    from keras_suite.experiments.commands import plan_run
    from keras_suite.experiments.scheduling.estimate import estimate
    from keras_suite.experiments.scheduling.plan import announcement, make_plan
    from keras_suite.experiments.tuning import confirmation
    from keras_suite.reports import run_directory

    winners = sweep.winners(count)
    if not winners:
        print("error: no trial has a score, so there is nothing to confirm", file=sys.stderr)
        return True
    entry = confirmation.confirmation(asked.entry, asked.tuner, sweep.base, winners)
    folder = asked.options.runs_dir / entry.name
    with bad_input(debug):
        plan = make_plan(
            entry,
            {name: entry.experiment.config(name) for name in entry.experiment.variants},
            list(entry.experiment.variants),
            seeds,
            replace(asked.options, tensorboard=False),
            device=asked.workers.device,
        )
        out.print(Text(f"\n{entry.question}", style="bold"))
        cost = estimate(plan.pending) if plan.pending else None
        out.print(announcement(plan, cost, asked.workers.count, asked.options.threads), soft_wrap=True)
        plan_run.begin(folder, entry, plan)
    failed = plan_run.train(plan, asked.workers, folder, cost.of_variant if cost else {})
    reported = plan_run.report(folder, entry, debug)
    found = confirmation.confirmed(
        run_directory.read_experiment(folder), list(entry.experiment.variants), sweep.score_of, sweep.objective.name
    )
    out.print(Text("\n" + "\n".join(confirmation.in_words(found, sweep.objective))), soft_wrap=True)
    return failed or not reported


def _report(asked: "Asked", debug: bool) -> bool:
    """Writes and prints the sweep's report; False, with a line that says why, if that could not be."""
    from keras_suite.experiments.commands import report as reporting

    folder = asked.folder
    return reporting.after_training(
        lambda: reporting.write_sweep(folder, brief=True), folder, "the sweep is kept", debug
    )


def _say_what_it_asks(asked: "Asked") -> None:
    out.print(Text(asked.entry.question or asked.entry.name, style="bold"))
