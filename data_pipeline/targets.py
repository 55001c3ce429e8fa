"""The targets of a dataset's images as the tensors that a loss and a network take.

task        target array                                    tensor of a batch
classes     labels int64 (n,)                               one-hot float32 (b, classes)
angle       float32 (n, 1), radians                         float32 (b, 1)
direction   float32 (n, 2), unit vectors, x right, y up     float32 (b, 2)
image       none: the image itself                          float32 (b, h, w, c), 0..1
mask        uint8 (n, h, w), the class of each pixel        one-hot float32 (b, h, w, classes)
caption     int64 (n, T): the start word 0, the sentence,   one-hot float32 (b, T-1, words) of the words from the
            the end word 1, then -1                         second on, all zeros for -1; the words before each are
                                                            a second input (b, T-1), 0 for -1
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.tasks import task_named
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import Task

Gather = Callable[[tf.Tensor], tf.Tensor]  # int64 indices (b,) -> one row each


@dataclass(frozen=True)
class Targets:
    """The targets of some images.

    Attributes:
        task: What is predicted.
        array: As in the table above, (n, ...); (n, 0) where the target is the image itself.
        output_shape: The shape of a network's output for an image. Its last number is that of the
            classes, numbers, channels or words.
    """

    task: Task
    array: np.ndarray
    output_shape: tuple[int, ...]

    @property
    def outputs(self) -> int:
        """How many outputs a network's builder is to create."""
        return self.output_shape[-1]

    def tensors(self, gatherer: Callable[[np.ndarray], Gather]) -> Callable[[tf.Tensor | None, tf.Tensor], tf.Tensor]:
        """Return a function from a batch's pixels 0..255 and indices to its target tensor.

        Args:
            gatherer: Makes of an array a function from indices to rows.
        """
        if self.task.source == "pixels":
            return lambda pixels, indices: tf.cast(pixels, tf.float32) / 255
        gather = gatherer(self.array)
        if not self.task.one_hot:
            return lambda pixels, indices: gather(indices)
        first = 1 if self.task.teacher_forcing else 0
        return lambda pixels, indices: tf.one_hot(_from(gather(indices), first), self.outputs, dtype=tf.float32)

    def inputs(self, gatherer: Callable[[np.ndarray], Gather]) -> Callable[[tf.Tensor, tf.Tensor], Any]:
        """Return a function from a batch's pixels and indices to the inputs of a network."""
        if not self.task.teacher_forcing:
            return lambda pixels, indices: pixels
        gather = gatherer(self.array)
        return lambda pixels, indices: (pixels, tf.maximum(gather(indices)[:, :-1], 0))


def _from(numbers: tf.Tensor, first: int) -> tf.Tensor:
    numbers = tf.cast(numbers, tf.int64)
    return numbers[:, first:] if first else numbers


def class_targets(labels: np.ndarray, classes: int) -> Targets:
    """Return labels (n,) as targets."""
    return Targets(CLASSES, np.asarray(labels, np.int64), (classes,))


def targets_of(dataset: Dataset) -> Targets:
    """Return the targets of the images that train and validate."""
    return _targets(dataset, dataset.labels, dataset.targets)


def targets_to_test(dataset: Dataset, test: np.ndarray | None = None) -> Targets:
    """Return the targets of the test images, or of the images with the indices `test` that a fold holds out.

    Where a test image has several true answers, the first of them counts here.
    """
    if test is not None:
        return _targets(dataset, dataset.labels[test], None if dataset.targets is None else dataset.targets[test])
    array = dataset.test_targets
    if task_named(dataset.task).teacher_forcing and array is not None and array.ndim == 3:
        array = array[:, 0]
    return _targets(dataset, dataset.test_labels, array)


def _targets(dataset: Dataset, labels: np.ndarray, targets: np.ndarray | None) -> Targets:
    task = task_named(dataset.task)
    array = {"labels": np.asarray(labels, np.int64), "pixels": np.empty((len(labels), 0))}.get(task.source, targets)
    assert array is not None
    names = dataset.class_names if task.predicts_classes else dataset.target_names
    return Targets(task, array, task.output_shape(dataset.image_shape, tuple(map(int, array.shape)), names))
