"""The command `predict`: what a trained model says of image files."""

import contextlib
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table
from rich.text import Text

from keras_suite.experiments.commands.command_line import Debug, TrustCode, bad_input, out
from keras_suite.experiments.commands.folders import check_output
from keras_suite.experiments.commands.one_run import check_one_run


def predict(
    run_path: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or a .keras file from one.")],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Image files of any size and mode.")],
    reject: Annotated[
        float, typer.Option(min=0, max=1, help="Answer 'other' where the highest probability is below this.")
    ] = 0.0,
    output: Annotated[
        Path, typer.Option(help="The folder for predicted images and masks, named <image>-predicted.png.")
    ] = Path(),
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Predict image files with a trained model: the class and its probability, or another target."""
    from keras_suite.experiments.training import runtime

    with bad_input(debug), contextlib.ExitStack() as scope:
        check_one_run(run_path)
        check_output(output, "--output")
        runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.inspecting.predict import predict_classes, task_of_run
        from keras_suite.experiments.own_parts.trust import own_classes

        scope.enter_context(own_classes([run_path], trust_code))
        if not task_of_run(run_path).predicts_classes:
            if reject:
                raise ValueError(f"--reject {reject:g} is a probability, and {run_path} predicts none: leave it out")
            out.print(_targets(run_path, images, output))
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("image", "class", "probability", "next"):
            table.add_column(column, overflow="fold")
        for answer in predict_classes(run_path, images, reject):
            follow = ", ".join(f"{name} {probability:.4f}" for name, probability in answer.others)
            table.add_row(Text(str(answer.image)), Text(answer.name), f"{answer.probability:.4f}", Text(follow))
    out.print(table)


def _targets(run_path: Path, images: list[Path], output: Path) -> Table:
    """Return predictions that are no classes, a row for each image; pictures are written."""
    from PIL import Image

    from keras_suite.experiments.inspecting.predict import predict_targets
    from keras_suite.tasks.atomic_files import replacing

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("image", "prediction", "picture"):
        table.add_column(column, overflow="fold")
    for prediction in predict_targets(run_path, images):
        path = output / f"{prediction.image.stem}-predicted.png"
        if prediction.picture is not None:
            output.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                Image.fromarray(np.squeeze(prediction.picture)).save(temporary)
        table.add_row(
            Text(str(prediction.image)), Text(prediction.text), Text("" if prediction.picture is None else str(path))
        )
    return table
