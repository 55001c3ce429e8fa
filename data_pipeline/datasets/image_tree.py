"""Which file of a class-per-folder tree is an image of which class, and which of them train or test."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.data_pipeline.dataset import DRAWN
from keras_suite.data_pipeline.datasets.class_names import in_counting_order, one_spelling, spelled_out
from keras_suite.data_pipeline.datasets.drawn_tests import rows_that_test
from keras_suite.data_pipeline.datasets.kept_classes import chosen_classes, means_others
from keras_suite.data_pipeline.datasets.look_alikes import taken_for
from keras_suite.data_pipeline.datasets.tree_layout import TEST, TRAIN, Files, Layout, is_loose_image, recognise
from keras_suite.data_pipeline.images.image_sources import first_names
from keras_suite.data_pipeline.images.leftovers import PACKED, is_in_left_out_folder, why_left_out
from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.quantities import counted

Groups = dict[str, list[str]]  # class name -> full names


@dataclass(frozen=True)
class ImageTree:
    """The images of a tree, sorted into classes and parts.

    Attributes:
        files: Their names: the training images class by class, then the test images likewise.
        class_names: The names of the class folders, in the order in which a person counts.
        train_counts: How many training images each class has.
        test_counts: How many test images each class has.
        notes: Plain sentences on what is used otherwise than it is called.
        read_as: Those of them that the inspection doesn't find by itself.
        layout: Which layout was recognised, and by what.
        left_out: (name, of what it is) of each file that is no image.
        is_drawn: Whether the test images were drawn here.
        marks: What earlier versions read otherwise, so that its runs are others; see `dataset.read_otherwise`.
    """

    files: tuple[str, ...]
    class_names: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_counts: tuple[int, ...]
    notes: tuple[str, ...]
    read_as: tuple[str, ...] = ()
    layout: str = ""
    left_out: tuple[tuple[str, str], ...] = ()
    is_drawn: bool = False
    marks: tuple[str, ...] = ()


def read_tree(
    where: str,
    digests: dict[str, str],
    *,
    classes: Sequence[int | str] | None,
    test_fraction: float,
    layout: Layout = None,
) -> ImageTree:
    """Sort the files of a class-per-folder tree into classes and parts.

    A single folder around everything is ignored. Folders `train` and `test` are used as they are; without them test
    images are chosen by the files' content: the same photographs are the test set under other names too, and copies of
    a photograph are on one side.

    Args:
        where: The tree's name in an error.
        digests: What stands for the content of each file by its name; empty folders end in a slash.
        classes: The classes to keep; None for all.
        test_fraction: The share of each class to test on, where the tree has no test folder.
        layout: Whether the top folders are parts or classes; None to recognise it.

    Raises:
        ValueError: If the files are no such tree.
    """
    files, left_out = _without_leftovers(digests)
    found = recognise(where, files, layout)
    loose: list[str] = []
    train = _by_class(where, found.parts[TRAIN], loose, left_out)
    test = _by_class(where, found.parts[TEST], loose, left_out) if TEST in found.parts else None
    left_out += [(full, "outside the class folders") for full in loose]
    left_out = sorted([*left_out, *((full, 'beside the parts, as layout="parts" says') for full in found.outside)])
    marks = ["layout"] if found.is_new else []
    notes = list(found.notes)
    _join_spellings([train, *([] if test is None else [test])], marks, notes)
    if test is not None and (unknown := sorted(set(test) - set(train))):
        raise ValueError(
            f"{where}: {first_names(unknown)} has test images but none to train on"
            f"{taken_for(unknown[0], [*train, unknown[0]])}: add some, or remove it"
        )
    if len(train) < 2:
        packed = [name for name, why in left_out if why == PACKED]
        raise ValueError(
            f"{where}: found {counted(len(train), 'class folder')}: expected two or more, a folder of images a class"
            + (f"; unpack {first_names(packed)}" if packed else "")
        )
    names = tuple(in_counting_order(train))
    if foreign := [name for name in names if name != name.encode(errors="replace").decode()]:
        raise ValueError(f"{where}: the class folder {first_names(foreign)} has a name that is no UTF-8: rename it")
    if classes is not None:
        kept = tuple(names[label] for label in chosen_classes(where, names, classes))
        marks += ["classes"] if means_others(sorted(train), classes, kept) else []
        names = kept
    if list(names) != sorted(names):
        marks.append("order")
    train = {name: train[name] for name in names}
    is_drawn = test is None
    if test is None:
        contents = [digests[file] for group in train.values() for file in group]
        marks += ["copies"] if len(set(contents)) < len(contents) else []
        train, test = _divide(where, train, contents, test_fraction)
    else:
        test = {name: test.get(name, []) for name in names}
    read_as = tuple(notes)
    if missing := [name for name, group in test.items() if not group]:
        notes.append(f"there is no test image of {first_names(missing)}")
    return ImageTree(
        files=tuple(file for groups in (train, test) for group in groups.values() for file in group),
        class_names=names,
        train_counts=tuple(len(group) for group in train.values()),
        test_counts=tuple(len(group) for group in test.values()),
        notes=tuple(notes),
        read_as=read_as,
        layout=found.why + f"; {DRAWN}" * is_drawn,
        left_out=tuple(left_out),
        is_drawn=is_drawn,
        marks=tuple(marks),
    )


def _without_leftovers(digests: dict[str, str]) -> tuple[Files, list[tuple[str, str]]]:
    """Return what may be an image, the folders that hold nothing else, and what is left out with the reason."""
    reasons = {name: why_left_out(name) for name in sorted(digests)}
    left_out = [(name, why) for name, why in reasons.items() if why is not None]
    files = [(name, name) for name, why in reasons.items() if why is None]
    holding = {name[: at + 1] for name, _ in files for at, letter in enumerate(name) if letter == "/"}
    bare = {f"{name.rpartition('/')[0]}/" for name, _ in left_out if "/" in name and not is_in_left_out_folder(name)}
    return sorted([*files, *((folder, folder) for folder in bare - holding)]), left_out


def left_out_notes(left_out: Sequence[tuple[str, str]]) -> list[str]:
    """Say which files are left out, by what they are."""
    by_reason: dict[str, list[str]] = {}
    for name, why in left_out:
        by_reason.setdefault(why, []).append(name)
    return [f"left out {counted(len(names), 'file')} {why}: {first_names(names)}" for why, names in by_reason.items()]


def _by_class(where: str, files: Files, loose: list[str], left_out: Sequence[tuple[str, str]]) -> Groups:
    """Return the files of each class folder, at any depth in it; those outside of all are added to `loose`."""
    if images := [full for inside, full in files if is_loose_image(inside)]:
        lie = "1 image lies" if len(images) == 1 else f"{len(images):,} images lie"
        raise ValueError(f"{where}: {lie} outside the class folders: {first_names(images)}; move them into one")
    loose += [full for inside, full in files if "/" not in inside]
    groups: Groups = {}
    for inside, full in files:
        if "/" in inside:
            group = groups.setdefault(inside.split("/")[0], [])
            if not full.endswith("/"):
                group.append(full)
    if empty := [name for name, group in groups.items() if not group]:
        first = next(full for inside, full in files if inside.startswith(f"{empty[0]}/"))
        held = Counter(why for name, why in left_out if name.startswith(first))
        more = f" (and {len(empty) - 1:,} more)" if empty[1:] else ""
        if held:
            what = ", ".join(f"{counted(count, 'file')} {why}" for why, count in held.items())
            raise ValueError(
                f"{where}: the folder {one_line(first[:-1])} holds no image ({what}){more}: add images, or move it away"
            )
        raise ValueError(f"{where}: the class folder {one_line(first[:-1])} is empty{more}: add images, or remove it")
    return groups


def _join_spellings(parts: Sequence[Groups], marks: list[str], notes: list[str]) -> None:
    """Let class folders whose names no eye tells apart be one class."""
    counts = Counter[str]()
    for groups in parts:
        counts.update({name: len(group) for name, group in groups.items()})
    chosen = one_spelling(counts)
    others = [name for name, best in chosen.items() if name != best]
    if not others:
        return
    marks.append("spelling")
    notes += [
        f"the folder {spelled_out(name)} joins {spelled_out(chosen[name])}: no eye tells them apart" for name in others
    ]
    for groups in parts:
        for name in [name for name in groups if name in others]:
            groups.setdefault(chosen[name], []).extend(groups.pop(name))
        for group in groups.values():
            group.sort()


def _divide(where: str, groups: Groups, contents: Sequence[str], fraction: float) -> tuple[Groups, Groups]:
    """Divide the files of each class into those that train and those that test."""
    files = [file for group in groups.values() for file in group]
    labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups.values()])
    tests = rows_that_test(where, tuple(groups), labels, contents, fraction)
    test = {file for file, is_test in zip(files, tests.tolist(), strict=True) if is_test}
    train = {name: [file for file in group if file not in test] for name, group in groups.items()}
    return train, {name: [file for file in group if file in test] for name, group in groups.items()}
