"""What a trained run that gives no classes gives for single image files: numbers, pictures or sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_suite.experiments.inspecting.predict import read_for, trained
from keras_suite.experiments.training.evaluation import as_given
from keras_suite.models.networks.caption_decoding import greedy
from keras_suite.models.saving import task_of
from keras_suite.reports import run_directory
from keras_suite.reports.figures.given import coloured, sentence
from keras_suite.reports.wording import percent

LONGEST = 64  # words of a sentence


@dataclass(frozen=True)
class Given:
    """What a model gives for an image, in words; an image or a mask also as a picture uint8 (h, w, c)."""

    image: Path
    text: str
    picture: np.ndarray | None = None


def task_of_run(run: Path) -> str:
    """What the model of a run directory, or of a .keras file, gives; see data_pipeline/targets.py."""
    return run_directory.task_of(run_directory.read_run(run).record) if run.is_dir() else task_of(run)


def predict_targets(run: Path, images: Sequence[Path]) -> Iterator[Given]:
    """What the model gives for image files, which are read as for `predict_images`."""
    model, names = trained(run)
    task = task_of_run(run)
    for image, pixels in zip(images, read_for(run, model, images), strict=True):
        batch = pixels[np.newaxis].astype(np.float32)
        if task == "caption":
            yield Given(image, sentence(greedy(model, batch, start=0, end=1, longest=LONGEST)[0], names))
            continue
        given = as_given(np.asarray(model(batch, training=False), np.float32), task)[0]
        yield Given(image, *_shown(task, given, pixels, names))


def _shown(
    task: str, given: np.ndarray, pixels: np.ndarray, names: Sequence[str]
) -> tuple[str] | tuple[str, np.ndarray]:
    if task == "angle":
        return (f"{np.degrees(given[0]):+.1f}°",)
    if task == "direction":
        x, y = given.tolist()
        return (f"x {x:+.3f}, y {y:+.3f}: {np.degrees(np.arctan2(y, x)):+.1f}°",)
    if task == "mask":
        shares = np.bincount(given.ravel(), minlength=len(names)) / given.size
        held = [number for number in np.argsort(-shares, kind="stable") if shares[number]]
        return ", ".join(f"{names[number]} {percent(shares[number], 1)}" for number in held), coloured(given)
    error = np.sqrt(np.square(given.astype(float) - pixels).mean())
    return f"{error:.1f} grey levels off", given
