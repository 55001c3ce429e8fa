"""Epochs that show each class as often, whatever its number of images.

Like the shuffle of `pipeline.py`, which image stands at which place of an epoch is a function of (seed, epoch) alone:
the same after a resume, and however many threads ask.
"""

import functools

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.pipeline import array_reader
from keras_suite.data_pipeline.sampling import random_bits

_WITHIN, _PLACES, _FIRST = 1, 2, 3  # what random numbers are for
_SAMPLING = 7  # part of their keys


class BalancedOrder:
    """Which images an epoch shows at which positions, for `training_stream`.

    Args:
        labels: The class of each image, (n,).
        indices: Which of the images train, int64 (m,).
        seed: The run's seed.
    """

    def __init__(self, labels: np.ndarray, indices: np.ndarray, seed: int) -> None:
        self._epoch = functools.lru_cache(maxsize=2)(functools.partial(balanced_epoch, labels, indices, seed))
        self._read = array_reader(self, BalancedOrder.rows, tf.int64)

    def __call__(self, positions: tf.Tensor, epoch: tf.Tensor) -> tf.Tensor:
        """Return the images, int64 (b,), at positions int64 (b,) of an epoch, int64 ()."""
        return tf.ensure_shape(self._read(positions, epoch), [None])

    def rows(self, positions: np.ndarray, epoch: np.ndarray) -> np.ndarray:
        """Return the same of arrays."""
        return self._epoch(int(epoch))[positions]


def balanced_epoch(labels: np.ndarray, indices: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Return the images of an epoch, in order, int64 (m,): each class as often, give or take one.

    A class is gone through in a random order, and again in another one until it was shown often enough: no image is
    shown a second time before all of its class were.

    Args:
        labels: The class of each image, (n,).
        indices: Which of the images train, int64 (m,).
        seed: The run's seed.
        epoch: From 0.
    """
    of_chosen = labels[indices]
    classes = np.unique(of_chosen)
    first = classes[np.argsort(random_bits(seed, _SAMPLING, _FIRST, epoch, classes), kind="stable")]
    least, more = divmod(len(indices), len(classes))
    shown = []
    for rank, label in enumerate(first):
        members = indices[of_chosen == label]
        wanted = least + (rank < more)  # the classes that are shown once more are others in each epoch
        for again in range(-(-wanted // len(members))):
            order = np.argsort(random_bits(seed, _SAMPLING, _WITHIN, epoch, again, members), kind="stable")
            shown.append(members[order[: wanted - again * len(members)]])
    everything = np.concatenate(shown)
    places = random_bits(seed, _SAMPLING, _PLACES, epoch, np.arange(len(everything)))
    return everything[np.argsort(places, kind="stable")].astype(np.int64)
