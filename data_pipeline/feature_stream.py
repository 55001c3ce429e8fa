"""Batches of cached features, in the order in which `training_stream` would show the images themselves.

Features come as views: pairs (array (N, ...) float32, rows int64 (n,)), image i of n having the features
`array[rows[i]]`. A view is one augmented copy of all images; an epoch shows one of each image's copies, drawn by
(seed, epoch, image).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline import pipeline
from keras_suite.data_pipeline.numpy_calls import numpy_call
from keras_suite.data_pipeline.pipeline import gatherer, ordered_batches, reading, shuffled_stream
from keras_suite.data_pipeline.sampling import random_bits
from keras_suite.data_pipeline.targets import Targets

View = tuple[np.ndarray, np.ndarray]
Read = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # number of the view (b,), index (b,), both int64 -> features

_VIEW = 6  # what a draw is for; part of its key


def feature_stream(
    views: Sequence[View],
    targets: Targets,
    indices: np.ndarray,
    *,
    batch_size: int,
    seed: int,
    start_epoch: int = 0,
) -> tf.data.Dataset:
    """Return endless batches (float32 features (b, ...), float32 targets (b, ...)), shuffled each epoch.

    `targets` and the rows of each view are drawn from at `indices`. Epochs, steps and order are those of
    `training_stream` with the same seed.
    """
    held, read = _reader(views, indices)
    wanted, count = targets.wanted(gatherer), len(views)

    def draw(epoch: np.ndarray, index: np.ndarray) -> np.ndarray:
        return drawn_views(count, seed, int(epoch), index)

    def batch(index: tf.Tensor, epoch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if count == 1:
            drawn = tf.zeros_like(index)
        else:
            drawn = tf.ensure_shape(numpy_call(draw, [epoch, index], tf.int64), [None])
        return read(drawn, index), wanted(None, index)

    return shuffled_stream(batch, indices, batch_size=batch_size, seed=seed, start_epoch=start_epoch, held=held)


def feature_batches(view: View, targets: Targets, indices: np.ndarray, *, batch_size: int) -> tf.data.Dataset:
    """Return the features of the images at `indices`, in that order, once, as `feature_stream` does."""
    held, read = _reader([view], indices)
    wanted = targets.wanted(gatherer)
    return ordered_batches(
        lambda index: (read(tf.zeros_like(index), index), wanted(None, index)),
        indices,
        batch_size=batch_size,
        held=held,
    )


def drawn_views(views: int, seed: int, epoch: int, index: np.ndarray) -> np.ndarray:
    """Return which of so many views the images `index` (b,) show in an epoch, int64 (b,)."""
    return (random_bits(_VIEW, seed, epoch, index) % np.uint64(views)).astype(np.int64)


@dataclass(frozen=True)
class _Views:
    """The arrays and rows that a stream reads from."""

    arrays: tuple[np.ndarray, ...]
    rows: np.ndarray  # int64 (views, n)

    def features(self, drawn: np.ndarray, index: np.ndarray) -> np.ndarray:
        result = np.empty((len(index), *self.arrays[0].shape[1:]), np.float32)
        for number in np.unique(drawn):
            these = drawn == number
            result[these] = np.take(self.arrays[number], self.rows[number, index[these]], axis=0)
        return result


def _reader(views: Sequence[View], indices: np.ndarray) -> tuple[object, Read]:
    """What must be held, and the function that reads features from it: copied into TensorFlow where they are small."""
    held = _Views(tuple(array for array, _ in views), np.stack([rows for _, rows in views]))
    absent = int((held.rows[:, indices] < 0).any(axis=0).sum())
    if absent:
        raise ValueError(f"{absent:,} of {len(indices):,} images have no features: expected rows for all of them")
    shape = held.arrays[0].shape[1:]
    if len(views) * len(indices) * 4 * np.prod(shape) > pipeline.COPIED_BYTES:
        read = reading(held, _Views.features, tf.float32)
        return held, lambda drawn, index: tf.ensure_shape(read(drawn, index), (None, *shape))

    copied = tf.constant(np.concatenate([np.take(array, rows[indices], axis=0) for array, rows in views]))
    position = np.zeros(held.rows.shape[1], np.int64)
    position[indices] = np.arange(len(indices))
    positions = tf.constant(position)
    return None, lambda drawn, index: tf.gather(copied, drawn * len(indices) + tf.gather(positions, index))
