import re
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.data_pipeline.datasets.given.returned import Returned, told_apart

IMAGES, LABELS = np.arange(6 * 8 * 8).reshape(6, 8, 8) % 256, np.array([0, 1, 0, 1, 0, 1])


def shapes(returned: Returned) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Those of images and labels, of all parts."""
    parts = [part for part in (returned.train, returned.test) if part is not None]
    return [(images.shape, labels.shape) for part in parts for images, labels in part.blocks()]


TRAIN, TEST = ((6, 8, 8), (6,)), ((2, 8, 8), (2,))
PAIR = ((IMAGES, LABELS), (IMAGES[:2], LABELS[:2]))
DATASETS = tuple(tf.data.Dataset.from_tensor_slices(part) for part in PAIR)


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ((IMAGES, LABELS), [TRAIN]),
        ([IMAGES, LABELS.tolist()], [TRAIN]),
        (([list(image) for image in IMAGES], tuple(LABELS)), [TRAIN]),
        ((tf.constant(IMAGES), tf.constant(LABELS)), [TRAIN]),
        (PAIR, [TRAIN, TEST]),
        ([list(part) for part in PAIR], [TRAIN, TEST]),
        (DATASETS[0], [TRAIN]),
        (DATASETS, [TRAIN, TEST]),
        (list(DATASETS), [TRAIN, TEST]),
        ((DATASETS[0], PAIR[1]), [TRAIN, TEST]),
        ({"train": DATASETS[0], "test": DATASETS[1]}, [TRAIN, TEST]),
        ({"train": PAIR[0], "test": PAIR[1]}, [TRAIN, TEST]),
    ],
)
def test_arrays_pairs_and_what_is_iterated_are_told_apart(returned: Any, expected: Any) -> None:
    assert shapes(told_apart("mine", returned)) == expected


def test_named_arrays_are_understood_as_those_of_a_file() -> None:
    told = told_apart("mine", {"x_train": IMAGES, "y_train": LABELS, "class_names": ["a", "b"], "more": 3})
    assert told.test is None and [images.shape for images, _ in told.train.blocks()] == [(6, 8, 8)]
    assert set(told.arrays) == {"labels", "class_names"} and told.notes == ("left out what is called more",)
    told = told_apart("mine", {"train": DATASETS[0], "test": DATASETS[1], "validation": DATASETS[1]})
    assert told.notes == ("left out what is called validation: each run draws its own validation images",)


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "mine returned None: expected (images, labels), ((x_train, y_train), (x_test, y_test)), a dict of"),
        (IMAGES, "mine returned array("),
        ((IMAGES,), "mine returned 1 parts: expected"),
        ((*PAIR, PAIR[0]), "returned three parts: each run draws its own validation images, return (train, test)"),
        (DATASETS * 2, "mine returned 4 parts"),
        ((IMAGES, LABELS, 3, 4), "mine returned 4 parts"),
        ((DATASETS[0], None), "mine returned (_TensorSliceDataset, NoneType): expected"),
        ({"images": IMAGES}, 'what mine returned has no `labels` (it has images): return {"images": images'),
        ({1: IMAGES}, "what mine returned has no `images` (it has 1)"),
        ({}, "has no `images` (it has no arrays)"),
        (([[1, 2], [3]], [0, 1]), "mine: images are no array, since their parts have several shapes"),
        ((IMAGES, np.array([None] * 6)), "mine: labels hold None: give whole numbers or names"),
        (iter([]), "mine returned <list_iterator"),
        ("text", "mine returned 'text'"),
    ],
)
def test_what_is_nothing_of_the_kind_is_one_line(returned: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        told_apart("mine", returned)
    assert "\n" not in str(error.value)
