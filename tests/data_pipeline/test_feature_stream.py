import gc
import itertools
import weakref

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.data_pipeline import pipeline
from keras_suite.data_pipeline.feature_stream import View, feature_batches, feature_stream, sample_views
from keras_suite.data_pipeline.pipeline import evaluation_batches, training_stream
from keras_suite.data_pipeline.targets import class_targets

COUNT = 50
TARGETS = class_targets(np.arange(COUNT) % 3, 3)
INDICES = np.array([*range(0, 30, 2), 41, 49, 7])


@pytest.fixture(params=[0, pipeline.COPIED_BYTES], ids=["read", "copied"])
def copied_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with arrays that are read where they are, once with small ones."""
    monkeypatch.setattr(pipeline, "COPIED_BYTES", request.param)


def view(number: int) -> View:
    """Features (N, 1, 2) that hold their image's and the view's number, in an order of their own, others between."""
    rows = np.random.default_rng(number).permutation(COUNT + 10)[:COUNT]
    array = np.full((COUNT + 10, 1, 2), -1, np.float32)
    array[rows, 0, 0], array[rows, 0, 1] = np.arange(COUNT), number
    return array, rows


def shown(stream: tf.data.Dataset) -> tuple[list[int], list[int], list[int], list[int]]:
    """Images, views and labels in their order, and the sizes of the batches."""
    batches = [(features.numpy(), labels.numpy()) for features, labels in stream]
    features, labels = (np.concatenate(side).astype(int) for side in zip(*batches, strict=True))
    return (
        features[:, 0, 0].tolist(),
        features[:, 0, 1].tolist(),
        labels.argmax(1).tolist(),
        [len(b) for b, _ in batches],
    )


@pytest.mark.usefixtures("copied_bytes")
@pytest.mark.parametrize("views", [1, 3])
@pytest.mark.parametrize("start_epoch", [0, 4])
def test_order_and_batches_are_those_of_the_images_themselves(views: int, start_epoch: int) -> None:
    images = np.arange(COUNT, dtype=np.uint8).reshape(COUNT, 1, 1, 1)
    same = {"batch_size": 4, "seed": 9, "start_epoch": start_epoch}
    expected = [*training_stream(images, TARGETS, INDICES, **same).take(15)]
    seen = shown(feature_stream([view(k) for k in range(views)], TARGETS, INDICES, **same).take(15))
    assert seen[0] == [int(x) for x in itertools.chain(*(pixels.numpy().ravel() for pixels, _ in expected))]
    assert seen[2] == [number % 3 for number in seen[0]]
    assert seen[3] == [4, 4, 4, 4, 2] * 3
    assert set(seen[1]) == set(range(views))


@pytest.mark.usefixtures("copied_bytes")
def test_it_begins_at_a_step_of_an_epoch_with_the_batches_that_come_there() -> None:
    views = [view(0), view(1)]
    whole = shown(feature_stream(views, TARGETS, INDICES, batch_size=4, seed=9, start_epoch=4).take(8))
    rest = shown(feature_stream(views, TARGETS, INDICES, batch_size=4, seed=9, start_epoch=4, start_step=3).take(5))
    assert [seen[12:] for seen in whole[:3]] == [*rest[:3]] and whole[3][3:] == rest[3]


@pytest.mark.usefixtures("copied_bytes")
def test_validation_keeps_the_order_and_shows_all_once() -> None:
    images = np.arange(COUNT, dtype=np.uint8).reshape(COUNT, 1, 1, 1)
    batches = feature_batches(view(2), TARGETS, INDICES, batch_size=4)
    expected = evaluation_batches(images, TARGETS, INDICES, batch_size=4)
    assert shown(batches)[0] == INDICES.tolist()
    assert all((a == b).numpy().all() for (_, a), (_, b) in zip(batches, expected, strict=True))
    assert batches.element_spec == (tf.TensorSpec([None, 1, 2]), tf.TensorSpec([None, 3]))


def test_small_and_large_arrays_give_the_same_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    def three_epochs() -> tuple[list[int], ...]:
        views = [view(k) for k in range(4)]
        return shown(feature_stream(views, TARGETS, INDICES, batch_size=7, seed=2).take(9))

    copied = three_epochs()
    monkeypatch.setattr(pipeline, "COPIED_BYTES", 0)
    assert copied == three_epochs()


def test_each_epoch_draws_each_images_view_evenly_and_by_the_image() -> None:
    index = np.arange(20_000)
    drawn = sample_views(5, 1, 0, index)
    assert np.abs(np.bincount(drawn) / len(index) - 0.2).max() < 0.015
    assert (sample_views(5, 1, 0, index[::-1]) == drawn[::-1]).all()
    for seed, epoch in ((1, 1), (2, 0)):
        assert 0.15 < (sample_views(5, seed, epoch, index) == drawn).mean() < 0.25


def test_images_without_features_are_refused() -> None:
    array, rows = view(0)
    rows[[2, 4]] = -1
    with pytest.raises(ValueError, match="2 of 18 images have no features"):
        feature_stream([view(1), (array, rows)], TARGETS, INDICES, batch_size=4, seed=1)
    with pytest.raises(ValueError, match="2 of 18 images have no features"):
        feature_batches((array, rows), TARGETS, INDICES, batch_size=4)


def test_a_stream_that_is_gone_frees_its_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "COPIED_BYTES", 0)

    def stream_and_watch() -> tuple[object, weakref.ref]:
        array, rows = view(0)
        watch = weakref.ref(array)
        stream = feature_stream([(array, rows), view(1)], TARGETS, INDICES, batch_size=7, seed=1)
        return iter(stream.take(50)), watch

    batches, watch = stream_and_watch()
    gc.collect()
    assert len(list(batches)) == 50  # the iterator alone keeps them
    del batches
    gc.collect()
    assert watch() is None
