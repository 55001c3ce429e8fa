"""The command line. TensorFlow is imported only by commands that train or predict, so the others answer at once.

Exit codes: 0 all done; 1 some runs failed, the others finished; 2 bad input found before training, one line on stderr
and nothing written; 130 interrupted, the same command goes on.
"""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from experiments import (
    cache_commands,
    catalog,
    find_lr_command,
    inspect_commands,
    listing,
    network_commands,
    report_command,
    tune_command,
)
from experiments.catalog import StudyEntry
from experiments.command_line import (
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
from experiments.config import to_json, value_to_json

app = typer.Typer(
    help="From a question about images to a compared answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


app.add_typer(network_commands.check, name="check")
app.add_typer(inspect_commands.inspect, name="inspect")
app.command()(network_commands.shapes)
app.command()(cache_commands.cache)
app.command()(network_commands.convolutional)
app.command()(network_commands.weights)
app.command()(report_command.report)
app.command("find-lr")(find_lr_command.find_lr)
app.command()(tune_command.tune)


@app.command("list")
def list_experiments() -> None:
    """Shows the catalog: each experiment with its question, data, runs, and the minutes that they took on 2 cores."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("experiment", no_wrap=True)
    table.add_column("question")
    table.add_column("data")
    for column in ("runs", "minutes"):
        table.add_column(column, justify="right", no_wrap=True)
    for name in catalog.names():
        table.add_row(name, *map(Text, listing.about(name)))
    out.print(table)


@app.command()
def show(name: Source, debug: Debug = False) -> None:
    """Shows one experiment: its question, base Config and variants."""
    with bad_input(debug):
        entry = catalog.load_any(name)
    out.print(Text(entry.docstring), "")
    if isinstance(entry, StudyEntry):
        return
    out.print_json(data={"base": to_json(entry.experiment.base)})
    for variant, overrides in entry.experiment.variants.items():
        changed = (f"{key} = {json.dumps(value_to_json(value))}" for key, value in overrides.items())
        changes = ", ".join(changed) or "the base as it is"
        out.print(Text(f"{variant}: {changes}"), soft_wrap=True)


@app.command()
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
    from experiments import plan as planning
    from experiments import plan_run, runtime, study_run
    from experiments.jobs import asked_workers, checked

    runs_dir = runs_dir / "smoke" if smoke else runs_dir
    with bad_input(debug):
        entry = catalog.load_any(name)
        if isinstance(entry, StudyEntry):
            study_run.refuse_options(entry, given(context, besides=("name", "smoke", "runs_dir", "data_dir", "debug")))
            study_run.run_study(entry, runs_dir, data_dir)
            return
        crew = asked_workers(workers, scheduler, job_timeout)
        chosen = planning.chosen_variants(entry.experiment, variant or [])
        asked = planning.parse_settings(settings or []) | ({} if folds is None else {"dataset.folds": folds})
        found = planning.configs(entry.experiment, asked, smoke)
        count_of_seeds = 1 if smoke else planning.seed_count(found, seeds, entry.experiment.seeds)
        folder = runs_dir / entry.name
        default = 1 if workers > 1 or scheduler else runtime.available_cores()
        count = planning.thread_count(folder, threads, default, fresh)
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(count)
        from experiments.checks import check
        from experiments.estimate import estimate

        for config in found.values():
            check(config)
        with waiting("looking at the workers"):
            crew = checked(crew, count, runs_dir, data_dir)
        plan = planning.make_plan(
            entry,
            found,
            chosen,
            range(1, count_of_seeds + 1),
            fresh=fresh,
            threads=count,
            runs_dir=runs_dir,
            data_dir=data_dir,
            device=crew.device,
            command=typed(),
            tensorboard=tensorboard,
            checkpoint_seconds=checkpoint_seconds,
        )
        out.print(Text(entry.question or entry.name, style="bold"))
        cost = None
        if plan.pending:
            with waiting("trying a few batches of each variant"):
                cost = estimate(plan.pending)
        out.print(planning.announcement(plan, cost, crew.count, count), soft_wrap=True)
        plan_run.begin(folder, entry, plan, fresh)
    failed = plan_run.train(plan, crew, folder, cost.of_variant if cost else {})
    reported = plan_run.report(folder, entry, debug)
    raise typer.Exit(1 if failed or not reported else 0)


@app.command()
def predict(
    run_path: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or a .keras file from one.")],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Image files of any size and mode.")],
    reject: Annotated[
        float, typer.Option(min=0, max=1, help="Answer 'other' where the highest probability is below this.")
    ] = 0.0,
    debug: Debug = False,
) -> None:
    """Asks a trained model what is on images: class and probability of each."""
    from experiments import runtime

    with bad_input(debug):
        runtime.start_tensorflow(runtime.available_cores())
        from experiments.predict import predict_images

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("image", "class", "probability", "next"):
            table.add_column(column, overflow="fold")
        for answer in predict_images(run_path, images, reject):
            follow = ", ".join(f"{name} {probability:.4f}" for name, probability in answer.others)
            table.add_row(Text(str(answer.image)), Text(answer.name), f"{answer.probability:.4f}", Text(follow))
    out.print(table)


@app.command()
def data(
    name: Source,
    variant: Annotated[str | None, typer.Option(help="The variant whose Config is shown (else the first).")] = None,
    seed: Annotated[int, typer.Option(min=1, help="The run's seed: it draws the split.")] = 1,
    settings: Settings = None,
    picture: Annotated[Path, typer.Option(help="Where the picture of augmented samples goes.")] = Path("samples.png"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Shows what a Config would feed: shapes, class counts, splits, duplicates, and a picture of augmented samples."""
    from experiments import plan as planning
    from experiments import runtime

    with bad_input(debug):
        entry = catalog.load(name)
        found = planning.configs(entry.experiment, planning.parse_settings(settings or []))
        config = found[planning.chosen_variants(entry.experiment, [variant] if variant else [])[0]]
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        from experiments.data_view import print_data

        print_data(out, config, data_dir, seed, picture)
