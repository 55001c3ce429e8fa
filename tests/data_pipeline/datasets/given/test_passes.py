import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.datasets.given import passes
from keras_suite.data_pipeline.datasets.given.passes import WholeArrays, elements_of, is_iterated

IMAGES = np.round(load_digits().images * (255 / 16)).astype(np.uint8)  # (1797, 8, 8)
LABELS = load_digits().target
COLOUR = np.repeat(IMAGES[..., np.newaxis], 3, axis=3)


class Batches(keras.utils.PyDataset):
    """Batches of 100 digits, in another order after each epoch if asked for."""

    def __init__(self, shuffled: bool = False) -> None:
        super().__init__()
        self.shuffled, self.order = shuffled, np.arange(len(IMAGES))
        self.batch = np.empty((100, 8, 8), np.uint8)  # filled again and again

    def __len__(self) -> int:
        return 18

    def __getitem__(self, index: int) -> Any:
        rows = self.order[100 * index : 100 * (index + 1)]
        self.batch[: len(rows)] = IMAGES[rows]
        return self.batch[: len(rows)], LABELS[rows]

    def on_epoch_end(self) -> None:
        if self.shuffled:
            self.order = np.roll(self.order, 1)


def slices(images: np.ndarray = IMAGES, labels: Any = LABELS) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((images, labels))


def gone_over(value: Any) -> tuple[np.ndarray, np.ndarray, bool, int]:
    """Images, labels, whether they change, and the number of blocks."""
    one = elements_of("mine", value)
    blocks = list(one.blocks())
    images, labels = (np.concatenate([block[part] for block in blocks]) for part in (0, 1))
    return images, labels, one.changes(), len(blocks)


@pytest.mark.parametrize(
    "make",
    [
        slices,
        lambda: slices().batch(32),
        lambda: slices().batch(1000),
        lambda: slices(IMAGES[..., np.newaxis]),
        lambda: slices().map(lambda image, label: {"image": image, "label": label}),  # as TensorFlow Datasets
        lambda: tf.data.Dataset.from_generator(
            lambda: zip(IMAGES, LABELS, strict=True), (tf.uint8, tf.int64)
        ),  # of no known shape
        Batches,
    ],
)
def test_batches_and_single_images_come_in_their_order(make: Callable[[], Any]) -> None:
    images, labels, changes, blocks = gone_over(make())
    assert np.array_equal(images.reshape(IMAGES.shape), IMAGES) and np.array_equal(labels, LABELS)
    assert not changes and blocks < 10


def test_colour_and_one_hot_rows_are_told_from_batches() -> None:
    rows = np.eye(10, dtype=np.float32)[LABELS]
    for one in (slices(COLOUR, rows), slices(COLOUR, rows).batch(7), slices(COLOUR, LABELS[:, np.newaxis])):
        images, labels, _, _ = gone_over(one)
        assert np.array_equal(images, COLOUR) and len(labels) == 1797 and labels.ndim == 2


def test_what_is_shuffled_or_augmented_is_noticed() -> None:
    generator = np.random.default_rng(0)  # TensorFlow's own would repeat itself where its kernels are deterministic

    def noise(image: np.ndarray) -> np.ndarray:
        return (image + generator.random((8, 8))).astype(np.float32)

    def noisy_element(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.ensure_shape(tf.numpy_function(noise, [image], tf.float32), (8, 8)), label

    noisy = slices().map(noisy_element)
    assert gone_over(slices().shuffle(1797, seed=1))[2]
    assert gone_over(noisy.batch(10))[2]
    assert gone_over(Batches(shuffled=True))[2]
    assert not gone_over(slices().shuffle(1797, seed=1, reshuffle_each_iteration=False))[2]
    once = iter(zip(IMAGES, LABELS, strict=True))
    assert gone_over(tf.data.Dataset.from_generator(lambda: once, (tf.uint8, tf.int64)))[2]


def test_the_first_pass_is_whole_whatever_a_second_one_gives() -> None:
    once = iter(zip(IMAGES, LABELS, strict=True))
    images, _, _, _ = gone_over(tf.data.Dataset.from_generator(lambda: once, (tf.uint8, tf.int64)))
    assert np.array_equal(images, IMAGES)


class Uneven(Batches):
    def __getitem__(self, index: int) -> Any:
        return [IMAGES[0], IMAGES[1, :4]], [0, 1]


class Endless(Batches):
    @property
    def num_batches(self) -> None:
        return None


def forever() -> Iterator[Any]:
    return itertools.cycle(zip(IMAGES, LABELS, strict=True))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: slices().repeat(), "a tf.data.Dataset that never ends: leave out .repeat(), or end it with .take(n)"),
        (lambda: slices().filter(lambda image, label: True).repeat(), "never ends"),
        (lambda: tf.data.Dataset.from_generator(forever, (tf.uint8, tf.int64)), "after 500 images it still goes on"),
        (Endless, "a PyDataset that never ends, its num_batches is None"),
        (lambda: slices().take(0), "mine: it is empty"),
        (lambda: slices().map(lambda image, label: image), "elements are single ones of type ndarray: give (image, l"),
        (lambda: slices().map(lambda image, label: (image, label, 1.0)), "three parts: give (image, label), weights"),
        (lambda: slices().map(lambda image, label: {"a": image, "b": label}), "elements are dicts of ['a', 'b']"),
        (lambda: slices().map(lambda image, label: ({"a": image}, label)), "elements are 2 parts, dict"),
        (lambda: slices().map(lambda image, label: ((image, image[0]), label)), "elements are 2 parts, tuple, int64"),
        (Uneven, "images or labels of an element have several shapes: give all in one size"),
        (lambda: slices().map(lambda image, label: (image[0], label)).batch(9), "images of shape (9, 8) and labels"),
        (
            lambda: tf.data.Dataset.from_tensors((IMAGES[:9], LABELS[:8])),
            "(9, 8, 8) and labels of shape (8,): give images",
        ),
        (
            lambda: tf.data.Dataset.from_tensors((tf.ragged.constant([[1], [2, 3]]), 1)),
            "elements hold a RaggedTensor: give plain tensors",
        ),
    ],
)
def test_what_never_ends_or_has_no_labels_is_refused(
    make: Callable[[], Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "MOST_IMAGES", 500)
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        gone_over(make())
    assert str(error.value).startswith("mine: ") and "\n" not in str(error.value)


def test_what_says_how_many_it_has_may_have_any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "MOST_IMAGES", 500)
    counted = tf.data.Dataset.from_generator(forever, (tf.uint8, tf.int64)).take(900)
    assert len(gone_over(counted.apply(tf.data.experimental.assert_cardinality(900)))[0]) == 900


def test_images_of_several_sizes_come_in_blocks_of_one() -> None:
    sizes = tf.data.Dataset.range(4).map(lambda n: (tf.zeros((8 + n // 2, 8)), n))
    assert [block.shape for block, _ in elements_of("mine", sizes).blocks()] == [(2, 8, 8), (2, 9, 8)]


def test_only_the_two_are_iterated_and_arrays_are_one_block() -> None:
    assert is_iterated(slices()) and is_iterated(Batches())
    assert not any(is_iterated(other) for other in (IMAGES, [1], None, slices, Batches, iter([])))
    whole = WholeArrays(IMAGES, LABELS)
    [(images, labels)] = whole.blocks()
    assert images is IMAGES and labels is LABELS and not whole.changes()
