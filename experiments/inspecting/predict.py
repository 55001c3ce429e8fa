"""What a trained run predicts of single image files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from keras_suite.data_pipeline.images.deep_levels import Levels
from keras_suite.data_pipeline.images.image_files import read_image
from keras_suite.experiments.training.evaluation import predict
from keras_suite.models.saving import load_model, task_of
from keras_suite.reports import run_directory
from keras_suite.tasks import task_named
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import Task, load

OTHER = "other"


@dataclass(frozen=True)
class ClassPrediction:
    """The class of one image, its probability, and the next likely classes with theirs."""

    image: Path
    name: str
    probability: float
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class TargetPrediction:
    """The prediction for an image in words; of a task that predicts pictures also as uint8 (h, w, c)."""

    image: Path
    text: str
    picture: np.ndarray | None = None


def predict_classes(
    run: Path, images: Sequence[Path], reject: float = 0.0, runners_up: int = 2
) -> Iterator[ClassPrediction]:
    """Yield the class of each image file, of any size and mode, read as the training pipeline reads them.

    Args:
        run: A completed run directory, or a .keras file of this suite. A model that leaves the size open
            (`convolutional`) sees images at their own.
        images: The image files.
        reject: Below this probability the class is "other".
        runners_up: How many of the next likely classes are returned.

    Raises:
        ValueError, OSError: If the run or an image cannot be used.
    """
    model, class_names = trained(run)
    for image, pixels in zip(images, read_for(run, model, images), strict=True):
        probabilities = predict(model, pixels, CLASSES)
        order = np.argsort(-probabilities, kind="stable")
        best = float(probabilities[order[0]])
        ranked = tuple((class_names[i], float(probabilities[i])) for i in order[: runners_up + 1])
        rejected = best < reject
        yield ClassPrediction(image, OTHER if rejected else ranked[0][0], best, ranked if rejected else ranked[1:])


def predict_targets(run: Path, images: Sequence[Path]) -> Iterator[TargetPrediction]:
    """Yield the prediction for each image file where a run predicts no classes; see `predict_classes`."""
    model, names = trained(run)
    task = task_of_run(run)
    assert task.describe_prediction is not None
    for image, pixels in zip(images, read_for(run, model, images), strict=True):
        prediction = predict(model, pixels, task)
        picture = load(task.picture)(prediction) if task.picture else None
        yield TargetPrediction(image, task.describe_prediction(prediction, pixels, names), picture)


def task_of_run(run: Path) -> Task:
    """Return what the model of a run directory, or of a .keras file, predicts."""
    if run.is_dir():
        return task_named(run_directory.task_of(run_directory.read_run(run, needs=()).record))
    return task_named(task_of(run_directory.whole_model(run)))


def trained(run: Path) -> tuple[keras.Model, tuple[str, ...]]:
    """Load the model of a completed run directory, or of a .keras file of this suite, with its class names."""
    return load_model(run_directory.whole_model(run))


def read_for(run: Path, model: keras.Model, images: Sequence[Path]) -> list[np.ndarray]:
    """Read image files as the model takes them, uint8 (h, w, c)."""
    *size, channels = model.inputs[0].shape[1:]
    if channels not in (1, 3):
        raise ValueError(
            f"{run} was trained on images of {channels} channels, which image files have not: expected 1 or 3"
        )
    open_size = None in size
    levels = levels_of(run)
    read = [read_image(image, None if open_size else tuple(size), channels, levels) for image in images]
    if open_size:
        for image, pixels in zip(images, read, strict=True):
            _require_size(model, image, pixels)
    return read


def levels_of(run: Path) -> Levels:
    """Return how images of more than 8 bits are scaled as those that trained a run; see `deep_levels.py`."""
    if not run.is_dir():
        return "dataset"
    known = (run_directory.read_run(run, needs=()).record.get("data") or {}).get("levels")
    if isinstance(known, list) and len(known) == 2 and all(isinstance(level, int | float) for level in known):
        return float(known[0]), float(known[1])
    if known in ("dataset", "image"):
        return "dataset" if known == "dataset" else "image"
    return "full"  # as all versions did before they wrote it down


def _require_size(model: keras.Model, image: Path, pixels: np.ndarray) -> None:
    try:
        model.compute_output_shape((1, *pixels.shape))
    except ValueError:
        raise ValueError(
            f"{image} is of {pixels.shape[0]}x{pixels.shape[1]} pixels, smaller than what the model was trained on: "
            "give a larger image, or ask the run itself, which stretches images"
        ) from None
