"""Which file of a tree is an image of which class, and which of them train or test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.data_pipeline.datasets.options import LEAVE_OUT, chosen_classes
from keras_suite.data_pipeline.images.image_sources import is_system_file
from keras_suite.data_pipeline.sampling import random_bits, stratified_choice

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
TRAIN_FOLDERS, TEST_FOLDERS = ("train", "training"), ("test", "testing")
VALIDATION_FOLDERS = ("validation", "valid", "val")

Files = list[tuple[str, str]]  # (name inside the part that is looked at, whole name)
Groups = dict[str, list[str]]  # class name -> whole names


_TEST_SPLIT = 4  # what a draw is for; part of its key


@dataclass(frozen=True)
class ImageTree:
    """Names of the files in storage order: the training images class by class, then the test images likewise.

    `train_counts` and `test_counts` are images a class, in the order of `class_names`.
    """

    files: tuple[str, ...]
    class_names: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_counts: tuple[int, ...]
    notes: tuple[str, ...]


def read_tree(
    where: str, digests: dict[str, str], *, classes: Sequence[int | str] | None, test_fraction: float
) -> ImageTree:
    """Sort the files (name -> SHA-256; empty folders end in a slash) of a class-per-folder tree.

    A single folder around everything is looked through. Folders `train` and `test` are used as they are; without them
    `test_fraction` of each class is set apart, chosen by the files' content: the same photographs are the test set
    under other names too. Raises ValueError for what does not fit; `where` is the tree's name in the message.
    """
    notes: list[str] = []
    files = _unwrapped([(name, name) for name in _without_system_files(digests, notes)])
    parts = _parts(where, files, notes)
    train = _by_class(where, parts["train"], notes)
    test = _by_class(where, parts["test"], notes) if "test" in parts else None
    if test is not None and (unknown := sorted(set(test) - set(train))):
        raise ValueError(f"{where}: {listed(unknown)} has test images but none to train on: add some, or remove it")
    if len(train) < 2:
        raise ValueError(
            f"{where}: found {len(train)} class folder(s): expected two or more, a folder of images a class"
        )
    names = tuple(sorted(train))
    if classes is not None:
        names = tuple(names[label] for label in chosen_classes(where, names, classes))
    train = {name: train[name] for name in names}
    if test is None:
        train, test = _set_apart(where, train, digests, test_fraction)
    elif missing := [name for name in names if name not in test]:
        notes.append(f"there is no test image of {listed(missing)}")
    test = {name: test.get(name, []) for name in names}
    return ImageTree(
        files=tuple(file for group in (*train.values(), *test.values()) for file in sorted(group)),
        class_names=names,
        train_counts=tuple(map(len, train.values())),
        test_counts=tuple(map(len, test.values())),
        notes=tuple(notes),
    )


def listed(names: Sequence[str], shown: int = 3) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def _without_system_files(digests: dict[str, str], notes: list[str]) -> list[str]:
    left = [name for name in sorted(digests) if is_system_file(name)]
    if left:
        notes.append(f"left out {len(left)} file(s) of the operating system: {listed(left)}")
    return [name for name in sorted(digests) if not is_system_file(name)]


def _unwrapped(files: Files) -> Files:
    """Look through single folders around everything, as long as folders remain inside."""
    while len(tops := {inside.split("/")[0] for inside, _ in files if "/" in inside}) == 1:
        top = tops.pop() + "/"
        within = [(inside.removeprefix(top), whole) for inside, whole in files if inside.startswith(top)]
        if not any("/" in inside for inside, _ in within) or any(_is_loose_image(inside) for inside, _ in within):
            break
        files = within + [file for file in files if not file[0].startswith(top)]
    return files


def _parts(where: str, files: Files, notes: list[str]) -> dict[str, Files]:
    """{"train": ..., "test": ...} where the tree has such folders, else {"train": everything}."""
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
        raise ValueError(f"{where}: beside {train[0]} and {test[0]} lies {listed(other)}: move it away")
    parts: dict[str, Files] = {"train": [], "test": []}
    for inside, whole in files:
        folder, slash, rest = inside.partition("/")
        if slash and rest:
            parts["test" if folder in test else "train"].append((rest, whole))
        elif not slash:
            parts["train"].append((inside, whole))
    if not parts["test"]:
        raise ValueError(f"{where}: the folder {test[0]} is empty: add class folders with images, or remove it")
    return parts


def _by_class(where: str, files: Files, notes: list[str]) -> Groups:
    """Return the files of each class folder, at any depth in it."""
    if images := [whole for inside, whole in files if _is_loose_image(inside)]:
        raise ValueError(
            f"{where}: {len(images)} image(s) lie outside the class folders: {listed(images)}; move them into one"
        )
    if loose := [whole for inside, whole in files if "/" not in inside]:
        notes.append(f"left out {len(loose)} file(s) outside the class folders: {listed(loose)}")
    groups: Groups = {}
    for inside, whole in files:
        if "/" in inside:
            group = groups.setdefault(inside.split("/")[0], [])
            if not whole.endswith("/"):
                group.append(whole)
    if empty := [name for name, group in groups.items() if not group]:
        raise ValueError(f"{where}: the class folder {listed(empty)} is empty: add images, or remove it")
    return groups


def _is_loose_image(inside: str) -> bool:
    return "/" not in inside and inside.lower().endswith(IMAGE_SUFFIXES)


def _set_apart(where: str, groups: Groups, digests: dict[str, str], fraction: float) -> tuple[Groups, Groups]:
    files = [file for group in groups.values() for file in group]
    labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups.values()])
    drawn = set_apart(where, tuple(groups), labels, [digests[file] for file in files], fraction)
    tested = {files[row] for row in drawn}
    train = {name: [file for file in group if file not in tested] for name, group in groups.items()}
    return train, {name: [file for file in group if file in tested] for name, group in groups.items()}


def set_apart(
    where: str,
    names: Sequence[str],
    labels: np.ndarray,
    digests: Sequence[str],
    fraction: float,
    *,
    mend: str = LEAVE_OUT,
) -> np.ndarray:
    """Return ascending positions int64 of the images to test on: `fraction` of them, each class in proportion.

    `labels` (n,), 0..len(names)-1, and `digests`, the SHA-256 of each file, go one for one. One image a class at least
    tests and two are left; ValueError, which ends in `mend`, where a class has fewer than three.
    """
    for name, count in zip(names, np.bincount(labels, minlength=len(names)), strict=True):
        if count < 3:
            raise ValueError(
                f"{where}: class {name!r} has {count} image(s): at least 3 are needed, one each to train on, to "
                f"validate on and to test on; {mend}"
            )
    order = random_bits(0, _TEST_SPLIT, np.array([int(digest[:16], 16) for digest in digests], np.uint64))
    total = min(max(round(len(labels) * fraction), len(names)), len(labels) - 2 * len(names))
    return stratified_choice(labels, order, total, least=1, leave=2)
