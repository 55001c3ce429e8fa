"""The command `card`: what a trained classifier is for, how good it is, and what damages its answers, on a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import DataDir, Debug, TrustCode, bad_input, out, waiting
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.predicting.one_run import check_one_run, run_directory_of
from keras_suite.reports.run_directory.layout import CARD
from keras_suite.tasks.reading.files import one_line

if TYPE_CHECKING:
    from keras_suite.reports.page.card import Card


def card(
    run_path: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or the model.keras in one.")],
    output: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where it is written (else RUN/card).")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a card that is there.")] = False,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="PHOTOS", help="Damage these (else the run's test images): a folder for each class, or a table."
        ),
    ] = None,
    data_dir: DataDir = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Write the model card of a trained classifier: card.md, and card.html, one file for offline reading.

    Use, data, expected accuracy, errors by class, calibration, licence, versions; and what blur, noise, light,
    compression and rotation cost it, measured on copies of the run's test images.
    """
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        check_one_run(run_path)
        check_input(data_dir, "--data-dir")
        directory = run_directory_of(run_path)
        folder = output or directory / CARD
        _check_free(folder, overwrite)
        check_output(folder, "--output")
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.exporting.network import refuse_other_tasks
        from keras_suite.experiments.model_card.card import write_model_card
        from keras_suite.experiments.own_parts.trust import own_classes

        refuse_other_tasks(directory, "have a model card")
        with own_classes([directory], trust_code, with_parts=True), waiting("asking about damaged images"):
            written = write_model_card(directory, folder, data_dir, on)
    for line in _lines(written, folder):
        out.print(Text(one_line(line)), soft_wrap=True)


def _check_free(folder: Path, overwrite: bool) -> None:
    """Raise ValueError if a card is there that was not asked to be replaced."""
    from keras_suite.reports.page.card import PAGES

    for name in PAGES:
        path = folder / name
        if path.is_dir() or (path.exists() and not overwrite):
            raise ValueError(f"{path} is there already: give another folder with --output, or --overwrite")


def _lines(written: "Card", folder: Path) -> Iterator[str]:
    from keras_suite.reports.page.card import PAGES
    from keras_suite.reports.page.card_measured import headline, worst_damage

    yield headline(written.answered, written.names)
    yield worst_damage(written.robustness)
    yield f"written to {' and '.join(str(folder / name) for name in PAGES)}"
