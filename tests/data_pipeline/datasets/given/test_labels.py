import re
from typing import Any

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.given.labels import ClassLabels, classes_of


def told(labels: Any, test_labels: Any = None, class_names: Any = None) -> ClassLabels:
    given = [None if each is None else np.asarray(each) for each in (labels, test_labels, class_names)]
    return classes_of("mine.npz", *given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("labels", "numbers", "names"),
    [
        ([0, 1, 2, 1], [0, 1, 2, 1], "0 1 2"),
        ([[0], [1], [2], [1]], [0, 1, 2, 1], "0 1 2"),  # as CIFAR's and MedMNIST's
        ([0.0, 1.0, 2.0, 1.0], [0, 1, 2, 1], "0 1 2"),
        ([-1, 5, 100, 5], [0, 1, 2, 1], "-1 5 100"),
        (np.array([1, 2, 2**64 - 1], np.uint64), [0, 1, 2], f"1 2 {2**64 - 1}"),
        ([True, False, True], [1, 0, 1], "False True"),
        (["dog", "cat", "dog"], [1, 0, 1], "cat dog"),
        (["10", "9", "8"], [2, 1, 0], "8 9 10"),
        ([b"dog", b"caf\xc3\xa9"], [1, 0], "café dog"),
        (np.array(["dog", "cat"], object), [1, 0], "cat dog"),
        (np.eye(3)[[2, 0, 1]], [2, 0, 1], "0 1 2"),
        (np.eye(2, dtype=bool)[[1, 0]], [1, 0], "0 1"),
    ],
)
def test_numbers_names_and_one_hot_rows_become_sorted_classes(labels: Any, numbers: list[int], names: str) -> None:
    classes = told(labels)
    assert classes.labels.dtype == np.int64 and classes.labels.tolist() == numbers
    assert classes.names == tuple(names.split()) and classes.test_labels is None


def test_test_labels_are_numbered_as_the_training_labels() -> None:
    classes = told([7, 3, 5], [5, 7])
    assert classes.test_labels is not None and classes.test_labels.tolist() == [1, 2]
    mixed = told(np.eye(3)[[0, 1, 2]], [2, 0])  # one part one-hot
    assert mixed.test_labels is not None and mixed.test_labels.tolist() == [2, 0]


def test_class_names_give_the_names_and_the_order() -> None:
    names = ["zebra", "ant", "bee"]
    assert told([0, 2, 1], None, names).names == ("zebra", "ant", "bee")
    assert told(np.eye(3)[[0, 2]], None, names).labels.tolist() == [0, 2]
    by_name = told(["bee", "zebra"], ["zebra"], names)
    assert by_name.labels.tolist() == [2, 0] and by_name.names == ("zebra", "ant", "bee")


@pytest.mark.parametrize(
    ("labels", "test_labels", "class_names", "said"),
    [
        ([1, 1, 1], None, None, "labels are 1 throughout: give images of 2 classes or more"),
        (["a"] * 3, None, None, "labels are 'a' throughout"),
        ([0, 1], [2], None, "test_labels hold 2, and no training image is of that class: add some, or leave those"),
        (["a", "b"], ["c"], None, "test_labels hold 'c', and no training image"),
        (np.eye(3)[[0, 1]], np.eye(3)[[2]], None, "test_labels hold 2, and no training image"),
        ([0, 1], ["a"], None, "test_labels are names, and the classes numbers: give both alike"),
        ([0, 1, 3], None, ["a", "b", "c"], "labels hold 3, for which class_names has no name: expected 0 to 2"),
        (["a", "d"], None, ["a", "b", "c"], "labels hold 'd', for which class_names has no name: expected 'a' to 'c'"),
        ([0, 1], None, ["a", "a"], "class_names hold 'a' twice"),
        ([0, 1], None, ["a", " "], "class_names hold an empty name (first: number 1)"),
        ([0, 1], None, [["a", "b"]], "give a list of names"),
        ([0, 1], None, [], "give a list of names"),
        (np.eye(3)[[0, 1]], None, ["a", "b"], "one-hot labels have 3 columns, and class_names 2"),
        ([0.5, 1], None, None, "labels are no whole numbers (first: 0.5 of image 0)"),
        ([0, np.nan], None, None, "labels are no whole numbers (first: nan of image 1)"),
        ([[0.2, 0.8], [0, 1]], None, None, "1 of the rows are not one-hot (first: row 0, [0.2, 0.8]): give one class"),
        ([[1, 1], [0, 1]], None, None, "not one-hot (first: row 0, [1, 1])"),
        ([[0, 0], [0, 1]], None, None, "not one-hot (first: row 0"),
        ([["a", "b"]], None, None, "shape (1, 2): give one number or name an image"),
        (["a", ""], None, None, "labels hold an empty name (first: number 1): name it"),
        (np.array(["a", None], object), None, None, "labels hold None: give whole numbers or names"),
        ([b"\xff", b"a"], None, None, "labels hold bytes that are no UTF-8"),
        (["\ud800", "a"], None, None, "which is no UTF-8: rename it"),
        ([1j, 2], None, None, "labels are of type complex128"),
        (np.array(["2020-01-01", "2021-01-01"], "M8[D]"), None, None, "labels are of type datetime64[D]"),
        ([[[1]]], None, None, "shape (1, 1, 1)"),
    ],
)
def test_what_are_no_labels_is_refused(labels: Any, test_labels: Any, class_names: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        told(labels, test_labels, class_names)
    assert str(error.value).startswith("mine.npz: ") and "\n" not in str(error.value)


def test_names_that_no_eye_tells_apart_are_joined_and_said() -> None:
    given = np.array(["cat", "dog", "c\u200bat", "dog"])
    found = classes_of("here", given, np.array(["ca\u00adt"]), None)
    assert found.names == ("cat", "dog") and found.labels.tolist() == [0, 1, 0, 1]
    assert found.notes == ("2 labels joined others that no eye tells apart (first: 'c\\u200bat' of image 2 is 'cat')",)
    assert classes_of("here", given[[0, 1]], None, None).notes == ()
