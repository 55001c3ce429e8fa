"""What a trained run predicts of image files."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from keras_suite.data_pipeline.images.deep_levels import Levels
from keras_suite.data_pipeline.images.file_contents import read_image_file
from keras_suite.data_pipeline.images.image_files import DecodedImage, read_decoded
from keras_suite.data_pipeline.images.likeness import Likeness, likeness_from_json
from keras_suite.data_pipeline.images.plain_jpeg import decode_plain_jpeg
from keras_suite.experiments.predicting.stream import Answer, Ask, Read, answers, asker
from keras_suite.models.saving import load_model, task_of
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layout import MODEL
from keras_suite.reports.statistics.calibration import with_temperature
from keras_suite.tasks import task_named
from keras_suite.tasks.task import Task, load

OTHER = "other"


@dataclass(frozen=True)
class ClassPrediction:
    """The class of one image, its probability, and the next likely classes with theirs.

    Attributes:
        name: The class; "other" where its probability was too low.
        most_probable: The class with the highest probability, answered or not.
        unlike: What the picture is beside those that trained the run; "" if it is alike, or nobody knows.
    """

    image: Path
    name: str
    probability: float
    others: tuple[tuple[str, float], ...]
    most_probable: str
    unlike: str = ""


@dataclass(frozen=True)
class TargetPrediction:
    """The prediction for an image in words; of a task that predicts pictures also as uint8 (h, w, c)."""

    image: Path
    text: str
    picture: np.ndarray | None = None
    unlike: str = ""


@dataclass(frozen=True)
class Refused:
    """An image file that could not be answered, and why, in one line that names it."""

    image: Path
    problem: str


@dataclass(frozen=True)
class Predictor:
    """A trained run, ready to be asked.

    Attributes:
        run: The run directory, or the .keras file; the first one, where several answer together.
        models: Its network, or those of all, which take images of one size; their probabilities are averaged.
        names: Those of its classes, pixel classes or words.
        task: What it predicts.
        likeness: What its training images look like; None where it is not known.
        temperature: Of its probabilities, see `fitted_temperature`; 1.0 leaves them as the network says them.
    """

    run: Path
    models: tuple[keras.Model, ...]
    names: tuple[str, ...]
    task: Task
    likeness: Likeness | None
    temperature: float = 1.0

    def classes(
        self, images: Sequence[Path], reject: float = 0.0, runners_up: int = 2
    ) -> Iterator[ClassPrediction | Refused]:
        """Yield the class of each image file, or why it could not be read; see `predict_classes`."""
        for answer in self._answers(images):
            image = images[answer.place]
            yield (
                Refused(image, answer.problem)
                if answer.problem
                else _class(image, answer, self.names, reject, runners_up)
            )

    def targets(self, images: Sequence[Path]) -> Iterator[TargetPrediction | Refused]:
        """Yield what is predicted of each image file where that is no class, or why the file could not be read."""
        describe = self.task.describe_prediction
        assert describe is not None
        draw = load(self.task.picture) if self.task.picture else None
        for answer in self._answers(images):
            image = images[answer.place]
            if answer.problem:
                yield Refused(image, answer.problem)
                continue
            picture = draw(answer.prediction) if draw else None
            text = describe(answer.prediction, answer.pixels, self.names)
            yield TargetPrediction(image, text, picture, answer.unlike)

    def _answers(self, images: Sequence[Path]) -> Iterator[Answer]:
        model = self.models[0]
        return answers(model, self._ask, images, reader_of(self.run, model), self.likeness)

    @functools.cached_property
    def _ask(self) -> Ask:
        asked = [asker(model, self.task) for model in self.models]
        if len(asked) == 1 and self.temperature == 1.0:
            return asked[0]

        def ask(images: np.ndarray) -> np.ndarray:
            mean = np.mean([each(images) for each in asked], axis=0, dtype=float)
            return np.asarray(with_temperature(mean, self.temperature), np.float32)

        return ask


def _class(image: Path, answer: Answer, names: Sequence[str], reject: float, runners_up: int) -> ClassPrediction:
    probabilities = answer.prediction
    order = np.argsort(-probabilities, kind="stable")
    best = float(probabilities[order[0]])
    ranked = tuple((names[i], float(probabilities[i])) for i in order[: runners_up + 1])
    rejected = best < reject
    name, others = (OTHER, ranked) if rejected else (ranked[0][0], ranked[1:])
    return ClassPrediction(image, name, best, others, ranked[0][0], answer.unlike)


def predictor(run: Path, *others: Path, temperature: float = 1.0) -> Predictor:
    """Load a run to ask it, or several to average their probabilities.

    Args:
        run: A completed run directory, or a .keras file of this suite. A model that leaves the size open
            (`convolutional`) sees images at their own.
        others: Further ones of the same classes, which take images of the same size.
        temperature: See `Predictor`.

    Raises:
        ValueError, OSError: If a run cannot be used.
    """
    task = task_of_run(run)
    model, names = trained(run)
    models = [model]
    for other in others:
        one_more, their_names = trained(other)
        if their_names != names or one_more.inputs[0].shape != model.inputs[0].shape or task_of_run(other) != task:
            raise ValueError(f"{other} and {run} predict other classes, or of other images: give one of them alone")
        models.append(one_more)
    return Predictor(run, tuple(models), names, task, likeness_of_run(run), temperature)


def predict_classes(
    run: Path, images: Sequence[Path], reject: float = 0.0, runners_up: int = 2
) -> Iterator[ClassPrediction]:
    """Yield the class of each image file, of any size and mode, read as the training pipeline reads them.

    Args:
        run: As `predictor` takes it.
        images: The image files.
        reject: Below this probability the class is "other".
        runners_up: How many of the next likely classes are returned.

    Raises:
        ValueError, OSError: If the run or an image cannot be used.
    """
    for prediction in predictor(run).classes(images, reject, runners_up):
        if isinstance(prediction, Refused):
            raise ValueError(prediction.problem)
        yield prediction


def predict_targets(run: Path, images: Sequence[Path]) -> Iterator[TargetPrediction]:
    """Yield the prediction for each image file where a run predicts no classes; see `predict_classes`."""
    for prediction in predictor(run).targets(images):
        if isinstance(prediction, Refused):
            raise ValueError(prediction.problem)
        yield prediction


def likeness_of_run(run: Path) -> Likeness | None:
    """Return what the training images of a run look like; None where it keeps nothing of it, or what cannot be read."""
    directory = run if run.is_dir() else run.parent
    if not (run.is_dir() or run.name == MODEL) or not run_directory.is_completed(directory):
        return None
    ranges = run_directory.likeness(run_directory.read_run(directory, needs=()))
    return None if ranges is None else likeness_from_json(ranges)


def task_of_run(run: Path) -> Task:
    """Return what the model of a run directory, or of a .keras file, predicts."""
    if run.is_dir():
        return task_named(run_directory.task_of(run_directory.read_run(run, needs=()).record))
    return task_named(task_of(run_directory.whole_model(run)))


def trained(run: Path) -> tuple[keras.Model, tuple[str, ...]]:
    """Load the model of a completed run directory, or of a .keras file of this suite, with its class names."""
    return load_model(run_directory.whole_model(run))


def reader_of(run: Path, model: keras.Model) -> Read:
    """Return a function that reads an image file as the model takes it, pixels uint8 (h, w, c)."""
    *size, channels = model.inputs[0].shape[1:]
    if channels not in (1, 3):
        raise ValueError(
            f"{run} was trained on images of {channels} channels, which image files have not: expected 1 or 3"
        )
    levels = levels_of(run)
    image_size = None if None in size else (size[0], size[1])

    def read(path: Path) -> DecodedImage:
        if channels == 3 and path.suffix.lower() in (".jpg", ".jpeg") and path.is_file():
            plain = decode_plain_jpeg(read_image_file(path), image_size)
            if plain is not None:
                return plain
        return read_decoded(path, image_size, channels, levels)

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
