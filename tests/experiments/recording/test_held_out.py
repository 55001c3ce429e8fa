"""Test images as scripts have them: arrays or a tf.data.Dataset, numbers or one-hot labels."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.experiments.recording.held_out import held_out
from tests.experiments.recording.conftest import digits

IMAGES, LABELS = digits(count=20)
ONE_HOT = np.eye(10, dtype="float32")[LABELS]


def stream(labels: Any = LABELS) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((IMAGES, labels))


@pytest.mark.parametrize(
    "test",
    [
        (IMAGES, LABELS),
        [IMAGES.reshape(-1, 8, 8, 1), LABELS[:, None].astype("float32")],
        (IMAGES, ONE_HOT),
        (tf.constant(IMAGES), LABELS.tolist()),
        stream().batch(7),
        stream(ONE_HOT).batch(20),
        stream().map(lambda x, y: (x, y, 1.0)).batch(3),
    ],
    ids=lambda test: type(test).__name__,
)
def test_the_same_images_are_the_same_however_they_are_given(test: Any) -> None:
    read = held_out(test)
    assert read.fingerprint == held_out((IMAGES, LABELS)).fingerprint
    assert read.labels.tolist() == LABELS.tolist() and read.labels.dtype == np.int64
    assert np.concatenate([labels for _, labels in read.batches()]).tolist() == LABELS.tolist()
    assert len(read.first(4)) == 4 or len(read.first(4)) == 3


def test_other_images_labels_and_orders_are_others() -> None:
    own = held_out((IMAGES, LABELS)).fingerprint
    others = [(IMAGES + 1, LABELS), (IMAGES, LABELS[::-1]), (IMAGES[::-1], LABELS[::-1]), (IMAGES[:9], LABELS[:9])]
    assert own not in {held_out(test).fingerprint for test in others}


def test_a_name_stands_for_images_that_are_prepared_in_several_ways() -> None:
    prints = {held_out((images, LABELS), "digits").fingerprint for images in (IMAGES, 255 * IMAGES)}
    assert len(prints) == 1
    assert prints != {held_out((IMAGES, LABELS), "others").fingerprint}
    assert prints != {held_out((IMAGES, LABELS[::-1]), "digits").fingerprint}


def test_a_shuffled_dataset_is_refused_unless_its_order_stays() -> None:
    with pytest.raises(ValueError, match="comes in another order each time: leave out shuffle"):
        held_out(stream().shuffle(20, seed=1).batch(5))
    held_out(stream().shuffle(20, seed=1, reshuffle_each_iteration=False).batch(5))


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (IMAGES, "is a ndarray: expected "),
        (None, "test=None is a NoneType: expected "),
        ((IMAGES,), "is a tuple: expected "),
        ((IMAGES, LABELS[:3]), "images of shape .* and labels of shape"),
        (({"a": IMAGES}, LABELS), "holds a dict and a ndarray"),
        (([[1], [1, 2]], [0, 1]), "holds a list that is no array"),
        ((IMAGES[:0], LABELS[:0]), "holds no image"),
        ((np.array(["a"] * 20), LABELS), "holds images of shape"),
        ((IMAGES, np.array(["a"] * 20)), "expected 0, 1, 2, … for each image, or one-hot"),
        ((IMAGES, LABELS - 5), "that are no numbers of classes"),
        ((IMAGES, LABELS + 0.5), "that are no numbers of classes"),
        ((IMAGES, np.full(20, np.nan)), "that are no numbers of classes"),
        ((IMAGES, np.zeros((20, 2, 2))), "that are no numbers of classes"),
        ((IMAGES, 0.5 * ONE_HOT), "neither numbers of classes nor one-hot"),
        ((IMAGES, np.ones((20, 3))), "neither numbers of classes nor one-hot"),
        (stream(), "a Dataset of single images: batch it"),
        (stream().batch(5).repeat(), "repeats for ever"),
        (tf.data.Dataset.from_tensor_slices(IMAGES).batch(5), "is a Dataset of "),
    ],
)
def test_what_is_no_test_set_is_one_line(test: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        held_out(test)
    assert "\n" not in str(raised.value)
