"""The network that is exported: raw pixels in, probabilities or values out, in float32, whatever trained it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import keras
import numpy as np

from keras_suite.experiments.inspecting.predict import task_of_run, trained
from keras_suite.models.layers.core import ManualBatchNormalization
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import Task

INPUT, OUTPUT, VALUES = "images", "probabilities", "values"  # as the exported files name them


@dataclass(frozen=True)
class Classifier:
    """A run's network, and what it takes and answers.

    Attributes:
        run: The run directory.
        model: Images float32 0..255 (b, h, w, c) to outputs, as logits (b, classes).
        class_names: One for each output.
        shape: (h, w, c) of an image.
        task: What is predicted.
    """

    run: Path
    model: keras.Model
    class_names: tuple[str, ...]
    shape: tuple[int, int, int]
    task: Task = CLASSES

    @property
    def output(self) -> str:
        """The name of what the exported file answers."""
        return OUTPUT if self.task.one_hot else VALUES

    def on_pixels(self, dtype: Literal["uint8", "float32"]) -> keras.Model:
        """Return a model from pixels 0..255 of this type to probabilities, or other outputs, float32."""
        images = keras.Input(self.shape, dtype=dtype, name=INPUT)
        outputs = keras.ops.cast(self.model(keras.ops.cast(images, "float32"), training=False), "float32")
        answered = keras.ops.softmax(outputs, axis=-1) if self.task.one_hot else outputs
        return keras.Model(images, {self.output: answered}, name="exported")


def classifier_of(directory: Path, shape: tuple[int, int, int]) -> Classifier:
    """Load the network of a completed run to export it.

    Args:
        directory: The run directory.
        shape: (h, w, c) of its images.

    Raises:
        ValueError, OSError: If its model cannot be loaded.
    """
    model, class_names = trained(directory)
    return Classifier(directory, model, class_names, shape, task_of_run(directory))


def prepare(model: keras.Model) -> None:
    """Bring a network to the form that is exported, in place: it computes the same up to rounding, in float32."""
    for layer in model._flatten_layers():
        if layer.dtype_policy.name != "float32":
            layer.dtype_policy = "float32"
        if isinstance(layer, ManualBatchNormalization) and layer.center and layer.scale:
            _fold(layer)


def _fold(layer: ManualBatchNormalization) -> None:
    """Fold the moving statistics into gamma and beta, so that int8 rounds a product and a sum, not four steps.

    What is left is gamma (x - 0) / 1 + beta.
    """
    gamma, beta, mean, variance = (np.asarray(weight, np.float64) for weight in layer.get_weights())
    folded = gamma / np.sqrt(variance + layer.epsilon)
    layer.set_weights([folded, beta - mean * folded, np.zeros_like(mean), np.full_like(mean, 1 - layer.epsilon)])


def refuse_sentences(directory: Path) -> None:
    """Raise ValueError if a run's network answers word by word, of which a file that is asked once knows nothing."""
    task = task_of_run(directory)
    if task.teacher_forcing:
        raise ValueError(f"{directory} predicts {task.target}, word after word, which no exported file does")


def refuse_other_tasks(directory: Path, what: str = "are exported") -> None:
    """Raise ValueError unless a run predicts classes; `what` classifiers alone do, or is done with them."""
    task = task_of_run(directory)
    if not task.predicts_classes:
        raise ValueError(f"{directory} predicts {task.target}, and only classifiers {what}: give one")
