"""A user's augmentation, made repeatable: what it draws follows from (seed, epoch, images) alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.experiments.foreign_code import WrongResult
from keras_suite.experiments.own_parts.options import BATCH
from keras_suite.experiments.own_parts.parts import OwnPart
from keras_suite.tasks.wording.shown import shown


class BatchFunction:
    """A function of a batch: of its images, and of those of labels, seed, epoch, indices and keys that it names.

    Args:
        function: Returns images, or images and labels.
        takes: The names of its parameters that it is passed.
        options: Its options.
        part: The user's part.
    """

    def __init__(
        self, function: Callable[..., Any], takes: Sequence[str], options: Mapping[str, Any], part: OwnPart
    ) -> None:
        unknown = [name for name in takes if name not in BATCH]
        if unknown:
            raise WrongResult(
                f"returned a function that takes {', '.join(unknown)}: a batch is passed as {', '.join(BATCH)}"
            )
        self._function, self._takes, self._options, self._part = function, takes, options, part

    def __call__(
        self, images: tf.Tensor, labels: tf.Tensor, seed: int, epoch: tf.Tensor, indices: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Augment a batch; see `Augmentation` in data_pipeline/augmentation/standard.py."""
        values = {
            "images": images,
            "labels": labels,
            "seed": seed,
            "epoch": epoch,
            "indices": indices,
            "keys": _keys(seed, epoch, indices),
        }

        def call() -> tuple[tf.Tensor, tf.Tensor]:
            found = self._function(**{name: values[name] for name in self._takes}, **self._options)
            return _batch(found, images, labels)

        return self._part.file.function(call, f"{self._part.function}(images, …)", defined=self._function)()


class KeyedLayers:
    """Keras's preprocessing layers, one after the other, whose random numbers are keyed by the batch.

    In a layer the images of a batch share the key: its own draws give each of them its numbers.
    """

    def __init__(self, layers: Sequence[keras.Layer], part: OwnPart) -> None:
        self._layers, self._part, self._key = layers, part, BatchKey()
        for layer in layers:
            for each in layer._flatten_layers():
                for value in list(vars(each).values()):
                    if isinstance(value, keras.random.SeedGenerator):
                        value.next = self._key.next  # its own numbers would depend on how often it was asked

    def __call__(
        self, images: tf.Tensor, labels: tf.Tensor, seed: int, epoch: tf.Tensor, indices: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Augment a batch; see `Augmentation` in data_pipeline/augmentation/standard.py."""
        self._key.begin(_keys(seed, epoch, indices)[0])

        def call() -> tuple[tf.Tensor, tf.Tensor]:
            augmented, targets = tf.cast(images, tf.float32), labels
            for layer in self._layers:
                if hasattr(layer, "transform_labels"):  # one of Keras's: MixUp changes labels, too
                    both = layer({"images": augmented, "labels": targets}, training=True)
                    augmented, targets = both["images"], both["labels"]
                else:
                    augmented = layer(augmented, training=True)
            return _batch((augmented, targets), images, labels)

        return self._part.file.function(call, f"a layer of {self._part.function}")()


class BatchKey:
    """The numbers that the generators of layers give for a batch: they follow from its key, and from their order."""

    def __init__(self) -> None:
        self._of_batch: tf.Tensor | None = None
        self._drawn = 0

    def begin(self, key: tf.Tensor) -> None:
        """Begin a batch with this key, int32 (2,)."""
        self._of_batch, self._drawn = key, 0

    def next(self, ordered: bool = True) -> tf.Tensor:
        """Return the next key, as a keras.random.SeedGenerator does."""
        assert self._of_batch is not None
        self._drawn += 1
        return tf.random.experimental.stateless_fold_in(self._of_batch, self._drawn)


def _keys(seed: int, epoch: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
    """Return a key for each image, int32 (b, 2), for TensorFlow's and Keras's stateless random functions."""
    mixed = tf.random.experimental.stateless_fold_in(tf.constant([seed, 7], tf.int32), tf.cast(epoch, tf.int32))
    positions = tf.cast(indices, tf.int32)
    return tf.stack([mixed[0] ^ positions, tf.broadcast_to(mixed[1], tf.shape(positions))], axis=1)


def _batch(found: Any, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return images and labels of an augmented batch, checked."""
    augmented, targets = found if isinstance(found, list | tuple) and len(found) == 2 else (found, labels)
    try:
        augmented, targets = tf.convert_to_tensor(augmented), tf.convert_to_tensor(targets)
    except (TypeError, ValueError):
        raise WrongResult(f"returned {shown(found)}: expected images, or images and labels") from None
    for what, was, now in (("images", images, augmented), ("labels", labels, targets)):
        if not was.shape[1:].is_compatible_with(now.shape[1:]) or len(was.shape) != len(now.shape):
            raise WrongResult(
                f"returned {what} of shape {tuple(now.shape)}: expected that of what it was given, {tuple(was.shape)}"
            )
    return tf.ensure_shape(augmented, images.shape), tf.ensure_shape(tf.cast(targets, labels.dtype), labels.shape)
