import gc
import itertools
import weakref
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from keras_suite.data_pipeline import pipeline
from keras_suite.data_pipeline.augmentation.standard import standard
from keras_suite.data_pipeline.pipeline import evaluation_batches, shuffled, steps_per_epoch, training_stream
from keras_suite.data_pipeline.targets import class_targets
from tests.data_pipeline.stream_process import EVERYTHING, run_process, stream_hash


def numbered(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 1, 2, 1) that hold their own number, and labels."""
    number = np.arange(count)
    images = np.stack([number // 256, number % 256], axis=1).astype(np.uint8).reshape(count, 1, 2, 1)
    return images, number % 3


def numbers(images: tf.Tensor) -> list[int]:
    pixels = images.numpy().reshape(-1, 2).astype(int)
    return (pixels[:, 0] * 256 + pixels[:, 1]).tolist()


def epochs(count: int, batch_size: int, **options: int) -> tf.data.Dataset:
    images, labels = numbered(count)
    return training_stream(
        images, class_targets(labels, 3), np.arange(count), batch_size=batch_size, **{"seed": 1, **options}
    )


def orders(stream: tf.data.Dataset, steps: int, count: int) -> list[list[int]]:
    batches = [numbers(images) for images, _ in stream.take(steps * count)]
    return [[*itertools.chain(*batches[epoch * steps : (epoch + 1) * steps])] for epoch in range(count)]


@pytest.mark.parametrize(("count", "batch_size", "steps"), [(10, 3, 4), (9, 3, 3), (1, 5, 1), (300, 64, 5)])
def test_every_image_once_an_epoch_and_the_last_batch_smaller(count: int, batch_size: int, steps: int) -> None:
    assert steps_per_epoch(count, batch_size) == steps
    sizes = [len(images) for images, _ in epochs(count, batch_size).take(2 * steps)]
    last = count - (steps - 1) * batch_size
    assert sizes == ([batch_size] * (steps - 1) + [last]) * 2
    for order in orders(epochs(count, batch_size), steps, 3):
        assert sorted(order) == list(range(count))


def test_batches_are_float_pixels_and_one_hot_labels() -> None:
    stream = epochs(10, 4)
    assert stream.element_spec == (tf.TensorSpec([None, 1, 2, 1]), tf.TensorSpec([None, 3]))
    images, labels = next(iter(stream))
    assert labels.numpy().sum(axis=1).tolist() == [1, 1, 1, 1]
    assert labels.numpy().argmax(axis=1).tolist() == [number % 3 for number in numbers(images)]


def test_only_the_given_indices_are_shown() -> None:
    images, labels = numbered(50)
    chosen = np.array([3, 7, 20, 49])
    stream = training_stream(images, class_targets(labels, 3), chosen, batch_size=4, seed=1)
    for batch, _ in stream.take(5):
        assert sorted(numbers(batch)) == chosen.tolist()


def test_orders_differ_between_epochs_and_seeds() -> None:
    first, second = orders(epochs(100, 20), 5, 2)
    assert first != second
    # TensorFlow's index_shuffle alone takes seed 257 for seed 1, and epoch 256 for epoch 0.
    others = [orders(epochs(100, 20, seed=seed), 5, 1)[0] for seed in (2, 257, 65537, 2**40 + 1)]
    others += [orders(epochs(100, 20, start_epoch=epoch), 5, 1)[0] for epoch in (255, 256, 65536)]
    assert len({tuple(order) for order in (first, second, *others)}) == 9


def test_a_stream_may_start_at_any_epoch() -> None:
    expected = orders(epochs(50, 8), 7, 5)
    assert orders(epochs(50, 8, start_epoch=3), 7, 2) == expected[3:]


def test_a_stream_may_start_at_any_step_of_an_epoch() -> None:
    expected = [numbers(images) for images, _ in epochs(50, 8).take(21)]
    rest = [numbers(images) for images, _ in epochs(50, 8, start_epoch=1, start_step=5).take(9)]
    assert rest == expected[7 + 5 :]


def test_the_shuffle_is_fair() -> None:
    count, drawn = 30, 3000
    positions = tf.range(count, dtype=tf.int64)
    epochs_of_orders = tf.data.Dataset.range(drawn).map(lambda epoch: shuffled(positions, count, 5, epoch))
    order = next(iter(epochs_of_orders.batch(drawn))).numpy()
    assert (np.sort(order, axis=1) == np.arange(count)).all()
    assert (
        len({row.tobytes() for row in order}) == drawn
    )  # 2^16 orders, all that one index_shuffle has, would repeat 67
    for position in (0, 1, count - 1):
        assert stats.chisquare(np.bincount(order[:, position], minlength=count)).pvalue > 1e-4
    apart = (order[:, 1] - order[:, 0]) % count  # neighbours in an epoch
    assert stats.chisquare(np.bincount(apart, minlength=count)[1:]).pvalue > 1e-4
    moved = (order[1:, 3] - order[:-1, 3]) % count  # the same position in the next epoch
    assert stats.chisquare(np.bincount(moved, minlength=count)).pvalue > 1e-4


@pytest.mark.parametrize("backend", ["opencv", "tensorflow"])
def test_the_same_batches_at_any_parallelism(backend: str) -> None:
    hashes = {stream_hash(backend, 0, 20, calls) for calls in (1, 2, 7, tf.data.AUTOTUNE)}
    assert len(hashes) == 1
    assert stream_hash(backend, 1, 12) not in hashes


@pytest.mark.slow
@pytest.mark.parametrize("how", ["plain", "deterministic"])
def test_the_same_batches_in_a_new_process(how: str) -> None:
    hashes = run_process(how).stdout.split()
    assert hashes == [stream_hash("opencv", 2, 12), stream_hash("tensorflow", 2, 12)]


@pytest.mark.parametrize("backend", ["opencv", "tensorflow"])
def test_an_image_is_augmented_the_same_in_any_batch(photograph: np.ndarray, backend: str) -> None:
    images = np.stack([photograph[top : top + 24, 50:82] for top in range(0, 300, 10)])
    mixing = {"mixup": 0.0, "cutmix": 0.0}  # partners depend on the batch, all else must not
    augment = standard(images.shape[1:], 2, backend=backend, **{**EVERYTHING, **mixing})
    assert augment is not None

    def seen(indices: np.ndarray, batch_size: int) -> dict[bytes, set[bytes]]:
        targets = class_targets(np.arange(len(images)), 30)
        stream = training_stream(
            images, targets, indices, batch_size=batch_size, seed=2, start_epoch=4, augment=augment
        )
        pairs: dict[bytes, set[bytes]] = {}
        for batch, one_hot in stream.take(steps_per_epoch(len(indices), batch_size)):
            for image, label in zip(batch.numpy(), one_hot.numpy().argmax(axis=1), strict=True):
                pairs.setdefault(int(label), set()).add(image.tobytes())
        return pairs

    everything = seen(np.arange(30), 30)
    assert seen(np.arange(30), 7) == everything
    assert seen(np.array([5, 17]), 1) == {5: everything[5], 17: everything[17]}


@pytest.mark.parametrize("augmented", [False, True])
def test_images_on_disk_give_the_same_batches(
    photograph: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, augmented: bool
) -> None:
    images = np.stack([photograph[top : top + 16, 50:66] for top in range(0, 400, 5)])
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    augment = standard((16, 16, 3), 2, rotation=20) if augmented else None

    def batches(source: np.ndarray) -> list[np.ndarray]:
        targets, indices = class_targets(np.zeros(80), 2), np.arange(70)
        stream = training_stream(source, targets, indices, batch_size=16, seed=3, augment=augment)
        return [
            batch.numpy()
            for part in (stream.take(6), evaluation_batches(source, targets, indices, batch_size=16))
            for batch, _ in part
        ]

    expected = batches(images)
    monkeypatch.setattr(pipeline, "COPIED_BYTES", 0)
    for source in (images, mapped):
        assert all((one == other).all() for one, other in zip(batches(source), expected, strict=True))


def test_evaluation_shows_the_images_in_order_and_unchanged() -> None:
    images, labels = numbered(40)
    indices = np.array([7, 3, 3, 30, 1])
    batches = list(evaluation_batches(images, class_targets(labels, 3), indices, batch_size=2))
    assert [len(batch) for batch, _ in batches] == [2, 2, 1]
    assert [*itertools.chain(*(numbers(batch) for batch, _ in batches))] == indices.tolist()
    assert np.concatenate([one_hot.numpy().argmax(axis=1) for _, one_hot in batches]).tolist() == [1, 0, 0, 0, 1]


def test_features_instead_of_images_stream_too() -> None:
    features = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    stream = training_stream(features, class_targets(np.zeros(20), 2), np.arange(20), batch_size=20, seed=1)
    batch, _ = next(iter(stream))
    assert sorted(batch.numpy().tolist()) == sorted(features.tolist())


def test_streams_of_the_same_images_share_one_copy_which_is_freed_with_them() -> None:
    images, labels = numbered(20)
    streams = [
        training_stream(images, class_targets(labels, 3), np.arange(20), batch_size=7, seed=seed) for seed in (1, 2)
    ]
    others = numbered(30)[0]
    streams.append(evaluation_batches(others, class_targets(np.zeros(30, int), 3), np.arange(30), batch_size=7))
    copies = {id(array): pipeline._copied(array) for array in (images, others)}
    assert copies[id(images)] is pipeline._copied(images)
    assert (copies[id(images)].numpy() == images).all() and (copies[id(others)].numpy() == others).all()
    assert all(len(list(stream.take(3))) == 3 for stream in streams)
    watched = [weakref.ref(copy) for copy in copies.values()]
    del copies, streams
    gc.collect()
    assert [watch() for watch in watched] == [None, None]


def test_a_stream_that_is_gone_frees_its_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "COPIED_BYTES", 0)

    def stream_and_watch() -> tuple[object, weakref.ref]:
        images, labels = numbered(100)
        watch = weakref.ref(images)
        stream = training_stream(images, class_targets(labels, 3), np.arange(100), batch_size=7, seed=1)
        return iter(stream.take(50)), watch

    batches, watch = stream_and_watch()
    gc.collect()
    assert len(list(batches)) == 50  # the iterator alone keeps them
    del batches
    gc.collect()
    assert watch() is None
