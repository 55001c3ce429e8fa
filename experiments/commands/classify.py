"""The command `classify`: from a folder of photographs, or a table, to a model and an honest number."""

import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import (
    DataDir,
    Debug,
    RunsDir,
    bad_input,
    interruptible,
    out,
    waiting,
)
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.commands.inspection_lines import print_findings
from keras_suite.experiments.commands.problem_list import Skip, listed_before, listing_refused, skipping
from keras_suite.experiments.config import Part, use
from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.quantities import counted
from keras_suite.tasks.wording.shown import shown

if TYPE_CHECKING:
    from keras_suite.experiments.classifying.classifier import Fitted
    from keras_suite.experiments.classifying.fine_tuning import Tuned
    from keras_suite.experiments.classifying.recorded import Recording

LEAST, LARGEST = 32, 512  # pixels a side


def classify(
    photos: Annotated[
        Path,
        typer.Argument(
            metavar="PHOTOS", help="A folder with a folder of images a class, a .zip of one, or a .csv table."
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
    fine_tune: Annotated[
        bool,
        typer.Option("--fine-tune", help="Also train the network's last blocks; kept only if shown to be better."),
    ] = False,
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
        from keras_suite.experiments.classifying.fine_tuning import expected_minutes, refuse_too_few
        from keras_suite.experiments.classifying.recorded import Recording, minutes_of, record, tuned_before
        from keras_suite.experiments.commands.classify_lines import answer_lines, gain_line, may_gain, next_lines
        from keras_suite.experiments.registry import resolve_part
        from keras_suite.experiments.training.data_record import inspection_of
        from keras_suite.experiments.training.identity import load_dataset

        resolved = resolve_part("dataset", part, "")
        with listing_refused(problems, listed_before(skip)):
            dataset = load_dataset(resolved, data_dir)
        if fine_tune:
            refuse_too_few(dataset)
        inspection = inspection_of(resolved, data_dir)
        print_findings(inspection)
        recording = Recording(folder, dataset, inspection, part, shlex.join(["keras-suite", *sys.argv[1:]]), threads)
        with waiting("fitting"):
            fitted = fit(dataset)
            minutes = minutes_of(recording) or expected_minutes(fitted.model, fitted.trained, fitted.validated.folds)
        run = record(recording, fitted, seconds=time.perf_counter() - began, minutes=minutes)
    tuned = _fine_tune(recording, fitted, data_dir, minutes, debug) if fine_tune and may_gain(fitted) else None
    if tuned is not None and tuned[0].choice.kept:
        run = tuned[1]
    lines = answer_lines(fitted, dataset.class_names, tuned and tuned[0])
    before = tuned_before(recording)
    lines += [gain_line(fitted, minutes, fine_tune, tuned and tuned[0], before), *next_lines(run, folder)]
    for line in lines:
        out.print(Text(one_line(line) if line else ""), soft_wrap=True)


def _fine_tune(
    recording: "Recording", fitted: "Fitted", data_dir: Path | None, minutes: int, debug: bool
) -> tuple["Tuned", Path]:
    """Train the last blocks in each fold; return what that came to, and its run directory."""
    from keras_suite.experiments.classifying.fine_tuning import fine_tune
    from keras_suite.experiments.classifying.recorded import record_tuned
    from keras_suite.experiments.training.job import RunOptions

    folder, began = recording.folder, time.perf_counter()
    options = RunOptions(recording.threads, folder.parent, data_dir, recording.command)
    with bad_input(debug), interruptible(), waiting(f"fine-tuning, about {counted(minutes, 'minute')}"):
        tuned = fine_tune(fitted, recording.part, folder.name, options)
        return tuned, record_tuned(recording, fitted, tuned, seconds=time.perf_counter() - began)


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
