"""The one tf.data pipeline: keyed index -> gather a batch -> augment the batch -> prefetch.

A training batch is a pure function of (seed, epoch, step): nothing depends on how often an iterator was asked, on the
number of threads, or on where the stream was started.
"""

import math
import weakref
from collections.abc import Callable
from typing import Protocol

import numpy as np
import tensorflow as tf

from data_pipeline.numpy_calls import numpy_call

# Arrays up to this size are copied into TensorFlow, which gathers faster; larger ones are read where they are.
COPIED_BYTES = 64 * 2**20
BATCHES_AHEAD = 4  # ready batches that wait for the model; a fixed number bounds the memory

Gather = Callable[[tf.Tensor], tf.Tensor]  # int64 index (b,) -> one row each


class BatchAugmentation(Protocol):
    """Changes a batch of images on the way to the model; see `data_pipeline.augmentation.standard`."""

    def __call__(
        self, images: tf.Tensor, labels: tf.Tensor, seed: int, epoch: tf.Tensor, index: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]: ...


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Batches an epoch of `count` images has: the last one is smaller, no image is left out or shown twice."""
    return math.ceil(count / batch_size)


def training_stream(
    images: np.ndarray,
    labels: np.ndarray,
    indices: np.ndarray,
    *,
    classes: int,
    batch_size: int,
    seed: int,
    start_epoch: int = 0,
    augment: BatchAugmentation | None = None,
    num_parallel_calls: int = tf.data.AUTOTUNE,
) -> tf.data.Dataset:
    """Endless batches (float32 images 0..255 (b, h, w, c), float32 one-hot labels (b, classes)), shuffled each epoch.

    `images` (n, h, w, c) uint8, in memory or memory-mapped, and `labels` (n,) are drawn from at `indices`. Each epoch
    has `steps_per_epoch(len(indices), batch_size)` batches and shows every index once; the last batch holds what is
    left. Starting at `start_epoch` gives the same batches as skipping that many epochs. `num_parallel_calls` changes
    the speed only.
    """
    count, steps = len(indices), steps_per_epoch(len(indices), batch_size)
    chosen = tf.constant(np.asarray(indices, np.int64))
    gather = _gatherer(images)
    one_hot = _one_hot(labels, classes)

    @tf.autograph.experimental.do_not_convert
    def batch(global_step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        epoch, step = global_step // steps, global_step % steps
        positions = tf.range(step * batch_size, tf.minimum((step + 1) * batch_size, count))
        index = tf.gather(chosen, shuffled(positions, count, seed, epoch))
        pixels, targets = gather(index), one_hot(index)
        if augment is not None:
            pixels, targets = augment(pixels, targets, seed, epoch, index)
        return tf.cast(pixels, tf.float32), targets

    counter = tf.data.Dataset.counter(start=start_epoch * steps)
    return _mapped(counter, batch, images, num_parallel_calls)


def evaluation_batches(
    images: np.ndarray, labels: np.ndarray, indices: np.ndarray, *, classes: int, batch_size: int
) -> tf.data.Dataset:
    """The images at `indices`, in that order and unchanged, once; same types and shapes as `training_stream`."""
    chosen = tf.constant(np.asarray(indices, np.int64))
    gather, one_hot = _gatherer(images), _one_hot(labels, classes)

    @tf.autograph.experimental.do_not_convert
    def batch(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        index = chosen[step * batch_size : (step + 1) * batch_size]
        return tf.cast(gather(index), tf.float32), one_hot(index)

    steps = tf.data.Dataset.range(steps_per_epoch(len(indices), batch_size))
    return _mapped(steps, batch, images, tf.data.AUTOTUNE)


def _mapped(
    steps: tf.data.Dataset,
    batch: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
    images: np.ndarray,
    num_parallel_calls: int,
) -> tf.data.Dataset:
    batches = steps.map(batch, num_parallel_calls=num_parallel_calls, deterministic=True)
    batches.images_held = images  # as long as the dataset or an iterator of it lives; see _gatherer
    return batches.prefetch(BATCHES_AHEAD)


def shuffled(positions: tf.Tensor, count: int, seed: int, epoch: tf.Tensor) -> tf.Tensor:
    """Where the epoch's permutation of 0..count-1 sends `positions` (int64): a true global shuffle, never stored.

    `index_shuffle` looks at the last 8 bits of its two seed numbers only (TensorFlow 2.21, tried up to 200,000
    positions: seed 257 shuffles as seed 1 does), and neighbouring seeds give related orders. So both numbers are Philox
    outputs, and two shuffles are chained: 2^32 orders instead of 2^16.
    """
    keys = tf.random.stateless_uniform(
        [2, 2], tf.stack([tf.constant(seed, tf.int64), epoch]), None, None, tf.uint32, alg="philox"
    )
    last = tf.constant(count - 1, tf.int64)
    once = tf.random.experimental.index_shuffle(positions, keys[0], last)
    return tf.random.experimental.index_shuffle(once, keys[1], last)


def _gatherer(images: np.ndarray) -> Gather:
    """A function from int64 index (b,) to the images (b, ...) in their own type."""
    if images.nbytes <= COPIED_BYTES:
        held = tf.constant(images)
        return lambda index: tf.gather(held, index)

    # TensorFlow never frees a Python function that a graph calls, so the function must not keep the images alive.
    weakly, pixel_type, shape = weakref.ref(images), images.dtype, images.shape[1:]

    def rows_of_images(rows: np.ndarray) -> np.ndarray:
        held = weakly()
        if held is None:
            raise StopIteration  # TensorFlow ends the stream, quietly: nobody reads on
        return np.take(held, rows, axis=0)

    def gather(index: tf.Tensor) -> tf.Tensor:
        return tf.ensure_shape(numpy_call(rows_of_images, [index], pixel_type), (None, *shape))

    return gather


def _one_hot(labels: np.ndarray, classes: int) -> Gather:
    held = tf.constant(np.asarray(labels, np.int64))
    return lambda index: tf.one_hot(tf.gather(held, index), classes, dtype=tf.float32)
