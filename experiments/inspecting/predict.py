"""What a trained run says of single image files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from keras_suite.data_pipeline.images.image_files import read_image
from keras_suite.experiments.training.evaluation import softmax
from keras_suite.models.saving import load_model
from keras_suite.reports import run_directory

OTHER = "other"


@dataclass(frozen=True)
class Answer:
    """The class of one image, its probability, and the next likely classes with theirs."""

    image: Path
    name: str
    probability: float
    others: tuple[tuple[str, float], ...]


def predict_images(run: Path, images: Sequence[Path], reject: float = 0.0, runners_up: int = 2) -> Iterator[Answer]:
    """Answers for image files of any size and mode, read as the training pipeline reads them.

    A model that leaves the size open (`convolutional`) is asked at the images' own. Below the probability `reject` the
    answer is "other". ValueError or OSError names a wrong run or image.
    """
    model, class_names = trained(run)
    for image, pixels in zip(images, read_for(run, model, images), strict=True):
        logits = np.asarray(model(pixels[np.newaxis].astype(np.float32), training=False))
        probabilities = softmax(logits)[0]
        order = np.argsort(-probabilities, kind="stable")
        best = float(probabilities[order[0]])
        ranked = tuple((class_names[i], float(probabilities[i])) for i in order[: runners_up + 1])
        yield Answer(image, OTHER, best, ranked) if best < reject else Answer(image, ranked[0][0], best, ranked[1:])


def read_for(run: Path, model: keras.Model, images: Sequence[Path]) -> list[np.ndarray]:
    """The images uint8 (h, w, c) as the model takes them."""
    *size, channels = model.inputs[0].shape[1:]
    if channels not in (1, 3):
        raise ValueError(
            f"{run} was trained on images of {channels} channels, which image files have not: expected 1 or 3"
        )
    open_size = None in size
    read = [read_image(image, None if open_size else tuple(size), channels) for image in images]
    if open_size:
        for image, pixels in zip(images, read, strict=True):
            _require_size(model, image, pixels)
    return read


def trained(run: Path) -> tuple[keras.Model, tuple[str, ...]]:
    """The model of a completed run directory, or of a .keras file of this suite, and its class names."""
    if not run.is_dir():
        return load_model(run)
    if run_directory.read_run(run).metrics is None:
        raise ValueError(f"{run} is not completed, so it has no model to ask: run its command to the end first")
    return load_model(run_directory.model_file(run))


def _require_size(model: keras.Model, image: Path, pixels: np.ndarray) -> None:
    try:
        model.compute_output_shape((1, *pixels.shape))
    except ValueError:
        raise ValueError(
            f"{image} is of {pixels.shape[0]}x{pixels.shape[1]} pixels, smaller than what the model was trained on: "
            "give a larger image, or ask the run itself, which stretches images"
        ) from None
