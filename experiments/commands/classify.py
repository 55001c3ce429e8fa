"""The command `classify`: from a folder of photographs, or a table, to a model and an honest number."""

import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import DataDir, Debug, RunsDir, bad_input, out, waiting
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.commands.inspection_lines import print_findings
from keras_suite.experiments.commands.problem_list import Skip, listed_before, listing_refused, skipping
from keras_suite.experiments.config import Part, use
from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.quantities import counted
from keras_suite.tasks.wording.shown import shown

if TYPE_CHECKING:
    from keras_suite.data_pipeline.dataset import Dataset
    from keras_suite.experiments.classifying.classifier import Fitted

LEAST, LARGEST = 32, 512  # pixels a side
OTHER = "other"  # the class of what is of none, as `--other` and a folder of that name give it


def classify(
    photos: Annotated[
        Path,
        typer.Argument(
            metavar="PHOTOS", help="A folder with a folder of images a class, a .tar.gz of one, or a .csv table."
        ),
    ],
    image_size: Annotated[
        int, typer.Option(min=LEAST, max=LARGEST, metavar="PIXELS", help="The side that images are stretched to.")
    ] = 224,
    label: Annotated[str, typer.Option(metavar="COLUMN", help="A table's column of classes.")] = "label",
    image: Annotated[str, typer.Option(metavar="COLUMN", help="A table's column of paths.")] = "image",
    classes: Annotated[
        list[str] | None, typer.Option(metavar="CLASS", help="Only this class and others so named; repeatable.")
    ] = None,
    other: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help='Pictures of none of the classes, which become one more: "other".'),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The folder in --runs-dir (else that of the photographs).")] = None,
    problems: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="List every refused file here, with its reason.")
    ] = None,
    skip: Skip = None,
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Fit a classifier to photographs, and say what to expect of it on new ones.

    The photographs are inspected, seen through a network that was trained on ImageNet, and a head is fitted to what it
    sees. All of them train; what to expect is measured by cross-validation, or on test images that you set apart.
    """
    began = time.perf_counter()
    with bad_input(debug):
        from keras_suite.experiments.training import runtime

        if name is not None and (Path(name).name != name or name.startswith(".")):
            raise ValueError(f"--name {shown(name)} names no folder in {runs_dir}: give a name without slashes")
        folder = runs_dir / (name or f"classify-{_plain(photos)}")
        _refuse_others(folder)
        check_output(runs_dir, "--runs-dir")
        check_input(data_dir, "--data-dir")
        options = {"image_size": [image_size] * 2, "other": other and str(other), "classes": classes}
        part = _part(photos, label, image, options, skip)
        threads = runtime.available_cores()
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(threads)
        from keras_suite.experiments.classifying.classifier import fit
        from keras_suite.experiments.classifying.recorded import record
        from keras_suite.experiments.registry import resolve_part
        from keras_suite.experiments.training.data_record import inspection_of
        from keras_suite.experiments.training.identity import load_dataset

        resolved = resolve_part("dataset", part, "")
        with listing_refused(problems, listed_before(skip)):
            dataset = load_dataset(resolved, data_dir)
        inspection = inspection_of(resolved, data_dir)
        print_findings(inspection)
        with waiting("fitting"):
            fitted = fit(dataset)
        seconds = time.perf_counter() - began
        command = shlex.join(["keras-suite", *sys.argv[1:]])
        run = record(folder, fitted, dataset, inspection, part=part, command=command, threads=threads, seconds=seconds)
    _print(fitted, dataset, run, folder)


def _refuse_others(folder: Path) -> None:
    """Raise ValueError if a folder holds the runs of something else, whose list would be replaced."""
    from keras_suite.reports import run_directory
    from keras_suite.reports.run_directory.layout import LISTING
    from keras_suite.reports.run_directory.results import FITTED

    if (folder / LISTING).exists() and run_directory.read_listing(folder).get("source") != FITTED:
        raise ValueError(f"{folder} holds the runs of an experiment: give another folder with --name or --runs-dir")


def _plain(photos: Path) -> str:
    """Return a name for the folder of runs."""
    stem = photos.resolve().name.split(".")[0]
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in stem) or "photos"


def _part(photos: Path, label: str, image: str, options: Mapping[str, Any], skip: Path | None) -> "Part":
    """Return the dataset as a part of a Config; options that are None are not given."""
    shared = {
        **{option: value for option, value in options.items() if value is not None},
        **{path.removeprefix("dataset."): table for path, table in skipping(skip).items()},
    }
    if photos.suffix.lower() == ".csv":
        return use("image_table", path=str(photos), label=label, image=image, **shared)
    return use("image_folder", path=str(photos), **shared)


def _print(fitted: "Fitted", dataset: "Dataset", run: Path, folder: Path) -> None:
    """Say what to expect, what is confused, what more photographs would buy, and what to type next."""
    from keras_suite.experiments.classifying.classifier import MORE
    from keras_suite.experiments.predicting.scoring import ClassScore
    from keras_suite.tasks.classes import ACCURACY

    expected, names = fitted.expected, dataset.class_names
    how = (
        f"{fitted.folds} folds, {counted(len(fitted.probabilities), 'repeat')}"
        if fitted.folds
        else f"the {counted(expected.images, 'test image')} that were set apart"
    )
    lines = [
        f"{counted(fitted.trained, 'image')} of {len(names):,} classes; right on images that were not trained "
        f"on: {ACCURACY.format(expected.share)} ({how}).",
        f"Expect {ACCURACY.format_interval(expected.interval)} on new pictures like these.",
    ]
    score = ClassScore()
    for number, answer in zip(fitted.labels, fitted.probabilities[0], strict=True):
        best = int(answer.argmax())
        score.add(names[number], names[best], float(answer[best]))
    lines += score.lines()[1:]
    if OTHER in names:
        lines.append(_refusals(fitted, names.index(OTHER)))
    if fitted.more is not None:
        lines.append(
            f"Another {MORE} photographs like these would bring it to about {ACCURACY.format_interval(fitted.more)}, "
            "if the error goes on falling as it did from half of them to all."
        )
    lines += [
        "",
        f"The model: {run / 'model.keras'}",
        f"Next: keras-suite predict {run} NEW_PHOTOGRAPHS",
        f"      keras-suite report {folder}",
        f"      keras-suite export {run} --to litert --int8",
    ]
    for line in lines:
        out.print(Text(one_line(line) if line else ""), soft_wrap=True)


def _refusals(fitted: "Fitted", other: int) -> str:
    """Say what share of the pictures of none of the classes is refused, and what share of the known ones is lost."""
    refused = fitted.probabilities.argmax(axis=-1) == other
    is_other = fitted.labels == other
    count = counted(int(is_other.sum()), "picture")
    return (
        f"Called {OTHER}: {100 * refused[:, is_other].mean():.1f} % of the {count} of none of the classes, and "
        f"{100 * refused[:, ~is_other].mean():.1f} % of those that are of one."
    )
