"""Which classes the option `classes` keeps: a class is chosen by its name, and by a number where that is its name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset, read_otherwise
from keras_suite.data_pipeline.datasets.class_names import number_of, one_spelling
from keras_suite.data_pipeline.images.file_images import take_rows
from keras_suite.tasks.wording.near_names import did_you_mean


def keep_classes(source: Dataset, classes: Sequence[int | str]) -> Dataset:
    """Leave out the images of other classes, and number the labels anew."""
    kept = chosen_classes(source.name, source.class_names, classes)
    names = [source.class_names[label] for label in kept]
    marks = ["classes"] if means_others(source.class_names, classes, names) else []
    rows = np.flatnonzero(np.isin(source.labels, kept))
    source = take_test(source, np.flatnonzero(np.isin(source.test_labels, kept)))
    return replace(
        source,
        images=take_rows(source.images, rows),
        labels=np.searchsorted(kept, source.labels[rows]),
        test_labels=np.searchsorted(kept, source.test_labels),
        class_names=tuple(names),
        fingerprint=read_otherwise(source.fingerprint, marks),
        targets=None if source.targets is None else source.targets[rows],
        groups=None if source.groups is None else source.groups[rows],
        origin=source.origin.of_train(rows),
    )


def take_test(source: Dataset, rows: np.ndarray) -> Dataset:
    """Leave out all test images but those of some rows."""
    return replace(
        source,
        test_images=take_rows(source.test_images, rows),
        test_labels=source.test_labels[rows],
        test_targets=None if source.test_targets is None else source.test_targets[rows],
        origin=source.origin.of_test(rows),
    )


def chosen_classes(dataset: str, names: Sequence[str], classes: Sequence[int | str]) -> list[int]:
    """Return the label numbers of the chosen classes, ascending.

    A class is chosen by its name; a number chooses the class whose name is that number, as "7", "07" or "7.0". Where no
    name is a number it is a label number.

    Raises:
        ValueError: If a class is unknown or named twice, or if fewer than two are chosen.
    """
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    numbers = [number_of(name) for name in names]
    chosen = [_chosen(dataset, names, places, numbers, choice) for choice in classes]
    if len(set(chosen)) != len(chosen):
        raise ValueError(f"classes={list(classes)} names a class twice: name each once")
    if len(chosen) < 2:
        raise ValueError(f"classes={list(classes)} leaves {len(chosen)} to tell apart: choose at least 2")
    return sorted(chosen)


def _chosen(
    dataset: str,
    names: Sequence[str],
    places: Mapping[str, int],
    numbers: Sequence[float | int | None],
    choice: int | str,
) -> int:
    """Return the label number of a chosen class, given each name's place and the number that it is."""
    if isinstance(choice, bool):
        choice = str(choice)
    if str(choice) in places:
        return places[str(choice)]
    if isinstance(choice, int) and numbers.count(choice) == 1:
        return numbers.index(choice)
    are_numbers = any(number is not None for number in numbers)
    if isinstance(choice, int) and not are_numbers and 0 <= choice < len(names):
        return choice
    if isinstance(choice, str):
        spelling = one_spelling({name: 1 for name in names} | {choice: 0})
        if (same := [name for name in names if spelling[name] == spelling[choice]]) and len(same) == 1:
            return names.index(same[0])
    known = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    by_number = "" if are_numbers else f"0..{len(names) - 1} or "
    hint = did_you_mean(choice, names) if isinstance(choice, str) else ""
    raise ValueError(f"{dataset} has no class {choice!r}{hint}: choose from {by_number}{known}")


def means_others(before: Sequence[str], classes: Sequence[int | str], kept: Sequence[str]) -> bool:
    """Return whether earlier versions, for which numbers were always label numbers, chose other classes.

    Args:
        before: The names in the order that those versions gave them.
        classes: The option.
        kept: The names that are chosen now.
    """
    chosen = {
        before[choice] if isinstance(choice, int) and 0 <= choice < len(before) else str(choice) for choice in classes
    }
    return chosen != set(kept)
