"""The images of a run: those that it is measured on, and some of those that trained it, as the network sees them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.inspection.copies import LEFT_OUT
from keras_suite.data_pipeline.splits import split
from keras_suite.experiments.config.part import part_from_json
from keras_suite.experiments.inspecting.predict import reader_of
from keras_suite.experiments.own_parts.kept_source import kept_root
from keras_suite.experiments.predicting.requests import requested
from keras_suite.experiments.predicting.training_files import among_training_files
from keras_suite.experiments.registry import resolve_part
from keras_suite.experiments.training.evaluation import references
from keras_suite.experiments.training.identity import dataset_of
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run
from keras_suite.reports.run_directory.results import ELSEWHERE, FITTED
from keras_suite.tasks import task_named


@dataclass(frozen=True)
class Images:
    """Some images of an array, which stays where it is: in memory, or on the disk.

    Attributes:
        pixels: uint8 (n, h, w, c).
        labels: int64 (n,).
        rows: Which of them are meant, int64 (m,).
        called: What they are, as "test image".
        trained: Whether the network was trained on them.
        references: The true answers (m, ...) of those that are meant, where they are not labels.
    """

    pixels: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    called: str
    trained: bool = False
    references: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def truth(self) -> np.ndarray:
        """The true answers of the images that are meant: labels int64 (m,), or `references`."""
        return np.asarray(self.labels[self.rows]) if self.references is None else self.references

    def batches(self, size: int = 1) -> Iterator[np.ndarray]:
        """Yield the images uint8 (size, h, w, c), the last batch with fewer, in their order."""
        for first in range(0, len(self.rows), size):
            yield np.asarray(self.pixels[self.rows[first : first + size]])

    def some(self, count: int, seed: int) -> "Images":
        """Return so many of them, drawn at random."""
        chosen = np.sort(np.random.default_rng(seed).permutation(len(self.rows))[:count])
        return replace(
            self,
            rows=self.rows[chosen],
            references=None if self.references is None else self.references[chosen],
        )


@dataclass(frozen=True)
class RunImages:
    """The images that trained a run, those to measure it on, and the names of their classes."""

    training: Images
    measured: Images
    class_names: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(h, w, c) of an image."""
        height, width, channels = self.training.pixels.shape[1:]
        return int(height), int(width), int(channels)


def images_of_run(directory: Path, data_dir: Path | None) -> RunImages:
    """Load the images of a completed run.

    It is measured on its test images; where nobody has looked at those, as in the trials of a sweep, on its validation
    images, for they stay unseen. A classifier of `classify` without test images of its own is trained on all there are.

    Raises:
        ValueError, OSError: If the run's data are not known, not there, or not those that trained it.
    """
    run = run_directory.read_run(directory, needs=())
    if run.record.get("trained") == ELSEWHERE or "dataset" not in run.config:
        raise ValueError(
            f"{directory} was trained by other code, whose images are not known here to measure it on: "
            "give a run of this suite"
        )
    part = resolve_part("dataset", part_from_json(run.config["dataset"], "dataset"), kept_root(run.path, run.record))
    dataset = dataset_of(run, part, data_dir)
    if run.record.get("trained") == FITTED:
        return _of_classify(dataset)
    return _of_training(run, dataset)


def _of_training(run: Run, dataset: Dataset) -> RunImages:
    chosen = split(dataset, run.seed)
    training = Images(dataset.images, dataset.labels, chosen.train, "training image", trained=True)
    if "test" not in (run.metrics or {}):
        measured = Images(dataset.images, dataset.labels, chosen.validation, "validation image")
    elif chosen.test is not None:
        measured = Images(dataset.images, dataset.labels, chosen.test, "test image")
    else:
        measured = _tests(dataset)
    task = task_named(dataset.task)
    if task.predicts_classes:
        return RunImages(training, measured, dataset.class_names)
    held_out = None if measured.pixels is dataset.test_images else measured.rows
    true = references(dataset, replace(chosen, test=held_out))
    return RunImages(training, replace(measured, references=true), dataset.target_names)


def _of_classify(dataset: Dataset) -> RunImages:
    rows = np.arange(len(dataset.labels))
    if dataset.groups is not None:
        rows = rows[dataset.groups != LEFT_OUT]
    if not dataset.origin.tests_are_drawn:
        training = Images(dataset.images, dataset.labels, rows, "training image", trained=True)
        return RunImages(training, _tests(dataset), dataset.class_names)
    drawn = len(dataset.labels) + np.arange(len(dataset.test_labels))
    everything = Images(
        np.concatenate([dataset.images, dataset.test_images]),
        np.concatenate([dataset.labels, dataset.test_labels]),
        np.concatenate([rows, drawn]),
        "training image",
        trained=True,
    )
    return RunImages(everything, everything, dataset.class_names)


def images_of_files(directory: Path, words: str, model: keras.Model, names: Sequence[str]) -> Images:
    """Read image files whose classes are known to measure a run on.

    Args:
        directory: The run directory.
        words: A folder with a folder for each class, a pattern, or a table, as `predict` takes them.
        model: Its network.
        names: Its classes.

    Raises:
        ValueError: If there is no such image, or one cannot be read.
    """
    request = requested([words], names)
    if request.problems:
        raise ValueError(request.problems[0])
    known = [each for each in request.images if each.label is not None]
    if not known:
        raise ValueError(
            f"--on {words} holds no image whose class is known: give a folder with a folder for each of "
            f"{', '.join(names[:3])}{', …' if len(names) > 3 else ''}, or a table with a column label"
        )
    read = reader_of(directory, model)
    pixels = np.stack([read(each.path).pixels for each in known])
    labels = np.array([list(names).index(str(each.label)) for each in known], np.int64)
    found = among_training_files(directory, known, None) is not None
    return Images(pixels, labels, np.arange(len(known)), "image", trained=found)


def _tests(dataset: Dataset) -> Images:
    return Images(dataset.test_images, dataset.test_labels, np.arange(len(dataset.test_labels)), "test image")
