"""A frozen network's outputs, computed once for each image and kept on disk.

A row depends on the image's pixels, the network and its weights, the augmentation and its copy's number, the versions,
the threads and the device; not on the run's seed, the image's index or the other requested images. So seeds, variants,
trials, training sets of any size and processes share it, and it is bit-identical to a row computed again. For that the
network is always called with the same number of images, the last batch being padded. A row then has the same bits at
any place in a batch (measured with VGG16, ResNet50, MobileNetV2, and a dense layer above convolutions; CPU, 1 or 2
threads), if the number is one of those of `equal_bits.py`.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.pipeline import BatchAugmentation
from keras_suite.experiments.feature_cache.identity import frozen_identity
from keras_suite.experiments.feature_cache.store import Compute, image_digests, stored_rows
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.equal_bits import with_equal_bits
from keras_suite.experiments.training.graph_reuse import predicting

_LAYOUT = 1  # raised whenever the same network and images would give other rows
_LARGEST_BATCH, _BATCH_PIXELS = 32, 2**20  # VGG16's first outputs take 0.25 GB for 20 images of 224 px
_COPY_SEED = 0  # the copies of an image are the same for all runs' seeds


@dataclass(frozen=True)
class Features:
    """Features of images: those of image i are `array[rows[i]]`.

    Attributes:
        array: (N, ...) float32, memory-mapped; may contain other images' rows, too.
        rows: int64 (n,); -1 where image i was not requested.
        computed: How many rows were not in the cache.
        notes: Lines about damage that was found and repaired.
    """

    array: np.ndarray
    rows: np.ndarray
    computed: int
    notes: tuple[str, ...]


def frozen_features(
    extractor: keras.Model,
    images: np.ndarray,
    *,
    indices: np.ndarray | None = None,
    augment: BatchAugmentation | None = None,
    augmentation_key: str = "",
    view: int = 0,
    source: str = "",
) -> Features:
    """Return the outputs of a frozen feature extractor in inference mode, from the cache where they are there.

    Args:
        extractor: The network; takes float32 images 0..255 (b, h, w, c).
        images: uint8 (n, h, w, c).
        indices: Which of the images; by default all.
        augment: An augmentation to apply first. Its random numbers are keyed by the image's pixels and `view`.
        augmentation_key: All options of the augmentation, as text.
        view: The number of the augmented copy.
        source: What else the network's graph follows from, see `reusing_graphs`.

    Raises:
        ValueError: If the images or the augmentation cannot be cached, or the cache is too small.
        OSError: If the disk is full or not writable.
    """
    _check(images, augment, augmentation_key, view)
    chosen = np.arange(len(images)) if indices is None else np.asarray(indices, np.int64)
    if not len(chosen):
        raise ValueError("features of 0 images were requested: expected 1 or more")
    batch_size = _batch_size(images)
    digests = image_digests(images, chosen)
    shape = extractor.compute_output_shape((batch_size, *images.shape[1:]))[1:]
    with _computing(extractor, images, chosen, digests, batch_size, augment, view, source) as compute:
        stored = stored_rows(
            {
                "network": frozen_identity(extractor),
                "image_shape": images.shape[1:],
                "augmentation": [augmentation_key, view, _COPY_SEED] if augment else None,
                "batch_size": batch_size,
                **_environment(),
            },
            shape,
            digests,
            compute,
            about={
                "network": extractor.name,
                "layer": extractor.layers[-1].name,
                "shape": list(shape),
                "images": "x".join(map(str, images.shape[1:])),
                "augmentation": f"{augmentation_key}, copy {view}" if augment else "",
            },
            batch_size=batch_size,
        )
    rows = np.full(len(images), -1, np.int64)
    rows[chosen] = stored.rows
    return Features(stored.array, rows, stored.computed, stored.notes)


def _environment() -> dict[str, Any]:
    """Return what the bits of features depend on besides the network and the images."""
    return {
        "layout": _LAYOUT,
        "threads": tf.config.threading.get_intra_op_parallelism_threads() or runtime.available_cores(),
        "device": runtime.device(),
        "versions": {name: version for name, version in runtime.versions().items() if name != "python"},
    }


def _check(images: np.ndarray, augment: BatchAugmentation | None, augmentation_key: str, view: int) -> None:
    if images.dtype != np.uint8 or images.ndim != 4:
        raise ValueError(f"images are {images.dtype} {images.shape}: expected uint8 (n, height, width, channels)")
    if augment is None and view:
        raise ValueError(f"view={view} without an augmentation would be the image itself again: expected 0")
    if augment is not None and not augmentation_key:
        raise ValueError("augmentation_key is empty: expected all options of the augmentation, as text")
    if augment is not None:
        refuse_mixing(augment)


def refuse_mixing(augment: BatchAugmentation) -> None:
    """Raise ValueError if the augmentation mixes images, so that no copy of a single image exists."""
    if getattr(augment, "soft_labels", False):
        raise ValueError(
            "cached features cannot be augmented by mixup or cutmix, which mix an image with whichever is next to it: "
            "leave these out, or train without the feature cache"
        )


def features_of(extractor: keras.Model, images: np.ndarray, source: str = "") -> np.ndarray:
    """Return the features of images uint8 (n, h, w, c) as `frozen_features` computes them, without the cache."""
    size = _batch_size(images)
    with _traced(extractor, images, source) as outputs:
        parts = [
            outputs(tf.constant(np.resize(images[at : at + size], (size, *images.shape[1:])))).numpy()
            for at in range(0, len(images), size)
        ]
    return np.concatenate(parts)[: len(images)]


def _batch_size(images: np.ndarray) -> int:
    """Return how many images the extractor is always called with."""
    return with_equal_bits(max(1, min(_LARGEST_BATCH, _BATCH_PIXELS // (images.shape[1] * images.shape[2]))))


def _traced(
    extractor: keras.Model, images: np.ndarray, source: str
) -> contextlib.AbstractContextManager[Callable[[tf.Tensor], tf.Tensor]]:
    """Return what yields a function from a batch of such images to their features."""
    use = f"features of {_batch_size(images)} images of {images.shape[1:]}"
    return predicting(extractor, use, _outputs, source)


@contextlib.contextmanager
def _computing(
    extractor: keras.Model,
    images: np.ndarray,
    chosen: np.ndarray,
    digests: Sequence[bytes],
    batch_size: int,
    augment: BatchAugmentation | None,
    view: int,
    source: str,
) -> Iterator[Compute]:
    """Yield a function from positions in `chosen` to the features of the images there."""
    with contextlib.ExitStack() as stack:

        @functools.cache  # where all rows are in the cache, nothing is traced
        def outputs() -> Callable[[tf.Tensor], tf.Tensor]:
            return stack.enter_context(_traced(extractor, images, source))

        def compute(positions: np.ndarray) -> np.ndarray:
            filled = np.resize(positions, batch_size)
            batch = tf.constant(np.take(images, chosen[filled], axis=0))
            if augment is not None:
                keys = [int.from_bytes(digests[position][:8], "little") % 2**62 for position in filled]
                labels, numbers = tf.zeros((batch_size, 1)), tf.constant(np.array(keys), tf.int64)
                batch, _ = augment(batch, labels, _COPY_SEED, tf.constant(view, tf.int64), numbers)
            return outputs()(batch).numpy()[: len(positions)]

        yield compute


def _outputs(extractor: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a function from images (b, h, w, c) to features."""

    @tf.function(autograph=False)
    def outputs(images: tf.Tensor) -> Any:
        return tf.cast(extractor(tf.cast(images, tf.float32), training=False), tf.float32)

    return outputs
