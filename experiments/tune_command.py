"""The command `tune`: KerasTuner proposes, the suite runs, and nothing is lost."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from experiments import catalog
from experiments.command_line import (
    DataDir,
    Debug,
    RunsDir,
    Settings,
    Source,
    bad_input,
    interruptible,
    out,
    typed,
    waiting,
)

if TYPE_CHECKING:
    from experiments.tuning.sweep import Asked


def tune(
    name: Source,
    trials: Annotated[
        int | None, typer.Option(min=1, max=99_999, help="Trials in all (20; of a grid, all). More later: it goes on.")
    ] = None,
    tuner: Annotated[str, typer.Option(help="random, bayesian, hyperband or grid: KerasTuner's oracles.")] = "random",
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each trial; the oracle is told their mean.")] = 1,
    objective: Annotated[str, typer.Option(help="The validation metric to make best.")] = "val_accuracy",
    seed: Annotated[int, typer.Option(min=0, help="The oracle's seed.")] = 1,
    settings: Settings = None,
    workers: Annotated[int, typer.Option(min=1, help="Runs side by side, each in its own process.")] = 1,
    threads: Annotated[int | None, typer.Option(min=1, help="TensorFlow threads of each run.")] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0, metavar="MINUTES", help="Start no further trial after so many minutes.")
    ] = None,
    max_failures: Annotated[int, typer.Option(min=1, help="Start no further trial after so many have failed.")] = 10,
    max_epochs: Annotated[
        int | None, typer.Option(min=1, help="Hyperband: epochs of its longest runs (else the base's).")
    ] = None,
    iterations: Annotated[int | None, typer.Option(min=1, help="Hyperband: times that it begins anew (1).")] = None,
    fresh: Annotated[bool, typer.Option(help="Set the earlier sweep aside and start anew.")] = False,
    checkpoint_seconds: Annotated[float, typer.Option(min=0, help="Least time between two checkpoints.")] = 30.0,
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Searches an experiment's space(hp) for a better Config. Interrupted anywhere, the same command goes on."""
    from experiments import plan as planning
    from experiments import runtime
    from experiments.tuning import journal
    from reports import run_directory

    with bad_input(debug):
        entry = catalog.load(name)
        folder = runs_dir / f"{entry.name}.tune" / tuner
        events = journal.read(folder / journal.NAME) if not fresh and (folder / journal.NAME).exists() else []
        before = events[0]["terms"] if events else {}
        count = threads or before.get("threads") or (1 if workers > 1 else runtime.available_cores())
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(count)
        from experiments.tuning.sweep import Asked, Sweep

        asked = Asked(
            entry=entry,
            tuner=tuner,
            trials=trials,
            seeds=seeds,
            objective=objective,
            seed=seed,
            settings=planning.parse_settings(settings or []),
            threads=count,
            workers=workers,
            time_limit=None if time_limit is None else 60 * time_limit,
            max_failures=max_failures,
            max_epochs=max_epochs,
            iterations=iterations,
            runs_dir=runs_dir,
            data_dir=data_dir,
            command=typed(),
            checkpoint_seconds=checkpoint_seconds,
        )
        _say_what_it_asks(asked)
        with waiting("trying a few batches at the edges of the space"):
            sweep = Sweep(asked, before)
        out.print(sweep.announcement, soft_wrap=True)
        with run_directory.locked(folder):
            if fresh and (kept := planning.set_aside(folder)):
                out.print(f"The earlier sweep lies in {kept} now.")
            sweep.open()
    with interruptible(), run_directory.locked(folder):
        for line, failed in sweep.run():
            out.print(Text(line, style="red" if failed else ""), soft_wrap=True)
    out.print(Text(sweep.summary()), soft_wrap=True)
    raise typer.Exit(1 if sweep.failed else 0)


def _say_what_it_asks(asked: "Asked") -> None:
    out.print(Text(asked.entry.question or asked.entry.name, style="bold"))
