"""An epoch shows each class as often, the same images for the same seed and epoch wherever it is begun."""

import numpy as np
import pytest

from keras_suite.data_pipeline.imbalance.balanced_sampling import BalancedOrder, balanced_epoch
from keras_suite.data_pipeline.pipeline import training_stream
from keras_suite.data_pipeline.targets import class_targets

LABELS = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [200, 40, 7]))
TRAIN = np.arange(3, 243)


@pytest.mark.parametrize("epoch", [0, 5])
def test_each_class_is_shown_as_often_and_no_image_again_before_all_of_its_class_were(epoch: int) -> None:
    shown = balanced_epoch(LABELS, TRAIN, 1, epoch)
    assert len(shown) == len(TRAIN) and np.isin(shown, TRAIN).all()
    assert np.bincount(LABELS[shown]).tolist() == [80, 80, 80]
    for label in range(3):
        times = np.bincount(shown[LABELS[shown] == label], minlength=len(LABELS))[TRAIN[LABELS[TRAIN] == label]]
        assert np.ptp(times) <= 1


def test_what_is_left_over_goes_to_other_classes_in_other_epochs() -> None:
    extra = {int(np.bincount(LABELS[balanced_epoch(LABELS, TRAIN[:-1], 1, epoch)]).argmin()) for epoch in range(20)}
    assert extra == {0, 1, 2}


def test_epochs_and_seeds_differ_and_the_rest_of_a_common_class_comes_later() -> None:
    epochs = [balanced_epoch(LABELS, TRAIN, 1, epoch) for epoch in range(12)]
    assert not np.array_equal(epochs[0], epochs[1])
    assert not np.array_equal(epochs[0], balanced_epoch(LABELS, TRAIN, 2, 0))
    assert np.unique(np.concatenate(epochs)).size == len(TRAIN)


def test_the_stream_is_the_same_wherever_it_begins_and_with_any_number_of_threads() -> None:
    images = np.arange(len(LABELS), dtype=np.uint8).reshape(-1, 1, 1, 1)
    targets = class_targets(LABELS, 3)

    def batches(start_epoch: int, count: int, calls: int) -> list[list[int]]:
        stream = training_stream(
            images,
            targets,
            TRAIN,
            batch_size=32,
            seed=1,
            start_epoch=start_epoch,
            order=BalancedOrder(LABELS, TRAIN, 1),
            num_parallel_calls=calls,
        )
        return [pixels.numpy().ravel().astype(int).tolist() for pixels, _ in stream.take(count)]

    whole = batches(0, 24, 1)
    assert len(whole[7]) == len(TRAIN) - 7 * 32
    assert whole[8:16] == batches(1, 8, 4)
    assert [image for batch in whole[:8] for image in batch] == balanced_epoch(LABELS, TRAIN, 1, 0).tolist()
