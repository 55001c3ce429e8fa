"""Which file of a class-per-folder tree is an image of which class, and which of them train or test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.data_pipeline.datasets.drawn_tests import choose_test_images
from keras_suite.data_pipeline.datasets.options import chosen_classes
from keras_suite.data_pipeline.images.image_sources import first_names, is_system_file

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
TRAIN_FOLDERS, TEST_FOLDERS = ("train", "training"), ("test", "testing")
VALIDATION_FOLDERS = ("validation", "valid", "val")

Files = list[tuple[str, str]]  # (name inside the folder that is being read, full name)
Groups = dict[str, list[str]]  # class name -> full names


@dataclass(frozen=True)
class ImageTree:
    """The images of a tree, sorted into classes and parts.

    Attributes:
        files: Their names: the training images class by class, then the test images likewise.
        class_names: The names of the class folders, in alphabetical order.
        train_counts: How many training images each class has.
        test_counts: How many test images each class has.
        notes: Plain sentences on what was left out or used otherwise than it is called.
    """

    files: tuple[str, ...]
    class_names: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_counts: tuple[int, ...]
    notes: tuple[str, ...]


def read_tree(
    where: str, digests: dict[str, str], *, classes: Sequence[int | str] | None, test_fraction: float
) -> ImageTree:
    """Sort the files of a class-per-folder tree into classes and parts.

    A single folder around everything is ignored. Folders `train` and `test` are used as they are; without them test
    images are chosen by the files' content: the same photographs are the test set under other names too.

    Args:
        where: The tree's name in an error.
        digests: The SHA-256 of each file by its name; empty folders end in a slash.
        classes: The classes to keep; None for all.
        test_fraction: The share of each class to test on, where the tree has no test folder.

    Raises:
        ValueError: If the files are no such tree.
    """
    notes: list[str] = []
    files = _unwrapped([(name, name) for name in _without_system_files(digests, notes)])
    parts = _parts(where, files, notes)
    train = _by_class(where, parts["train"], notes)
    test = _by_class(where, parts["test"], notes) if "test" in parts else None
    if test is not None and (unknown := sorted(set(test) - set(train))):
        raise ValueError(
            f"{where}: {first_names(unknown)} has test images but none to train on: add some, or remove it"
        )
    if len(train) < 2:
        raise ValueError(
            f"{where}: found {len(train)} class folder(s): expected two or more, a folder of images a class"
        )
    names = tuple(sorted(train))
    if foreign := [name for name in names if name != name.encode(errors="replace").decode()]:
        raise ValueError(f"{where}: the class folder {first_names(foreign)} has a name that is no UTF-8: rename it")
    if classes is not None:
        names = tuple(names[label] for label in chosen_classes(where, names, classes))
    train = {name: train[name] for name in names}
    if test is None:
        train, test = _divide(where, train, digests, test_fraction)
    elif missing := [name for name in names if name not in test]:
        notes.append(f"there is no test image of {first_names(missing)}")
    test = {name: test.get(name, []) for name in names}
    return ImageTree(
        files=tuple(file for group in (*train.values(), *test.values()) for file in sorted(group)),
        class_names=names,
        train_counts=tuple(map(len, train.values())),
        test_counts=tuple(map(len, test.values())),
        notes=tuple(notes),
    )


def _without_system_files(digests: dict[str, str], notes: list[str]) -> list[str]:
    system = [name for name in sorted(digests) if is_system_file(name)]
    if system:
        notes.append(f"left out {len(system)} file(s) of the operating system: {first_names(system)}")
    return [name for name in sorted(digests) if not is_system_file(name)]


def _unwrapped(files: Files) -> Files:
    """Enter single folders around everything, as long as folders remain inside."""
    while len(tops := {inside.split("/")[0] for inside, _ in files if "/" in inside}) == 1:
        top = tops.pop() + "/"
        within = [(inside.removeprefix(top), full) for inside, full in files if inside.startswith(top)]
        if not any("/" in inside for inside, _ in within) or any(_is_loose_image(inside) for inside, _ in within):
            break
        files = within + [file for file in files if not file[0].startswith(top)]
    return files


def _parts(where: str, files: Files, notes: list[str]) -> dict[str, Files]:
    """Return {"train": ..., "test": ...} where the tree has such folders, else {"train": everything}."""
    folders = sorted({inside.split("/")[0] for inside, _ in files if "/" in inside})
    train, test, validation = (
        [folder for folder in folders if folder.lower() in known]
        for known in (TRAIN_FOLDERS, TEST_FOLDERS, VALIDATION_FOLDERS)
    )
    if not train or not (test or validation):
        return {"train": files}
    if not test:
        notes.append(f"the folder {validation[0]} is the test set: there is none called test")
        test, validation = validation, []
    elif validation:
        notes.append(f"the images of {validation[0]} join the training images: each run draws its own validation set")
    if other := sorted(set(folders) - {*train, *test, *validation}):
        raise ValueError(f"{where}: beside {train[0]} and {test[0]} lies {first_names(other)}: move it away")
    parts: dict[str, Files] = {"train": [], "test": []}
    for inside, full in files:
        folder, slash, rest = inside.partition("/")
        if slash and rest:
            parts["test" if folder in test else "train"].append((rest, full))
        elif not slash:
            parts["train"].append((inside, full))
    if not parts["test"]:
        raise ValueError(f"{where}: the folder {test[0]} is empty: add class folders with images, or remove it")
    return parts


def _by_class(where: str, files: Files, notes: list[str]) -> Groups:
    """Return the files of each class folder, at any depth in it."""
    if images := [full for inside, full in files if _is_loose_image(inside)]:
        raise ValueError(
            f"{where}: {len(images)} image(s) lie outside the class folders: {first_names(images)}; move them into one"
        )
    if loose := [full for inside, full in files if "/" not in inside]:
        notes.append(f"left out {len(loose)} file(s) outside the class folders: {first_names(loose)}")
    groups: Groups = {}
    for inside, full in files:
        if "/" in inside:
            group = groups.setdefault(inside.split("/")[0], [])
            if not full.endswith("/"):
                group.append(full)
    if empty := [name for name, group in groups.items() if not group]:
        raise ValueError(f"{where}: the class folder {first_names(empty)} is empty: add images, or remove it")
    return groups


def _is_loose_image(inside: str) -> bool:
    return "/" not in inside and inside.lower().endswith(IMAGE_SUFFIXES)


def _divide(where: str, groups: Groups, digests: dict[str, str], fraction: float) -> tuple[Groups, Groups]:
    """Divide the files of each class into those that train and those that test."""
    files = [file for group in groups.values() for file in group]
    labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups.values()])
    chosen = choose_test_images(where, tuple(groups), labels, [digests[file] for file in files], fraction)
    test = {files[row] for row in chosen}
    train = {name: [file for file in group if file not in test] for name, group in groups.items()}
    return train, {name: [file for file in group if file in test] for name, group in groups.items()}
