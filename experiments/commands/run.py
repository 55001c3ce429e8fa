"""The command `run`: trains an experiment's variants, or computes a study, and reports."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

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
    given,
    out,
    typed,
    waiting,
)


def run(
    context: typer.Context,
    name: Source,
    variant: Annotated[list[str] | None, typer.Option(help="Only this variant; repeatable.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Runs of each variant (seeds 1 to N).")] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Cross-validate: K parts of the training images are tested in turn."),
    ] = None,
    settings: Settings = None,
    workers: WorkerCount = 1,
    scheduler: Scheduler = None,
    job_timeout: JobTimeout = None,
    threads: Annotated[int | None, typer.Option(min=1, help="TensorFlow threads of each run.")] = None,
    smoke: Annotated[bool, typer.Option(help="A minute's try: 1 epoch, few images, 1 seed, kept apart.")] = False,
    fresh: Annotated[bool, typer.Option(help="Set the experiment's earlier runs aside and start anew.")] = False,
    tensorboard: Annotated[bool, typer.Option(help="Also write TensorBoard files into each run directory.")] = False,
    checkpoint_seconds: Annotated[float, typer.Option(min=0, help="Least time between two checkpoints.")] = 30.0,
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Trains every variant with every seed, then writes the report. What is finished is not trained again."""
    from keras_suite.experiments.commands import plan_run, study_run
    from keras_suite.experiments.scheduling import selection
    from keras_suite.experiments.scheduling.execution import checked
    from keras_suite.experiments.scheduling.plan import announcement, make_plan
    from keras_suite.experiments.scheduling.workers import requested_workers
    from keras_suite.experiments.training import runtime
    from keras_suite.experiments.training.job import RunOptions

    runs_dir = runs_dir / "smoke" if smoke else runs_dir
    with bad_input(debug):
        entry = catalog.load_any(name)
        if isinstance(entry, StudyEntry):
            study_run.refuse_options(entry, given(context, besides=("name", "smoke", "runs_dir", "data_dir", "debug")))
            study_run.run_study(entry, runs_dir, data_dir)
            return
        crew = requested_workers(workers, scheduler, job_timeout)
        chosen = selection.chosen_variants(entry.experiment, variant or [])
        asked = selection.parse_settings(settings or []) | ({} if folds is None else {"dataset.folds": folds})
        found = selection.configs(entry.experiment, asked, smoke)
        count_of_seeds = 1 if smoke else selection.seed_count(found, seeds, entry.experiment.seeds)
        folder = runs_dir / entry.name
        default = 1 if workers > 1 or scheduler else runtime.available_cores()
        count = selection.thread_count(folder, threads, default, fresh)
        options = RunOptions(count, runs_dir, data_dir, typed(), tensorboard, checkpoint_seconds)
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(count)
        from keras_suite.experiments.scheduling.estimate import estimate
        from keras_suite.experiments.validation import check

        for config in found.values():
            check(config)
        with waiting("looking at the workers"):
            crew = checked(crew, options)
        seeds_to_run = range(1, count_of_seeds + 1)
        plan = make_plan(entry, found, chosen, seeds_to_run, options, fresh=fresh, device=crew.device)
        out.print(Text(entry.question or entry.name, style="bold"))
        cost = None
        if plan.pending:
            with waiting("trying a few batches of each variant"):
                cost = estimate(plan.pending)
        out.print(announcement(plan, cost, crew.count, count), soft_wrap=True)
        plan_run.begin(folder, entry, plan, fresh)
    failed = plan_run.train(plan, crew, folder, cost.of_variant if cost else {})
    reported = plan_run.report(folder, entry, debug)
    raise typer.Exit(1 if failed or not reported else 0)
