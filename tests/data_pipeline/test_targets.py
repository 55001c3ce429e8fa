"""What a batch asks for, task by task."""

from dataclasses import replace

import numpy as np
import pytest

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.pipeline import evaluation_batches, training_stream
from keras_suite.data_pipeline.targets import Targets, targets_of, targets_to_test
from keras_suite.tasks.mask import MASK

INDEX = np.array([5, 0, 3])


@pytest.fixture(scope="module")
def images() -> Dataset:
    return digits(None, test_limit=50)


def batch(dataset: Dataset) -> tuple:
    [first] = evaluation_batches(dataset.images, targets_of(dataset), INDEX, batch_size=8)
    return first


def of_task(dataset: Dataset, task: str, targets: np.ndarray, names: tuple[str, ...] = ()) -> Dataset:
    test_targets = targets[: len(dataset.test_images)]
    return replace(dataset, task=task, targets=targets, test_targets=test_targets, target_names=names)


def test_classes_become_one_hot_targets(images: Dataset) -> None:
    _, wanted = batch(images)
    assert wanted.numpy().argmax(axis=1).tolist() == images.labels[INDEX].tolist()
    assert targets_of(images).output_shape == (10,)


@pytest.mark.parametrize(("task", "numbers"), [("angle", 1), ("direction", 2)])
def test_numbers_are_targets_as_they_are(images: Dataset, task: str, numbers: int) -> None:
    targets = np.random.default_rng(0).normal(size=(len(images.images), numbers)).astype(np.float32)
    dataset = of_task(images, task, targets)
    _, wanted = batch(dataset)
    np.testing.assert_array_equal(wanted, targets[INDEX])
    assert (targets_of(dataset).output_shape, targets_of(dataset).outputs) == ((numbers,), numbers)


def test_an_image_as_a_target_is_not_augmented(images: Dataset) -> None:
    dataset = replace(images, task="image")

    def blackened(pixels, target, seed, epoch, index):  # type: ignore[no-untyped-def]
        return 0 * pixels, target

    stream = training_stream(dataset.images, targets_of(dataset), INDEX, batch_size=3, seed=1, augment=blackened)
    seen, wanted = next(iter(stream))
    assert not seen.numpy().any()
    shown = sorted(round(255 * float(each.sum())) for each in wanted.numpy())
    assert shown == sorted(dataset.images[INDEX].sum(axis=(1, 2, 3)).tolist())
    assert targets_of(dataset).output_shape == (8, 8, 1)


def test_masks_become_one_hot_targets_of_every_pixel(images: Dataset) -> None:
    masks = (images.images[..., 0] > 127).astype(np.uint8) * 2
    dataset = of_task(images, "mask", masks, ("ground", "nothing", "ink"))
    _, wanted = batch(dataset)
    np.testing.assert_array_equal(wanted.numpy().argmax(axis=-1), masks[INDEX])
    assert wanted.shape == (3, *targets_of(dataset).output_shape) == (3, 8, 8, 3)


def test_captions_have_the_words_so_far_as_input_and_the_next_ones_as_targets(images: Dataset) -> None:
    words = np.full((len(images.images), 5), -1)
    words[:, 0] = 0
    words[:, 1:4] = [2, 3, 1]
    words[3, 2:4] = [1, -1]
    dataset = of_task(images, "caption", words, ("<start>", "<end>", "a", "zero"))
    (pixels, before), wanted = batch(dataset)
    assert pixels.shape == (3, 8, 8, 1)
    assert before.numpy().tolist() == [[0, 2, 3, 1], [0, 2, 3, 1], [0, 2, 1, 0]]
    assert wanted.numpy().argmax(axis=-1).tolist()[0][:3] == [2, 3, 1]
    assert wanted.numpy().sum(axis=-1).tolist() == [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 0, 0]]
    assert targets_of(dataset).output_shape == (4, 4)


def test_of_several_true_captions_the_first_counts_as_the_target(images: Dataset) -> None:
    several = np.arange(50 * 2 * 3).reshape(50, 2, 3) % 4
    dataset = replace(
        images, task="caption", targets=several[:, 0], test_targets=several, target_names=("<start>", "<end>", "a", "b")
    )
    np.testing.assert_array_equal(targets_to_test(dataset).array, several[:, 0])


def test_a_fold_is_tested_on_its_own_targets(images: Dataset) -> None:
    targets = np.arange(len(images.images), dtype=np.float32)[:, None]
    targets_of_fold = targets_to_test(of_task(images, "angle", targets), np.array([7, 2]))
    assert targets_of_fold.array.tolist() == [[7], [2]]


def test_large_targets_are_read_where_they_are(images: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    masks = (images.images[..., 0] > 127).astype(np.uint8)
    targets = Targets(MASK, masks, (8, 8, 2))
    monkeypatch.setattr("keras_suite.data_pipeline.pipeline.COPIED_BYTES", 0)
    [(_, wanted)] = evaluation_batches(images.images, targets, INDEX, batch_size=8)
    np.testing.assert_array_equal(wanted.numpy().argmax(axis=-1), masks[INDEX])
