"""The one tf.data pipeline: keyed index -> gather a batch -> augment the batch -> prefetch.

A training batch is a pure function of (seed, epoch, step): nothing depends on how often an iterator was asked, on the
number of threads, or on where the stream was started.
"""

import math
import weakref
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.numpy_calls import numpy_call
from keras_suite.data_pipeline.targets import Gather, Targets

# Arrays up to this size are copied into TensorFlow, which gathers faster; larger ones are read where they are.
COPIED_BYTES = 64 * 2**20
BATCHES_AHEAD = 4  # ready batches that wait for the model; a fixed number bounds the memory


class BatchAugmentation(Protocol):
    """Changes a batch of images on the way to the model; see `data_pipeline/augmentation/standard.py`."""

    def __call__(
        self, images: tf.Tensor, labels: tf.Tensor, seed: int, epoch: tf.Tensor, index: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]: ...


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Return how many batches an epoch of `count` images has: the last is smaller, no image is left out or repeated."""
    return math.ceil(count / batch_size)


def training_stream(
    images: np.ndarray,
    targets: Targets,
    indices: np.ndarray,
    *,
    batch_size: int,
    seed: int,
    start_epoch: int = 0,
    augment: BatchAugmentation | None = None,
    num_parallel_calls: int = tf.data.AUTOTUNE,
) -> tf.data.Dataset:
    """Return endless batches (float32 images 0..255 (b, h, w, c), float32 targets (b, ...)), shuffled each epoch.

    `images` (n, h, w, c) uint8, in memory or memory-mapped, and `targets` of as many are drawn from at `indices`; see
    `data_pipeline/targets.py` for the targets' shapes, and for captions, which have a second input. Each epoch has
    `steps_per_epoch(len(indices), batch_size)` batches and shows every index once; the last batch holds what is left.
    Starting at `start_epoch` gives the same batches as skipping that many epochs. `num_parallel_calls` changes the
    speed only.
    """
    gather, wanted, inputs = gatherer(images), targets.wanted(gatherer), targets.inputs(gatherer)

    def batch(index: tf.Tensor, epoch: tf.Tensor) -> tuple[Any, tf.Tensor]:
        pixels = gather(index)
        target = wanted(pixels, index)
        if augment is not None:
            pixels, target = augment(pixels, target, seed, epoch, index)
        return inputs(tf.cast(pixels, tf.float32), index), target

    return shuffled_stream(
        batch,
        indices,
        batch_size=batch_size,
        seed=seed,
        start_epoch=start_epoch,
        held=(images, targets.array),
        num_parallel_calls=num_parallel_calls,
    )


def evaluation_batches(
    images: np.ndarray, targets: Targets, indices: np.ndarray, *, batch_size: int
) -> tf.data.Dataset:
    """Return the images at `indices`, in that order and unchanged, once; same types and shapes as `training_stream`."""
    gather, wanted, inputs = gatherer(images), targets.wanted(gatherer), targets.inputs(gatherer)

    def batch(index: tf.Tensor) -> tuple[Any, tf.Tensor]:
        pixels = gather(index)
        return inputs(tf.cast(pixels, tf.float32), index), wanted(pixels, index)

    return ordered_batches(batch, indices, batch_size=batch_size, held=(images, targets.array))


def shuffled_stream(
    batch_of: Callable[[tf.Tensor, tf.Tensor], tuple[Any, tf.Tensor]],
    indices: np.ndarray,
    *,
    batch_size: int,
    seed: int,
    start_epoch: int,
    held: object,
    num_parallel_calls: int = tf.data.AUTOTUNE,
) -> tf.data.Dataset:
    """Return the endless stream of `batch_of(index, epoch)`, int64 (b,) and (), over the shuffled `indices` of each
    epoch.

    `held` is what `batch_of` reads without keeping it alive; see `reading`.
    """
    count, steps = len(indices), steps_per_epoch(len(indices), batch_size)
    chosen = tf.constant(np.asarray(indices, np.int64))

    @tf.autograph.experimental.do_not_convert
    def batch(global_step: tf.Tensor) -> tuple[Any, tf.Tensor]:
        epoch, step = global_step // steps, global_step % steps
        positions = tf.range(step * batch_size, tf.minimum((step + 1) * batch_size, count))
        return batch_of(tf.gather(chosen, shuffled(positions, count, seed, epoch)), epoch)

    return _mapped(tf.data.Dataset.counter(start=start_epoch * steps), batch, held, num_parallel_calls)


def ordered_batches(
    batch_of: Callable[[tf.Tensor], tuple[Any, tf.Tensor]], indices: np.ndarray, *, batch_size: int, held: object
) -> tf.data.Dataset:
    """`batch_of(index)`, int64 (b,), over `indices` in their order, once."""
    chosen = tf.constant(np.asarray(indices, np.int64))

    @tf.autograph.experimental.do_not_convert
    def batch(step: tf.Tensor) -> tuple[Any, tf.Tensor]:
        return batch_of(chosen[step * batch_size : (step + 1) * batch_size])

    steps = tf.data.Dataset.range(steps_per_epoch(len(indices), batch_size))
    return _mapped(steps, batch, held, tf.data.AUTOTUNE)


def _mapped(
    steps: tf.data.Dataset,
    batch: Callable[[tf.Tensor], tuple[Any, tf.Tensor]],
    held: object,
    num_parallel_calls: int,
) -> tf.data.Dataset:
    batches = steps.map(batch, num_parallel_calls=num_parallel_calls, deterministic=True)
    batches.held = held  # as long as the dataset or an iterator of it lives; see `reading`
    # TensorFlow 2.21 can sleep for 2.5 s while it destroys an iterator that it tunes, and each run has several.
    untuned = tf.data.Options()
    untuned.autotune.enabled = False
    return batches.prefetch(BATCHES_AHEAD).with_options(untuned)


def shuffled(positions: tf.Tensor, count: int, seed: int, epoch: tf.Tensor) -> tf.Tensor:
    """Return where the epoch's permutation of 0..count-1 sends `positions` (int64): a true global shuffle, never
    stored.

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


def gatherer(images: np.ndarray) -> Gather:
    """Return a function from int64 index (b,) to the images (b, ...) in their own type."""
    if images.nbytes <= COPIED_BYTES:
        held = tf.constant(images)
        return lambda index: tf.gather(held, index)

    read = reading(images, lambda held, rows: np.take(held, rows, axis=0), images.dtype)
    shape = images.shape[1:]
    return lambda index: tf.ensure_shape(read(index), (None, *shape))


def reading(held: Any, function: Callable[..., np.ndarray], numbers: Any) -> Callable[..., tf.Tensor]:
    """`function(held, …)` as an op on tensors that gives numbers of this type, for as long as somebody holds `held`.

    TensorFlow never frees a Python function that a graph calls, so the function must not keep large arrays alive.
    """
    weakly = weakref.ref(held)

    def read(*inputs: np.ndarray) -> np.ndarray:
        living = weakly()
        if living is None:
            raise StopIteration  # TensorFlow ends the stream, quietly: nobody reads on
        return function(living, *inputs)

    return lambda *inputs: numpy_call(read, inputs, numbers)
