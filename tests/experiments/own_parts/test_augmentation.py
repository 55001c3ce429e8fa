"""Own augmentations draw the same numbers for the same seed, epoch and images, however often and where they run."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.pipeline import training_stream
from keras_suite.data_pipeline.targets import targets_of
from keras_suite.experiments.config import use
from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.registry import resolve_part

FILE = """
import keras
import tensorflow as tf


def noise(images, keys, *, amount=3.0):
    drawn = tf.map_fn(lambda key: tf.random.stateless_normal(images.shape[1:], key), keys, tf.float32)
    return tf.clip_by_value(tf.cast(images, tf.float32) + amount * drawn, 0, 255)


def layers():
    return [keras.layers.RandomRotation(0.2), keras.layers.RandomBrightness(0.2), keras.layers.GaussianNoise(0.9)]


def one_layer(input_shape):
    return keras.Sequential([keras.Input(input_shape), keras.layers.RandomFlip(), keras.layers.RandomZoom(0.2)])


def labels_too(images, labels):
    return images, labels[:, ::-1]


def made():
    def darker(images, epoch):
        return tf.cast(images, tf.float32) / (1.0 + tf.cast(epoch, tf.float32))

    return darker


def none():
    return None


def smaller(images):
    return images[:, :4]


def text(images):
    return "images"


def broken(images):
    return images.gone


def unknown():
    return lambda pictures: pictures
"""


@pytest.fixture
def build(tmp_path: Path) -> Any:
    """build(name, **options) builds an augmentation of the file."""
    (tmp_path / "mine.py").write_text(FILE, encoding="utf-8")

    def build(name: str, **options: Any) -> Any:
        return resolve_part("augmentation", use(f"mine.py:{name}", **options), str(tmp_path)).build((8, 8, 1), 10)

    return build


def batches(augment: Any, count: int, start_epoch: int = 0, calls: int = 1) -> list[tuple[np.ndarray, np.ndarray]]:
    """The first batches of a stream of 50 digits."""
    dataset = digits(None, limit=None, image_size=(8, 8))
    stream = training_stream(
        dataset.images,
        targets_of(dataset),
        np.arange(50),
        batch_size=16,
        seed=3,
        start_epoch=start_epoch,
        augment=augment,
        num_parallel_calls=calls,
    )
    return [(np.asarray(images), np.asarray(labels)) for images, labels in stream.take(count)]


@pytest.mark.parametrize("name", ["noise", "layers", "one_layer", "made"])
def test_batches_are_a_function_of_seed_epoch_and_images(build: Any, name: str) -> None:
    first = batches(build(name), 8)
    again = batches(build(name), 8, calls=4)
    later = batches(build(name), 4, start_epoch=1)
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(one[0], two[0])
    for one, two in zip(first[4:], later, strict=True):
        assert np.array_equal(one[0], two[0])
    plain = batches(None, 8)
    assert any(not np.array_equal(one[0], other[0]) for one, other in zip(first, plain, strict=True))


def test_images_of_a_batch_get_numbers_of_their_own(build: Any) -> None:
    noisy, plain = batches(build("noise", amount=1.0), 1)[0][0], batches(None, 1)[0][0]
    inside = (plain > 10) & (plain < 245)
    drawn = [(noisy - plain)[i][inside[i]] for i in range(len(plain))]
    assert not np.array_equal(drawn[0][:10], drawn[1][:10])


def test_labels_may_change_with_the_images(build: Any) -> None:
    (images, labels), (same, plain) = batches(build("labels_too"), 1)[0], batches(None, 1)[0]
    assert np.array_equal(images, same)
    assert np.array_equal(labels, plain[:, ::-1])


def test_none_changes_nothing(build: Any) -> None:
    assert build("none") is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("smaller", r"mine\.py line \d+: smaller\(images, …\) returned images of shape \(None, 4, 8, 1\)"),
        ("text", r"returned images of shape \(\)|returned 'images': expected images"),
        ("broken", r"mine\.py line \d+: broken\(images, …\) failed: AttributeError"),
    ],
)
def test_faults_are_named_when_the_pipeline_is_built(build: Any, name: str, said: str) -> None:
    with pytest.raises((ForeignCodeError, tf.errors.OpError), match=said):
        batches(build(name), 1)


def test_a_function_with_parameters_that_no_batch_has_is_refused(build: Any) -> None:
    with pytest.raises(ForeignCodeError, match="takes pictures: a batch is passed as images, labels, seed"):
        build("unknown")
