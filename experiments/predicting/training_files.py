"""Which of the images that a run is asked about lie where it took its training images from."""

import os
from collections.abc import Sequence
from pathlib import Path

from keras_suite.data_pipeline.datasets.tree_layout import TEST, part_of
from keras_suite.experiments.predicting.requests import Asked
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layout import MODEL


def among_training_files(run: Path, images: Sequence[Asked], data_dir: Path | None) -> tuple[Path, list[Path]] | None:
    """Return the folder of a run's data, and the images of a known class that lie there; those of its test folder don't
    count.

    Args:
        run: A run directory, or the .keras file in one.
        images: What it is asked about.
        data_dir: The folder of downloaded data, where the run may have found its own.

    Returns:
        None if there is no such image, or if nobody knows where the data are.
    """
    folder = _data_folder(run, data_dir)
    if folder is None:
        return None
    real = os.path.realpath(folder)
    found = []
    for image in images:
        inside = os.path.relpath(os.path.realpath(image.path), real).split(os.sep)
        if image.label is not None and inside[0] != os.pardir and TEST not in map(part_of, inside[:-1]):
            found.append(image.path)
    return (folder, found) if found else None


def _data_folder(run: Path, data_dir: Path | None) -> Path | None:
    """Return the folder of classes, or the one with the table, that trained a run, if it is still there."""
    directory = run if run.is_dir() else run.parent
    if not (run.is_dir() or run.name == MODEL) or not run_directory.is_completed(directory):
        return None
    dataset = run_directory.read_run(directory, needs=()).config.get("dataset") or {}  # none of runs of other code
    path = (dataset.get("options") or {}).get("path")
    if not path or dataset.get("name") not in ("image_folder", "image_table"):
        return None
    for place in (Path(os.path.expanduser(path)), *([data_dir / path] if data_dir else [])):
        if place.exists():
            folder = place.parent if dataset["name"] == "image_table" else place
            return folder if folder.is_dir() else None
    return None
