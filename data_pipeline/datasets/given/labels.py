"""Labels that were given as numbers, names or one-hot rows, as classes 0..k-1 with names."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from keras_suite.data_pipeline.datasets.class_names import (
    in_counting_order,
    joined_note,
    one_spelling,
    stands_for_nothing,
)
from keras_suite.tasks.wording.shown import shown


@dataclass(frozen=True)
class ClassLabels:
    """The classes of some images.

    Attributes:
        labels: int64 (n,), 0..len(names)-1, of the images that train and validate.
        test_labels: int64 (m,), likewise; None where no test images were given.
        names: One name for each label.
        notes: Plain sentences on names that were joined.
    """

    labels: np.ndarray
    test_labels: np.ndarray | None
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def classes_of(
    where: str, labels: np.ndarray, test_labels: np.ndarray | None, class_names: np.ndarray | None
) -> ClassLabels:
    """Tell the classes.

    Whole numbers and names are sorted and numbered; with `class_names`, numbers index it and names stand in its order.

    Args:
        where: What the labels lie in, for an error.
        labels: Whole numbers or names, (n,) or (n, 1), or one-hot rows (n, k).
        test_labels: The same kind, or None.
        class_names: Names (k,), or None.

    Raises:
        ValueError: If they are no labels, of one class alone, or if a class is tested on that no image trains.
    """
    names = None if class_names is None else names_of(where, class_names, "class_names")
    notes: tuple[str, ...] = ()
    if names is None:
        labels, test_labels, notes = _in_one_spelling(plain_texts(where, labels, "labels"), test_labels)
    values, width = _values(where, labels, "labels")
    if names is None and width is not None:
        names = tuple(map(str, range(width)))
    if names is not None and width not in (None, len(names)):
        raise ValueError(
            f"{where}: one-hot labels have {width} columns, and class_names {len(names)}: give one a class"
        )
    known = _sorted(values) if names is None else _keys(names, values)
    numbers = _numbered(where, values, known, "labels")
    tests = None
    if test_labels is not None:
        tests = _numbered(where, _values(where, test_labels, "test_labels")[0], known, "test_labels")
    present = np.unique(numbers)
    if len(present) < 2:
        one = shown(_plain(known[present[0]]))
        raise ValueError(f"{where}: labels are {one} throughout: give images of 2 classes or more")
    if tests is not None and (strange := np.setdiff1d(tests, present)).size:
        raise _untrained(where, known[strange[0]])
    return ClassLabels(numbers, tests, tuple(str(name) for name in known) if names is None else names, notes)


def _in_one_spelling(
    labels: np.ndarray, tests: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None, tuple[str, ...]]:
    """Return labels of which no two names are told apart by invisible letters or blanks alone, and what was joined."""
    if labels.dtype.kind != "U":
        return labels, tests, ()
    texts = labels.ravel().tolist()
    others = tests.ravel().tolist() if tests is not None and tests.dtype.kind == "U" else []
    spelling = one_spelling(Counter([*texts, *others]))
    if all(name == best for name, best in spelling.items()):
        return labels, tests, ()
    notes = joined_note([*texts, *others], spelling, lambda at: f"of image {at}")
    labels = np.array([spelling[text] for text in texts], str).reshape(labels.shape)
    if others and tests is not None:
        tests = np.array([spelling[text] for text in others], str).reshape(tests.shape)
    return labels, tests, notes


def names_of(where: str, names: np.ndarray, called: str) -> tuple[str, ...]:
    """Return an array of names (k,) as texts; ValueError if there are none, or if one is empty or there twice."""
    values = plain_texts(where, names, called)
    if values.ndim != 1 or not len(values) or values.dtype.kind not in "Uui":
        raise ValueError(f"{where}: {called} are {values.dtype} of shape {values.shape}: give a list of names")
    texts = tuple(map(str, values.tolist()))
    if len(set(texts)) != len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise ValueError(f"{where}: {called} hold {shown(twice)} twice: name each once")
    return texts


def _values(where: str, labels: np.ndarray, called: str) -> tuple[np.ndarray, int | None]:
    """Return labels as whole numbers or texts (n,), and how many columns they had where they were one-hot."""
    labels = plain_texts(where, labels, called)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.shape[1] > 1 and labels.dtype.kind in "uifb":
        return _from_one_hot(where, labels, called), labels.shape[1]
    if labels.ndim != 1:
        raise ValueError(f"{where}: {called} have the shape {labels.shape}: give one number or name an image")
    if labels.dtype.kind == "f":
        odd = np.flatnonzero(~np.isfinite(labels) | (labels != np.rint(labels)) | (np.abs(labels) > 2**53))
        if odd.size:
            raise ValueError(
                f"{where}: {called} are no whole numbers (first: {labels[odd[0]]:g} of image {odd[0]}): give whole "
                'numbers or names; for numbers to predict give `targets`, and task="angle" or "direction"'
            )
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "uibU":
        raise ValueError(f"{where}: {called} are of type {labels.dtype}: give whole numbers or names")
    return labels, None


def _from_one_hot(where: str, rows: np.ndarray, called: str) -> np.ndarray:
    wrong = np.flatnonzero(((rows != 0) & (rows != 1)).any(axis=1) | (rows.astype(bool).sum(axis=1) != 1))
    if wrong.size:
        raise ValueError(
            f"{where}: {called} have the shape {rows.shape}, and {len(wrong):,} of the rows are not one-hot (first: "
            f"row {wrong[0]}, {shown(rows[wrong[0]].tolist())}): give one class an image; of probabilities, "
            f"{called}.argmax(axis=1)"
        )
    return rows.argmax(axis=1).astype(np.int64)


def plain_texts(where: str, values: np.ndarray, called: str) -> np.ndarray:
    """Return texts, in whatever type they came, as NumPy's str; numbers as they are."""
    if values.dtype.kind in "OST":
        try:
            texts = [value.decode() if isinstance(value, bytes) else value for value in values.ravel().tolist()]
        except UnicodeDecodeError as error:
            raise ValueError(f"{where}: {called} hold bytes that are no UTF-8 ({error}): give texts") from None
        if not all(isinstance(text, str) for text in texts):
            other = next(text for text in texts if not isinstance(text, str))
            raise ValueError(f"{where}: {called} hold {shown(other)}: give whole numbers or names")
        values = np.array(texts, str).reshape(values.shape)
    if values.dtype.kind == "U":
        for at, text in enumerate(values.ravel().tolist()):
            if stands_for_nothing(text):
                raise ValueError(
                    f"{where}: {called} hold {shown(text)}, which programs write where there is nothing (first: number "
                    f"{at}): give a name, or leave the image out"
                )
            if not text.strip():
                raise ValueError(f"{where}: {called} hold an empty name (first: number {at}): name it")
            if text != text.encode(errors="replace").decode():
                raise ValueError(f"{where}: {called} hold {shown(text)}, which is no UTF-8: rename it")
    return values


def _sorted(values: np.ndarray) -> np.ndarray:
    """Return the labels that there are, once each: numbers in their order, names in that in which a person counts."""
    known = np.unique(values)
    return np.array(in_counting_order(known.tolist())) if known.dtype.kind == "U" else known


def _keys(names: tuple[str, ...], values: np.ndarray) -> np.ndarray:
    """Return what a label may be, in the order of the given names: the names or the numbers from 0."""
    return np.array(names) if values.dtype.kind == "U" else np.arange(len(names))


def _numbered(where: str, values: np.ndarray, known: np.ndarray, called: str) -> np.ndarray:
    """Return where each label stands in `known`, int64 (n,)."""
    if (values.dtype.kind == "U") != (known.dtype.kind == "U"):
        kinds = ("names", "numbers") if values.dtype.kind == "U" else ("numbers", "names")
        raise ValueError(f"{where}: {called} are {kinds[0]}, and the classes {kinds[1]}: give both alike")
    numbers = {label: number for number, label in enumerate(known.tolist())}
    result = np.array([numbers.get(value, -1) for value in values.tolist()], np.int64)
    strange = np.flatnonzero(result < 0)
    if strange.size and called == "test_labels":
        raise _untrained(where, values[strange[0]])
    if strange.size:
        first, last = (shown(_plain(known[at])) for at in (0, -1))
        raise ValueError(
            f"{where}: {called} hold {shown(_plain(values[strange[0]]))}, for which class_names has no name: expected "
            f"{first} to {last}"
        )
    return result


def _untrained(where: str, label: np.generic) -> ValueError:
    return ValueError(
        f"{where}: test_labels hold {shown(_plain(label))}, and no training image is of that class: add some, or leave "
        "those test images out"
    )


def _plain(value: np.generic) -> object:
    return value.item()
