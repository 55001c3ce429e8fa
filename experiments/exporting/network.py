"""The network that is exported: raw pixels in, probabilities out, in float32, whatever it was trained with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import keras

from keras_suite.experiments.inspecting.predict import task_of_run, trained

INPUT, OUTPUT = "images", "probabilities"  # as the exported files name them


@dataclass(frozen=True)
class Classifier:
    """A run's network, and what it takes and answers.

    Attributes:
        run: The run directory.
        model: Images float32 0..255 (b, h, w, c) to logits (b, classes), computed in float32.
        as_trained: The same in the precision that it was trained in.
        class_names: One for each logit.
        shape: (h, w, c) of an image.
    """

    run: Path
    model: keras.Model
    as_trained: keras.Model
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
    as_trained, class_names = trained(directory)
    model = as_trained
    if any(layer.dtype_policy.name != "float32" for layer in model._flatten_layers()):
        model, _ = trained(directory)
        for layer in model._flatten_layers():
            layer.dtype_policy = "float32"
    return Classifier(directory, model, as_trained, class_names, shape)


def refuse_other_tasks(directory: Path) -> None:
    """Raise ValueError unless a run predicts classes."""
    task = task_of_run(directory)
    if not task.predicts_classes:
        raise ValueError(f"{directory} predicts {task.target}, and only classifiers are exported: give one")
