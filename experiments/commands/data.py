"""The command `data`: what a Config would feed."""

from pathlib import Path
from typing import Annotated

import typer

from keras_suite.experiments import catalog
from keras_suite.experiments.commands.command_line import DataDir, Debug, Settings, Source, bad_input, out, waiting


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
    from keras_suite.experiments.scheduling import selection
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        entry = catalog.load(name)
        found = selection.configs(entry.experiment, selection.parse_settings(settings or []))
        config = found[selection.chosen_variants(entry.experiment, [variant] if variant else [])[0]]
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.commands.data_view import print_data

        print_data(out, config, data_dir, seed, picture)
