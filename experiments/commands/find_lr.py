"""The command `find-lr`: the learning-rate range test of an experiment's variant."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.command_line import (
    DataDir,
    Debug,
    RunsDir,
    Settings,
    Source,
    bad_input,
    out,
    waiting,
)
from keras_suite.experiments.commands.folders import check_input, check_output

if TYPE_CHECKING:
    from keras_suite.experiments.inspecting.rate_range import RateRange, Suggestion
    from keras_suite.experiments.training.job import Job


def find_lr(
    name: Source,
    variant: Annotated[str | None, typer.Option(help="The variant that is tried (else the first).")] = None,
    seed: Annotated[int, typer.Option(min=1, help="Of the split, the initial weights and the batches.")] = 1,
    settings: Settings = None,
    lowest: Annotated[float, typer.Option(help="The rate of the first step.")] = 1e-6,
    highest: Annotated[
        float, typer.Option(help="The rate of the last step; it ends before where the loss diverges.")
    ] = 10.0,
    steps: Annotated[int, typer.Option(min=20, help="Batches trained on.")] = 200,
    picture: Annotated[Path, typer.Option(help="Where the picture goes, as PNG and SVG.")] = Path("learning_rates.png"),
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Train a few hundred steps with a rising learning rate and suggest one; no run is started or changed."""
    from keras_suite.experiments.scheduling import selection
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        if not 0 < lowest < highest < float("inf"):
            raise ValueError(
                f"--lowest {lowest:g} --highest {highest:g} is not possible: expected two rates, 0 < lowest < highest"
            )
        entry = catalog.load(name)
        configs = selection.configs(entry.experiment, selection.parse_settings(settings or []))
        chosen = selection.chosen_variants(entry.experiment, [variant] if variant else [])[0]
        check_output(picture.parent, "--picture")
        check_input(data_dir, "--data-dir")
        threads = runtime.available_cores()
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(threads)
        from keras_suite.experiments.inspecting.rate_range import draw_range, suggest
        from keras_suite.experiments.registry import resolve
        from keras_suite.experiments.training.identity import load_dataset
        from keras_suite.experiments.training.job import Job, RunOptions
        from keras_suite.experiments.validation import check
        from keras_suite.reports.figures.svg import write_figure

        check(configs[chosen])
        job = Job(entry.name, chosen, configs[chosen], seed, RunOptions(threads, runs_dir, data_dir))
        load_dataset(resolve(job.config).dataset, data_dir)
        tried = _range_test(job, lowest, highest, steps)
        suggestion = suggest(tried)
        figure = draw_range(tried, suggestion, f"{entry.name}, {chosen}, seed {seed}")
        write_figure(figure, picture.parent, picture.stem)
    key = f"phases.{job.config.phases[0].name}" if job.config.phases else "optimizer"
    out.print(Text(f"{in_words(tried, suggestion, key)} {picture.with_suffix('.png')} and .svg"), soft_wrap=True)


def _range_test(job: "Job", lowest: float, highest: float, steps: int) -> "RateRange":
    """Run the test; ValueError if the variant cannot be trained."""
    from keras_suite.experiments.inspecting.rate_range import range_test
    from keras_suite.experiments.scheduling.estimate import gist

    try:
        with waiting(f"up to {steps} steps"):
            return range_test(job, lowest=lowest, highest=highest, steps=steps)
    except Exception as error:  # whatever a layer says of shapes that do not fit: it is the config that is wrong
        raise ValueError(f"variant {job.variant!r} cannot be trained: {gist(error)}") from error


def in_words(tried: "RateRange", suggestion: "Suggestion", key: str) -> str:
    """Return the suggestion in one line; `key` is the part whose option the learning rate is."""
    if suggestion.steepest is None or suggestion.largest is None:
        ended = f"diverged at {tried.rates[-1]:.2g}" if tried.diverged and len(tried.rates) else "ended"
        return (
            f"The loss never fell by a tenth before it {ended}: try more --steps, a lower --lowest or "
            "a higher --highest, or look at the data with `data`."
        )
    last = "and was still falling there: try a higher --highest" if suggestion.open_end else "beyond which it rises"
    return (
        f"The loss falls fastest at {suggestion.steepest:.2g} and is lowest at {suggestion.largest:.2g}, {last}; "
        f"try --set {key}.learning_rate={suggestion.steepest:.2g} ({len(tried.rates)} steps)."
    )
