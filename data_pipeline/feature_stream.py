"""Batches of cached features, in the order in which `training_stream` would show the images themselves.

Features come as views: pairs (array (N, ...) float32, rows int64 (n,)), image i of n having the features
`array[rows[i]]`. A view is one augmented copy of all images; an epoch shows one of each image's copies, sampled by
(seed, epoch, image).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline import pipeline
from keras_suite.data_pipeline.numpy_calls import numpy_call
from keras_suite.data_pipeline.pipeline import array_reader, gatherer, ordered_batches, shuffled_stream
from keras_suite.data_pipeline.sampling import random_integers
from keras_suite.data_pipeline.targets import Targets

View = tuple[np.ndarray, np.ndarray]
Read = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # views (b,) and indices (b,), int64 -> features (b, ...)

_VIEW = 6  # purpose of a random number, part of its key


def feature_stream(
    views: Sequence[View],
    targets: Targets,
    indices: np.ndarray,
    *,
    batch_size: int,
    seed: int,
    start_epoch: int = 0,
    start_step: int = 0,
    order: pipeline.Order | None = None,
) -> tf.data.Dataset:
    """Return endless batches of features, shuffled anew each epoch.

    Takes what `training_stream` takes, with `views` of all images for the images.

    Returns:
        A dataset of features, float32 (b, ...), and targets, float32 (b, ...), in the epochs, steps and order of
        `training_stream` with the same seed.

    Raises:
        ValueError: If an image has no features.
    """
    source, read = _reader(views, indices)
    target_of, count = targets.tensors(gatherer), len(views)

    def sample(epoch: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return sample_views(count, seed, int(epoch), rows)

    def batch(rows: tf.Tensor, epoch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if count == 1:
            sampled = tf.zeros_like(rows)
        else:
            sampled = tf.ensure_shape(numpy_call(sample, [epoch, rows], tf.int64), [None])
        return read(sampled, rows), target_of(None, rows)

    return shuffled_stream(
        batch,
        indices,
        batch_size=batch_size,
        seed=seed,
        start_epoch=start_epoch,
        start_step=start_step,
        order=order,
        keep_alive=(source, order),
    )


def feature_batches(view: View, targets: Targets, indices: np.ndarray, *, batch_size: int) -> tf.data.Dataset:
    """Return batches of the features of the images at `indices`, in that order, once, else as `feature_stream` does."""
    source, read = _reader([view], indices)
    target_of = targets.tensors(gatherer)
    return ordered_batches(
        lambda rows: (read(tf.zeros_like(rows), rows), target_of(None, rows)),
        indices,
        batch_size=batch_size,
        keep_alive=source,
    )


def sample_views(views: int, seed: int, epoch: int, indices: np.ndarray) -> np.ndarray:
    """Sample which of so many views the images at `indices` (b,) show in an epoch, int64 (b,)."""
    return random_integers(views, _VIEW, seed, epoch, indices)


@dataclass(frozen=True)
class _Views:
    """The arrays and rows that a stream reads from."""

    arrays: tuple[np.ndarray, ...]
    rows: np.ndarray  # int64 (views, n)

    def features(self, sampled: np.ndarray, indices: np.ndarray) -> np.ndarray:
        """Return the features of the images at `indices` (b,), each from its view of `sampled` (b,)."""
        result = np.empty((len(indices), *self.arrays[0].shape[1:]), np.float32)
        for number in np.unique(sampled):
            these = sampled == number
            result[these] = np.take(self.arrays[number], self.rows[number, indices[these]], axis=0)
        return result


def _reader(views: Sequence[View], indices: np.ndarray) -> tuple[object, Read]:
    """Return what must be kept alive, and a function that reads features: of small arrays from a copy in TensorFlow."""
    source = _Views(tuple(array for array, _ in views), np.stack([rows for _, rows in views]))
    absent = int((source.rows[:, indices] < 0).any(axis=0).sum())
    if absent:
        raise ValueError(f"{absent:,} of {len(indices):,} images have no features: expected rows for all of them")
    shape = source.arrays[0].shape[1:]
    if len(views) * len(indices) * 4 * np.prod(shape) > pipeline.COPIED_BYTES:
        read = array_reader(source, _Views.features, tf.float32)
        return source, lambda sampled, at: tf.ensure_shape(read(sampled, at), (None, *shape))

    copied = tf.constant(np.concatenate([np.take(array, rows[indices], axis=0) for array, rows in views]))
    position = np.zeros(source.rows.shape[1], np.int64)
    position[indices] = np.arange(len(indices))
    positions = tf.constant(position)
    return None, lambda sampled, at: tf.gather(copied, sampled * len(indices) + tf.gather(positions, at))
