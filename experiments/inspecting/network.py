"""The network of a run, or of any .keras file, as it is looked into: images in, logits out, classes by name."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_suite.experiments.inspecting.predict import task_of_run, trained
from keras_suite.models.saving import CLASS_NAMES, load_keras
from keras_suite.tasks.classes import softmax
from keras_suite.tasks.wording.near_names import unknown

BATCH = 16  # images at a time: the widest maps of 16 photographs of 224 pixels in VGG16 take 200 MB


@dataclass(frozen=True)
class Network:
    """A model from images (B, H, W, C), float32 0..255, to logits (B, classes), and the names of its classes."""

    model: keras.Model
    class_names: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int] | None:
        """(height, width) of the images; None where the model leaves it open."""
        height, width = self.model.inputs[0].shape[1:3]
        return None if None in (height, width) else (height, width)

    @property
    def channels(self) -> int:
        return int(self.model.inputs[0].shape[-1])

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """float32 (n, classes) of images (n, H, W, C), a few at a time."""
        parts = [np.asarray(images[k : k + BATCH], np.float32) for k in range(0, len(images), BATCH)]
        return softmax(np.concatenate([np.asarray(self.model(part, training=False), np.float32) for part in parts]))

    def class_index(self, name: str) -> int:
        """The number of the class `name`; ValueError with the nearest known name."""
        if name not in self.class_names:
            raise ValueError(unknown("class", name, self.class_names))
        return self.class_names.index(name)


def load_network(run: Path) -> Network:
    """The network of a completed run, or of a .keras file; a foreign file's classes are called by their numbers.

    A softmax at its end is taken off: Grad-CAM asks for the score before it, whose gradient does not vanish where the
    network is sure. ValueError or OSError says what is wrong with the run, or with the shape of the model.
    """
    task = task_of_run(run)
    if not task.predicts_classes:
        raise ValueError(f"{run} holds a model that predicts {task.target}: give one that tells classes apart")
    if run.is_dir() or _has_class_names(run):
        model, class_names = trained(run)
    else:
        model, class_names = load_keras(run), ()
    shapes = [tuple(tensor.shape) for tensor in (*_tensors(model, "inputs"), *_tensors(model, "outputs"))]
    if [len(shape) for shape in shapes] != [4, 2] or shapes[0][-1] not in (1, 3):
        raise ValueError(
            f"{run} holds a model that cannot be looked into: expected a graph of layers from grey or RGB images "
            "(B, H, W, C) to an output for each class (B, classes)"
        )
    classes = int(shapes[1][-1])
    if classes < 2:
        raise ValueError(f"{run} holds a model with a single output: expected one for each class, with a softmax")
    return Network(_without_softmax(model), class_names or tuple(map(str, range(classes))))


def _has_class_names(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return True  # let `trained` say what is wrong with it
    with zipfile.ZipFile(path) as archive:
        return CLASS_NAMES in archive.namelist() and bool(json.loads(archive.read(CLASS_NAMES)))


def _tensors(model: Any, name: str) -> list[Any]:
    try:
        return list(getattr(model, name) or ())
    except AttributeError:  # a class of the user's own, or layers that have never seen an input
        return []


def _without_softmax(model: keras.Model) -> keras.Model:
    """The model up to the scores that its last layer turns into probabilities; as it is where none does."""
    last = model
    while isinstance(last, keras.Model):  # a head that is itself a model
        graph = last
        last = _tensors(graph, "outputs")[0]._keras_history.operation
    if isinstance(last, layers.Softmax) and graph is model:
        return keras.Model(model.inputs, last.input)
    if getattr(last, "activation", None) is keras.activations.softmax:
        last.activation = keras.activations.linear
    return model
