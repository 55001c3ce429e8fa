"""The network that is exported: raw pixels in, probabilities out, in float32, whatever it was trained with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import keras
import numpy as np

from keras_suite.experiments.inspecting.predict import task_of_run, trained
from keras_suite.models.layers.core import ManualBatchNormalization

INPUT, OUTPUT = "images", "probabilities"  # as the exported files name them


@dataclass(frozen=True)
class Classifier:
    """A run's network, and what it takes and answers.

    Attributes:
        run: The run directory.
        model: Images float32 0..255 (b, h, w, c) to logits (b, classes).
        class_names: One for each logit.
        shape: (h, w, c) of an image.
    """

    run: Path
    model: keras.Model
    class_names: tuple[str, ...]
    shape: tuple[int, int, int]

    def on_pixels(self, dtype: Literal["uint8", "float32"]) -> keras.Model:
        """Return a model from pixels 0..255 of this type to probabilities float32."""
        images = keras.Input(self.shape, dtype=dtype, name=INPUT)
        logits = self.model(keras.ops.cast(images, "float32"), training=False)
        probabilities = keras.ops.softmax(keras.ops.cast(logits, "float32"), axis=-1)
        return keras.Model(images, {OUTPUT: probabilities}, name="exported")


def classifier_of(directory: Path, shape: tuple[int, int, int]) -> Classifier:
    """Load the network of a completed run to export it.

    Args:
        directory: The run directory.
        shape: (h, w, c) of its images.

    Raises:
        ValueError, OSError: If it is no classifier, or its model cannot be loaded.
    """
    model, class_names = trained(directory)
    return Classifier(directory, model, class_names, shape)


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


def refuse_other_tasks(directory: Path, what: str = "are exported") -> None:
    """Raise ValueError unless a run predicts classes; `what` classifiers alone do, or is done with them."""
    task = task_of_run(directory)
    if not task.predicts_classes:
        raise ValueError(f"{directory} predicts {task.target}, and only classifiers {what}: give one")
