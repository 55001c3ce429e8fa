"""The tf.data pipeline: keyed indices -> gather a batch -> augment the batch -> prefetch.

A training batch is a pure function of (seed, epoch, step): nothing depends on how often an iterator was asked, on the
number of threads, or on where the stream was started.
"""

import math
import weakref
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.images.file_images import are_in_files
from keras_suite.data_pipeline.numpy_calls import numpy_call
from keras_suite.data_pipeline.targets import Gather, Targets

# Arrays up to this size are copied into TensorFlow, which gathers faster; larger ones are read where they are.
COPIED_BYTES = 64 * 2**20
BATCHES_AHEAD = 4  # batches that wait for the model; a fixed number bounds the memory


# Returns which images an epoch, int64 (), shows at some positions, int64 (b,); else each is shown once, shuffled.
Order = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


class BatchAugmentation(Protocol):
    """Changes a batch of images on the way to the model; see `Augmentation` in augmentation/standard.py."""

    def __call__(
        self, images: tf.Tensor, labels: tf.Tensor, seed: int, epoch: tf.Tensor, indices: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]: ...


def steps_per_epoch(count: int, batch_size: int) -> int:
    """Return how many batches an epoch of `count` images has. The last is smaller, no image is left out or repeated."""
    return math.ceil(count / batch_size)


def training_stream(
    images: np.ndarray,
    targets: Targets,
    indices: np.ndarray,
    *,
    batch_size: int,
    seed: int,
    start_epoch: int = 0,
    start_step: int = 0,
    augment: BatchAugmentation | None = None,
    order: Order | None = None,
    num_parallel_calls: int = tf.data.AUTOTUNE,
) -> tf.data.Dataset:
    """Return endless training batches, shuffled anew each epoch.

    Each epoch has `steps_per_epoch(len(indices), batch_size)` batches and shows every image once, or what `order` says.

    Args:
        images: uint8 (n, h, w, c), in memory, memory-mapped or in files.
        targets: Those of the images.
        indices: Which images to show.
        batch_size: How many images a batch has.
        seed: The run's seed.
        start_epoch: The first epoch, from 0: the same batches as when so many epochs are skipped.
        start_step: The first batch of that epoch, from 0, likewise.
        augment: Changes each batch.
        order: Which images are shown where; it takes the place of the shuffle.
        num_parallel_calls: How many batches are computed at a time; changes the speed only.

    Returns:
        A dataset of inputs, float32 (b, h, w, c) 0..255, and targets, float32 (b, ...); see `data_pipeline/targets.py`
        for the targets' shapes, and for captions, which have a second input.
    """
    gather, target_of, inputs = gatherer(images), targets.tensors(gatherer), targets.inputs(gatherer)

    def batch(rows: tf.Tensor, epoch: tf.Tensor) -> tuple[Any, tf.Tensor]:
        pixels = gather(rows)
        target = target_of(pixels, rows)
        if augment is not None:
            pixels, target = augment(pixels, target, seed, epoch, rows)
        return inputs(tf.cast(pixels, tf.float32), rows), target

    return shuffled_stream(
        batch,
        indices,
        batch_size=batch_size,
        seed=seed,
        start_epoch=start_epoch,
        start_step=start_step,
        order=order,
        keep_alive=(images, targets.array, order),
        num_parallel_calls=num_parallel_calls,
    )


def evaluation_batches(
    images: np.ndarray, targets: Targets, indices: np.ndarray, *, batch_size: int
) -> tf.data.Dataset:
    """Return batches of the images at `indices`, in that order and unchanged, once, else as `training_stream` does."""
    gather, target_of, inputs = gatherer(images), targets.tensors(gatherer), targets.inputs(gatherer)

    def batch(rows: tf.Tensor) -> tuple[Any, tf.Tensor]:
        pixels = gather(rows)
        return inputs(tf.cast(pixels, tf.float32), rows), target_of(pixels, rows)

    return ordered_batches(batch, indices, batch_size=batch_size, keep_alive=(images, targets.array))


def shuffled_stream(
    batch_of: Callable[[tf.Tensor, tf.Tensor], tuple[Any, tf.Tensor]],
    indices: np.ndarray,
    *,
    batch_size: int,
    seed: int,
    start_epoch: int,
    start_step: int,
    keep_alive: object,
    order: Order | None = None,
    num_parallel_calls: int = tf.data.AUTOTUNE,
) -> tf.data.Dataset:
    """Return an endless stream of batches, shuffled anew each epoch.

    Args:
        batch_of: Returns the batch of some of the indices, int64 (b,), in an epoch, int64 ().
        keep_alive: What `batch_of` reads without keeping it alive; see `array_reader`.

    The others are as in `training_stream`.
    """
    count, steps = len(indices), steps_per_epoch(len(indices), batch_size)
    chosen = tf.constant(np.asarray(indices, np.int64))

    @tf.autograph.experimental.do_not_convert
    def batch(global_step: tf.Tensor) -> tuple[Any, tf.Tensor]:
        epoch, step = global_step // steps, global_step % steps
        positions = tf.range(step * batch_size, tf.minimum((step + 1) * batch_size, count))
        if order is not None:
            return batch_of(order(positions, epoch), epoch)
        return batch_of(tf.gather(chosen, shuffled(positions, count, seed, epoch)), epoch)

    return _mapped(
        tf.data.Dataset.counter(start=start_epoch * steps + start_step), batch, keep_alive, num_parallel_calls
    )


def ordered_batches(
    batch_of: Callable[[tf.Tensor], tuple[Any, tf.Tensor]], indices: np.ndarray, *, batch_size: int, keep_alive: object
) -> tf.data.Dataset:
    """Return the batches `batch_of(rows)`, int64 (b,), of the indices in their order, once."""
    chosen = tf.constant(np.asarray(indices, np.int64))

    @tf.autograph.experimental.do_not_convert
    def batch(step: tf.Tensor) -> tuple[Any, tf.Tensor]:
        return batch_of(chosen[step * batch_size : (step + 1) * batch_size])

    steps = tf.data.Dataset.range(steps_per_epoch(len(indices), batch_size))
    return _mapped(steps, batch, keep_alive, tf.data.AUTOTUNE)


def _mapped(
    steps: tf.data.Dataset,
    batch: Callable[[tf.Tensor], tuple[Any, tf.Tensor]],
    keep_alive: object,
    num_parallel_calls: int,
) -> tf.data.Dataset:
    batches = steps.map(batch, num_parallel_calls=num_parallel_calls, deterministic=True)
    batches.keep_alive = keep_alive  # as long as the dataset or an iterator of it lives; see `array_reader`
    # TensorFlow 2.21 can sleep for 2.5 s while it destroys an iterator that it tunes, and each run has several. Looking
    # for what to optimize in such a short pipeline takes a third of the time that an iterator takes to begin.
    plain = tf.data.Options()
    plain.autotune.enabled = False
    plain.experimental_optimization.apply_default_optimizations = False
    return batches.prefetch(BATCHES_AHEAD).with_options(plain)


def shuffled(positions: tf.Tensor, count: int, seed: int, epoch: tf.Tensor) -> tf.Tensor:
    """Return where an epoch's random permutation of 0..count-1 sends `positions` (int64), without storing it.

    `index_shuffle` uses the last 8 bits of its two seed numbers only (TensorFlow 2.21, tried up to 200,000
    positions: seed 257 shuffles as seed 1 does), and neighbouring seeds lead to related orders. So both numbers are
    Philox outputs, and two shuffles are chained: 2^32 orders instead of 2^16.
    """
    keys = tf.random.stateless_uniform(
        [2, 2], tf.stack([tf.constant(seed, tf.int64), epoch]), None, None, tf.uint32, alg="philox"
    )
    last = tf.constant(count - 1, tf.int64)
    once = tf.random.experimental.index_shuffle(positions, keys[0], last)
    return tf.random.experimental.index_shuffle(once, keys[1], last)


def gatherer(images: np.ndarray) -> Gather:
    """Return a function from indices, int64 (b,), to images (b, ...) in their own type."""
    if images.nbytes <= COPIED_BYTES and not are_in_files(images):
        copied = _copied(images)
        return lambda indices: tf.gather(copied, indices)

    read = array_reader(images, lambda array, indices: array[indices], images.dtype)
    shape = images.shape[1:]
    return lambda indices: tf.ensure_shape(read(indices), (None, *shape))


_copies: dict[int, tuple[weakref.ref[np.ndarray], weakref.ref[tf.Tensor]]] = {}  # by the array's id


def _copied(images: np.ndarray) -> tf.Tensor:
    """Return TensorFlow's copy of the images: one for all streams, for as long as a stream reads from it."""
    array, copy = _copies.get(id(images), (None, None))
    if array is not None and copy is not None and array() is images and (copied := copy()) is not None:
        return copied
    for key in [key for key, (_, old) in _copies.items() if old() is None]:
        del _copies[key]
    copied = tf.constant(images)
    _copies[id(images)] = weakref.ref(images), weakref.ref(copied)
    return copied


def array_reader(source: Any, function: Callable[..., np.ndarray], dtype: Any) -> Callable[..., tf.Tensor]:
    """Return an op that reads from large arrays without keeping them alive.

    TensorFlow never frees a Python function that a graph calls, so the function has a weak reference only.

    Args:
        source: What is read from. The op works for as long as somebody else references it.
        function: Called with the source and an array for each tensor that the op is called with.
        dtype: The type of the function's result.
    """
    weakly = weakref.ref(source)

    def read(*inputs: np.ndarray) -> np.ndarray:
        living = weakly()
        if living is None:
            raise StopIteration  # TensorFlow ends the stream without an error: nobody reads on
        return function(living, *inputs)

    return lambda *inputs: numpy_call(read, inputs, dtype)
