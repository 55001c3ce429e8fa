"""The command `export`: a trained network as a file for other runtimes, measured as the file that it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import DataDir, Debug, TrustCode, bad_input, out, waiting
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.exporting.target import Target, facts_path
from keras_suite.experiments.predicting.one_run import check_one_run, run_directory_of
from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.quantities import counted, file_size, percent, signed

if TYPE_CHECKING:
    from keras_suite.experiments.exporting.facts import Exported, Written


def export(
    run_path: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or the model.keras in one.")],
    to: Annotated[
        Literal["litert", "onnx", "savedmodel"],
        typer.Option(help="LiteRT (.tflite), ONNX (an optional extra), or TensorFlow's SavedModel."),
    ],
    int8: Annotated[
        bool, typer.Option("--int8", help="Weights and activations in int8, ranges from training images; LiteRT only.")
    ] = False,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="The file to write (else in RUN/export).")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
    margin: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="POINTS", help="The largest difference of the score that does not matter (accuracy: 0.5)."
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="PHOTOS", help="Measure on these (else the run's test images): a folder for each class, or a table."
        ),
    ] = None,
    data_dir: DataDir = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Export a trained network: raw pixels in, probabilities out, the class names inside; or angles, masks, images.

    The exported file is run on the run's test images: its score, how far it is from the network's, latency, size.
    What was measured, and how the file is read, is written beside it, in FILE.json.
    """
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        check_one_run(run_path)
        check_input(data_dir, "--data-dir")
        target = Target(to, int8)
        if int8 and to != "litert":
            raise ValueError(f"--int8 goes with --to litert, not with --to {to}: leave one of them out")
        directory = run_directory_of(run_path)
        path = output or target.default_path(directory)
        target.check(path, overwrite)
        check_output(path.parent, "--output")
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.exporting.export import export as exported_by
        from keras_suite.experiments.own_parts.trust import own_classes

        with own_classes([directory], trust_code, with_parts=True), waiting("exporting"):
            exported = exported_by(directory, target, path, margin, data_dir, on)
    for line in _lines(exported):
        out.print(Text(one_line(line)), soft_wrap=True)


def _lines(exported: "Exported") -> Iterator[str]:
    """Say what was written, how it answers beside the network, and the verdict."""
    from keras_suite.experiments.exporting.facts import about

    written, float32 = exported.written, exported.float32
    known = about(exported.classifier, exported.target)
    smaller = ""
    if float32 is not None:
        layers = "all of it int8" if exported.whole else "some of it in float32"
        share = percent(written.bytes / float32.bytes, 1)
        smaller = f", {share} of the {file_size(float32.bytes)} in float32; {layers}"
    yield f"{exported.path}: {file_size(written.bytes)}{smaller}"
    yield f"takes {known['input']}"
    yield f"returns {known['output']}{'; the names of the classes are inside' if known['class_names'] else ''}"
    yield from _measured(exported)
    yield f"an image takes {_latency(written)}{f', in float32 {_latency(float32)}' if float32 else ''}"
    yield _verdict(exported)
    yield f"written to {exported.path}, and how to read it to {facts_path(exported.path)}"


def _measured(exported: "Exported") -> Iterator[str]:
    """Say how good the file is, and how far its answers are from the network's."""
    from keras_suite.experiments.exporting.task_agreement import TaskAgreement

    agreed = exported.agreement
    if isinstance(agreed, TaskAgreement):
        metric, score = agreed.task.score, agreed.score
        far = f"no number that it returns differs from the network's by more than {agreed.largest:.2g}"
    else:
        from keras_suite.tasks.classes import ACCURACY as metric

        score = agreed.accuracy
        far = (
            f"{percent(agreed.same / agreed.images)} of the answers are the network's ({agreed.same:,} of "
            f"{agreed.images:,}); no probability differs by more than {agreed.largest:.2g}"
        )
    interval = f" (95 % interval {metric.format_interval(agreed.interval)} for other images like these)"
    yield (
        f"{metric.label} {metric.format(score)}{'' if exported.images.trained else interval} on "
        f"{counted(agreed.images, exported.images.called)}; the network {metric.format(agreed.of_network)}"
    )
    yield far


def _latency(written: "Written") -> str:
    found = written.latency
    return f"{found.milliseconds:.3g} ms (median of {found.images:,}, {counted(found.threads, 'thread')})"


def _verdict(exported: "Exported") -> str:
    """Say whether the file is as good as the network, for other images like those that it was run on."""
    from keras_suite.experiments.exporting.task_agreement import TaskAgreement
    from keras_suite.tasks.classes import ACCURACY

    agreed = exported.agreement
    metric = agreed.task.score if isinstance(agreed, TaskAgreement) else ACCURACY
    if agreed.word == "same":
        return "the same as the network, up to rounding"
    if exported.images.trained:
        return (
            f"no verdict: these {counted(agreed.images, 'image')} trained the network, so what it reads right of them "
            "says nothing of new ones; --on PHOTOS measures on others"
        )
    points = (
        f"{metric.format_difference(agreed.difference)} {metric.short_difference} (90 % interval for other images like "
        f"these {metric.format_difference(agreed.difference_interval.low)} to "
        f"{metric.format_difference(agreed.difference_interval.high)})"
    )
    margin = signed(metric.scale * agreed.margin, sign=False, least=1)
    if agreed.word == "equivalent":
        return f"equivalent to the network: {points}, within {margin}"
    if isinstance(agreed, TaskAgreement):
        undecided = f"undecided whether equivalent to the network: {points}, not all of it within {margin}"
        return undecided if agreed.word == "undecided" else f"{agreed.word} than the network: {points}"
    if agreed.word == "undecided":
        needed = agreed.images_needed
        more = f"; about {needed:,} images would decide" if needed else ""
        loss = f", which loses no more than {margin}" if agreed.difference_interval.low > -agreed.margin else ""
        return f"undecided whether equivalent to the network: {points}, not all of it within {margin}{loss}{more}"
    return f"{agreed.word} than the network: {points}, p = {agreed.p:.2g} (McNemar)"
