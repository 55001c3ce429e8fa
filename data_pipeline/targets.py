"""What a network is asked to give for each image, as tensors: its class, or the target of another task.

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

from keras_suite.data_pipeline.dataset import Dataset, Task

Gather = Callable[[tf.Tensor], tf.Tensor]  # int64 index (b,) -> one row each


@dataclass(frozen=True)
class Targets:
    """The targets of some images: `array` as above, empty for the task "image", and the shape of a network's output.

    The last number of `output_shape` is how many classes, numbers, channels or words it tells apart.
    """

    task: Task
    array: np.ndarray
    output_shape: tuple[int, ...]

    @property
    def outputs(self) -> int:
        """What a network's builder is given as its number of classes."""
        return self.output_shape[-1]

    def wanted(self, gatherer: Callable[[np.ndarray], Gather]) -> Callable[[tf.Tensor | None, tf.Tensor], tf.Tensor]:
        """A function from a batch's pixels 0..255 and index to its target tensor; `gatherer` reads the array."""
        if self.task == "image":
            return lambda pixels, index: tf.cast(pixels, tf.float32) / 255
        gather = gatherer(self.array)
        if self.task in ("angle", "direction"):
            return lambda pixels, index: gather(index)
        first = 1 if self.task == "caption" else 0
        return lambda pixels, index: tf.one_hot(_from(gather(index), first), self.outputs, dtype=tf.float32)

    def inputs(self, gatherer: Callable[[np.ndarray], Gather]) -> Callable[[tf.Tensor, tf.Tensor], Any]:
        """A function from a batch's pixels and index to what the network is called with."""
        if self.task != "caption":
            return lambda pixels, index: pixels
        gather = gatherer(self.array)
        return lambda pixels, index: (pixels, tf.maximum(gather(index)[:, :-1], 0))


def _from(numbers: tf.Tensor, first: int) -> tf.Tensor:
    numbers = tf.cast(numbers, tf.int64)
    return numbers[:, first:] if first else numbers


def class_targets(labels: np.ndarray, classes: int) -> Targets:
    """Labels (n,) as targets."""
    return Targets("classes", np.asarray(labels, np.int64), (classes,))


def targets_of(dataset: Dataset) -> Targets:
    """The targets of the images that train and validate."""
    return _targets(dataset, dataset.labels, dataset.targets)


def targets_to_test(dataset: Dataset, test: np.ndarray | None = None) -> Targets:
    """The targets of the test images, or of the images `test` that a fold holds out.

    Of captions there may be several true ones, the array being (n, R, T): the first of them counts here.
    """
    if test is not None:
        return _targets(dataset, dataset.labels[test], None if dataset.targets is None else dataset.targets[test])
    array = dataset.test_targets
    if dataset.task == "caption" and array is not None and array.ndim == 3:
        array = array[:, 0]
    return _targets(dataset, dataset.test_labels, array)


def _targets(dataset: Dataset, labels: np.ndarray, array: np.ndarray | None) -> Targets:
    if dataset.task == "classes":
        return class_targets(labels, len(dataset.class_names))
    if dataset.task == "image":
        return Targets("image", np.empty((len(labels), 0)), dataset.image_shape)
    assert array is not None
    if dataset.task in ("angle", "direction"):
        return Targets(dataset.task, array, (int(array.shape[1]),))
    if dataset.task == "mask":
        return Targets("mask", array, (*map(int, array.shape[1:]), len(dataset.target_names)))
    return Targets("caption", array, (int(array.shape[1]) - 1, len(dataset.target_names)))
