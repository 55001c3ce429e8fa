"""Which folders of a tree are parts (training, validation, test) and which are classes, and why."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from keras_suite.data_pipeline.images.image_sources import first_names
from keras_suite.data_pipeline.images.leftovers import IMAGE_SUFFIXES
from keras_suite.tasks.wording.quantities import listed

TRAIN, VALIDATION, TEST = "train", "validation", "test"
PART_WORDS = {
    TRAIN: ("train", "training", "trainset", "trn", "learn", "fit"),
    VALIDATION: ("validation", "valid", "val", "dev", "development", "validate"),
    TEST: ("test", "testing", "testset", "tst", "eval", "evaluation", "holdout"),
}
_ALWAYS = ("train", "training", "validation", "valid", "val", "test", "testing")  # the names that were always parts
_FOLD = re.compile(r"(fold|split|part|partition|set|subset|batch|shard|cv|k|group|chunk)[\W_]*\d+")  # as "fold_1"
_FILLING = ("set", "data", "dataset", "images", "image", "imgs", "img", "split", "part", "folder", "samples", "photos")

Layout = Literal["parts", "classes"] | None
File = tuple[str, str]  # (name inside the folder that is being read, full name)
Files = list[File]


def part_of(name: str) -> str | None:
    """Return which part a folder or a cell of a table names ("Train", "val_set", "test-images"); None if none."""
    found = _part_and_rest(name)
    return found[0] if found is not None and not found[1] else None


def parts_among(names: Sequence[str]) -> dict[str, str]:
    """Return which part each of the folders side by side names; those that name none are left out.

    Words that they have beside the part, as in "seg_train" and "seg_test", are no matter where they are the same.
    """
    found = {name: parsed for name in names if (parsed := _part_and_rest(name)) is not None}
    plain = {name: part for name, (part, rest) in found.items() if not rest}
    if plain:
        return plain
    by_rest: dict[frozenset[str], dict[str, str]] = {}
    for name, (part, rest) in found.items():
        by_rest.setdefault(rest, {})[name] = part
    alike = [group for group in by_rest.values() if len(set(group.values())) > 1]
    return alike[0] if len(alike) == 1 else {}


def _with_a_part_in_the_name(names: Sequence[str]) -> dict[str, str]:
    """Return the folders whose names hold a word of a part, whatever else they hold, with that part."""
    return {name: parsed[0] for name in names if (parsed := _part_and_rest(name)) is not None}


def _are_parts(known: dict[str, str]) -> bool:
    """Return whether they are enough: some to train, and others."""
    return TRAIN in known.values() and len(set(known.values())) > 1


def _part_and_rest(name: str) -> tuple[str, frozenset[str]] | None:
    """Return the part that a name holds one word of, and its other words; None if it holds none, or two."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip())  # TrainSet
    words = [word for word in re.split(r"[\W_]+", apart.lower()) if word]
    of_parts = {word: part for word in words for part, known in PART_WORDS.items() if word in known}
    if len(of_parts) != 1:
        return None
    [(word, part)] = of_parts.items()
    return part, frozenset(words) - {word} - set(_FILLING)


@dataclass(frozen=True)
class TreeLayout:
    """How a tree is read.

    Attributes:
        parts: The files of "train" and, where there are test folders, of "test"; their names begin with the class.
        why: Which layout was recognised and by what, in a sentence.
        notes: What is used otherwise than it is called.
        is_new: Whether earlier versions read such a tree otherwise, so that its runs are others.
        outside: The files that lie beside the parts, which the user said are parts.
    """

    parts: dict[str, Files]
    why: str
    notes: tuple[str, ...] = ()
    is_new: bool = False
    outside: tuple[str, ...] = ()


def recognise(where: str, files: Files, layout: Layout = None) -> TreeLayout:
    """Tell parts from classes.

    Args:
        where: The tree's name in an error.
        files: All that may be images, and the empty folders, whose names end in a slash.
        layout: "parts" or "classes" where the user says it; None to recognise it.

    Raises:
        ValueError: If there are two readings; names both.
    """
    files, around = _unwrapped(files)
    inside = f", inside {'/'.join(around)}" if around else ""
    tops = sorted({name.split("/")[0] for name, _ in files if "/" in name})
    known = parts_among(tops)
    if layout == "parts" and not _are_parts(known):
        known = _with_a_part_in_the_name(tops)
        if not _are_parts(known):
            raise ValueError(
                f'{where}: layout="parts" needs folders train and test (or validation), and there are '
                f"{first_names(tops, 6)}: rename them"
            )
    if layout == "classes" or not known:
        return _of_classes(where, files, tops, inside, said=layout is not None)
    strangers = [top for top in tops if top not in known]
    if layout == "parts" or (_are_parts(known) and all(_holds_folders(files, top) for top in known)):
        if strangers and layout is None:
            raise _two_readings(where, list(known), strangers)
        is_new = any(top.lower() not in _ALWAYS for top in known) or layout == "parts"
        return replace(_by_parts(where, files, known, inside), is_new=is_new)
    if _are_parts(known) or any(_looks_like_a_part(files, top, strangers) for top in known):
        bare = [top for top in known if not _holds_folders(files, top)]
        raise _two_readings(where, bare if _are_parts(known) and bare and not strangers else list(known), strangers)
    return TreeLayout(
        {TRAIN: files}, f"one folder a class{inside}; {first_names(list(known))} is a class as the others"
    )


def _of_classes(where: str, files: Files, tops: Sequence[str], inside: str, *, said: bool) -> TreeLayout:
    """Return the layout of a tree whose top folders are the classes, unless what lies in them speaks against it."""
    shared = _folders_in_all(files, tops)
    if not said:
        if (inner := _parts_in_classes(where, files, tops)) is not None:
            return inner
        perhaps = _with_a_part_in_the_name(tops)
        if shared and _are_parts(perhaps):
            raise _two_readings(where, list(perhaps), [top for top in tops if top not in perhaps])
        if len(shared) > 1 and all(_FOLD.fullmatch(top.lower()) for top in tops):
            raise ValueError(
                f"{where}: {first_names(tops)} each hold the folders {first_names(shared)}: put all images of a class "
                f'into one folder if those are the classes; if {first_names(tops)} are classes say layout="classes"'
            )
    notes = []
    if len(shared) > 1:
        notes.append(
            f"each class folder holds the folders {first_names(shared)}: all their images are of the class "
            f"({first_names(tops)})"
        )
    return TreeLayout({TRAIN: files}, f"one folder a class{inside}", tuple(notes))


def _folders_in_all(files: Files, tops: Sequence[str]) -> list[str]:
    """Return the names of the folders that all of the top folders hold, where those hold nothing else."""
    if len(tops) < 2:
        return []
    inner = {top: set[str]() for top in tops}
    for name, _ in files:
        parts = name.split("/")
        if len(parts) == 2 and parts[1]:
            return []
        if len(parts) > 2:
            inner[parts[0]].add(parts[1])
    return sorted(set.intersection(*inner.values()))


def _two_readings(where: str, parts: Sequence[str], others: Sequence[str]) -> ValueError:
    if others:
        return ValueError(
            f'{where}: beside {first_names(parts)} lies {first_names(others)}: say layout="parts" if the former are '
            f"parts of the data, which leaves out {first_names(others)}; if all of them are classes say "
            'layout="classes"'
        )
    return ValueError(
        f"{where}: {first_names(parts)} may be a part without class folders, or a class: put a folder a class into "
        'every part, or say layout="classes"'
    )


def is_loose_image(name: str) -> bool:
    """Return whether a file lies in no folder and is called as an image."""
    return "/" not in name and name.lower().endswith(IMAGE_SUFFIXES)


def _unwrapped(files: Files) -> tuple[Files, list[str]]:
    """Enter single folders around everything, as long as folders remain inside; return their names, too."""
    around = []
    while len(tops := {name.split("/")[0] for name, _ in files if "/" in name}) == 1:
        top = tops.pop()
        within = [(name.removeprefix(f"{top}/"), full) for name, full in files if name.startswith(f"{top}/")]
        if not any("/" in name for name, _ in within) or any(is_loose_image(name) for name, _ in within):
            break
        files = within + [file for file in files if not file[0].startswith(f"{top}/")]
        around.append(top)
    return files, around


def _holds_folders(files: Files, top: str) -> bool:
    """Return whether a folder holds folders, and no image directly; an empty one counts."""
    within = [name.removeprefix(f"{top}/") for name, _ in files if name.startswith(f"{top}/")]
    return all("/" in name or not name for name in within)


def _looks_like_a_part(files: Files, top: str, others: Sequence[str]) -> bool:
    """Return whether a folder holds class folders, while those beside it are classes, or called as what it holds."""
    within = [name.removeprefix(f"{top}/") for name, _ in files if name.startswith(f"{top}/")]
    folders = {name.split("/")[0] for name in within if "/" in name}
    if not folders or not all("/" in name or not name for name in within):
        return False
    return bool(folders & set(others)) or any(not _holds_folders(files, other) for other in others)


def _by_parts(where: str, files: Files, known: dict[str, str], inside: str) -> TreeLayout:
    folders = {part: [top for top, of in known.items() if of == part] for part in (TRAIN, VALIDATION, TEST)}
    train, validation, test = folders[TRAIN], folders[VALIDATION], folders[TEST]
    notes = []
    if not test:
        notes.append(f"the folder {validation[0]} is the test set: there is none called test")
        test, validation = validation, []
    elif validation:
        notes.append(f"the images of {validation[0]} join the training images: each run draws its own validation set")
    notes += [f"the images of {listed(same)} are taken together" for same in (train, validation, test) if same[1:]]
    within: dict[str, Files] = {top: [] for top in known}
    loose: Files = []
    outside = []
    for name, full in files:
        top, slash, rest = name.partition("/")
        if slash and top not in known:
            outside += [full] if rest else []
        elif slash and rest:
            within[top].append((rest, full))
        elif not slash:
            loose.append((name, full))
    classes: set[str] = set()
    for top in train:  # of a single class nothing tells it from a folder around the classes
        within[top], _ = _unwrapped(within[top])
        classes |= _tops(within[top])
    for top in (*validation, *test):
        if not _tops(within[top]) & classes:
            within[top], _ = _unwrapped(within[top])
    parts = {
        TRAIN: loose + [file for top in (*train, *validation) for file in within[top]],
        TEST: [file for top in test for file in within[top]],
    }
    if empty := [top for top in known if not within[top]]:
        raise ValueError(f"{where}: the folder {empty[0]} is empty: add class folders with images, or remove it")
    why = f"folders {first_names([*train, *validation, *test], 6)}, each with a folder a class{inside}"
    return TreeLayout(_in_order(files, parts), why, tuple(notes), outside=tuple(outside))


def _in_order(files: Files, parts: dict[str, Files]) -> dict[str, Files]:
    """Return the parts with their files in the order of the tree, on which the rows of finished runs depend."""
    places = {full: place for place, (_, full) in enumerate(files)}
    return {part: sorted(chosen, key=lambda file: places[file[1]]) for part, chosen in parts.items()}


def _tops(files: Iterable[File]) -> set[str]:
    return {name.split("/")[0] for name, _ in files if "/" in name}


def _parts_in_classes(where: str, files: Files, tops: Sequence[str]) -> TreeLayout | None:
    """Return the layout of a tree whose class folders hold the parts, as cats/train and cats/test; None if it isn't."""
    inner = {top: set[str]() for top in tops}
    for name, _ in files:
        parts = name.split("/")
        if len(parts) == 2 and parts[1] and len(tops):
            return None  # a file directly in a class folder
        if len(parts) > 2:
            inner[parts[0]].add(parts[1])
    folders = {folder for found in inner.values() for folder in found}
    known = {folder: part for folder in folders if (part := part_of(folder)) is not None}
    if set(known) != folders or TRAIN not in known.values() or len(set(known.values())) < 2:
        return None
    moved = [
        ("/".join((parts[1], parts[0], *parts[2:])), full) for name, full in files if len(parts := name.split("/")) > 2
    ]
    layout = _by_parts(where, moved, known, "")
    why = f"a folder a class, each with folders {first_names(sorted(folders), 6)}"
    return TreeLayout(layout.parts, why, layout.notes, is_new=True)
