"""The command `predict`: what a trained model says of image files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from experiments.commands.command_line import Debug, bad_input, out


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
