"""A CSV table beside images, a row for each with its class, its angle or its direction, as a dataset."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import DRAWN, Dataset, Hashed, Origin, read_otherwise
from keras_suite.data_pipeline.datasets.drawn_tests import rows_that_test, with_same_pixels
from keras_suite.data_pipeline.datasets.kept_classes import chosen_classes, means_others
from keras_suite.data_pipeline.datasets.labelled_rows import LabelledRows, read_rows
from keras_suite.data_pipeline.datasets.options import (
    ADD_IMAGES,
    Classes,
    Fraction,
    ImageSize,
    LabelledFileOptions,
    LabelledImageOptions,
    check_counts,
    refuse_uncached,
    skipped_files,
    with_options,
)
from keras_suite.data_pipeline.datasets.other_class import with_other
from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.decoding import DecodedFiles, decode_and_store, storage_key
from keras_suite.data_pipeline.images.deep_levels import Levels
from keras_suite.data_pipeline.images.file_images import IN_FILES, images_in_files
from keras_suite.data_pipeline.images.image_sources import ListedFiles, locate
from keras_suite.data_pipeline.images.problem_files import SKIPPED
from keras_suite.tasks import task_named
from keras_suite.tasks.reading.text import shortened
from keras_suite.tasks.wording.quantities import counted

_FACTS, _SIZES, _CONTENTS = "facts", "sizes", "contents"  # the arrays that are kept beside the images

Column = Annotated[str, Field(min_length=1)]  # the name of one


def image_table(
    data_dir: Path | None,
    /,
    *,
    path: str = "",
    image: Column = "image",
    label: Column | None = None,
    angle: Column | None = None,
    direction: tuple[Column, Column] | None = None,
    stratify: Column | None = None,
    part: Column | None = None,
    group: Column | None = None,
    channels: Literal[1, 3] = 3,
    test_fraction: Fraction = 0.2,
    **shared: Unpack[LabelledFileOptions],
) -> Dataset:
    """Load the images that a CSV file names, (*image_size, channels), with what one of its columns says of them.

    The file's first row names the columns. Exactly one of `label`, `angle` and `direction` is the target. Splits keep
    the proportions of the classes: of `label`, or for angles and directions of the column `stratify`; without it all
    images are one class.

    Frames of one film look alike, so test images chosen at random are nearly those that train: mark other films as
    test with `part`.

    Images are stretched to `image_size`, which may be left out when all have one size; neither that nor any other
    option changes angles and directions. Decoded images are stored as those of `image_folder` are.

    Args:
        path: The table, looked for where the command runs, then in the data folder.
        image: The column of file names, from the table's folder.
        label: The column of class names.
        angle: The column of degrees, -360 to 360. 359 and 1 are far apart: where angles go round, give directions.
        direction: The columns of x, to the right, and of y, up, of any length but 0.
        stratify: The column of classes to stratify angles and directions by.
        part: The column that says train, test or validation, in any of the customary words. Validation images join the
            training images, as each run draws its own; where no row says test they test.
        group: The column that says which images belong together, as those of a patient or of a scene: they are never
            on two sides of a split.
        channels: 1 for grey images, 3 for colour.
        test_fraction: Without `part`, the share of each class that tests, chosen by the images' content, the same for
            every seed.
        **shared: `classes`, `label_noise` and `other` are for the target `label`; `levels`, `skip`, `other` and `cache`
            as for `image_folder`.
    """
    task = _task(label, angle, direction, stratify)
    classes, image_size = shared.pop("classes", None), shared.get("image_size")  # classes are chosen before decoding
    limit, test_limit = shared.get("limit"), shared.get("test_limit")
    other, cache = shared.pop("other", ""), shared.pop("cache", True)
    refuse_uncached("image_table", cache, other)
    if label is None:
        _refuse_options_of_labels(task, classes, shared.get("label_noise", 0.0), other)
    place = locate("image_table", path, data_dir, "a CSV file with a row an image")
    levels, skipped = shared.pop("levels", "dataset"), skipped_files(shared.pop("skip", ""), data_dir)
    rows = read_rows(
        place,
        image=image,
        classes=label or stratify,
        angle=angle,
        direction=direction,
        part=part,
        group=group,
        skipped=skipped,
    )
    where, remedy = str(place), ADD_IMAGES if label else "add images" + ", or leave out `stratify`" * bool(stratify)
    if label is not None and len(rows.class_names) < 2:
        raise ValueError(f"{where}: column {label!r} says {rows.class_names[0]!r} throughout: give 2 classes or more")
    chosen = range(len(rows.class_names)) if classes is None else chosen_classes(where, rows.class_names, classes)
    names = tuple(rows.class_names[number] for number in chosen)
    labels = np.searchsorted(chosen, rows.labels)  # of the rows of chosen classes
    kept = np.flatnonzero(np.isin(rows.labels, chosen))
    marks = ["classes"] if classes is not None and means_others(rows.class_names, classes, names) else []

    def decoded(contents: Sequence[str]) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, decoded_images.Entry]]:
        train, test = _parts(where, rows, contents, kept, labels, names, test_fraction, remedy)
        check_counts(where, names, labels[train], labels[test], limit=limit, test_limit=test_limit, remedy=remedy)
        return train, test, _decoded(rows, train, test, image_size, channels, levels, cache)

    try:
        train, test, (images, entry) = decoded(rows.digests)
    except _SamePixels as found:
        train, test, (images, entry) = decoded(found.contents)
    facts: Mapping[str, Any] = json.loads(entry.arrays[_FACTS].tobytes())
    sizes, hashes = entry.arrays[_SIZES], entry.arrays[_CONTENTS]
    scaled = levels if facts["scale"] is None else (facts["scale"][0], facts["scale"][1])
    if not cache:
        files, digests = ([texts[row] for row in (*train, *test)] for texts in (rows.files, rows.digests))
        shape = images.shape[1:]
        images = images_in_files(rows.path.parent, files, digests, shape, image_size is not None, scaled)
    train_images, test_images = images[: len(train)], images[len(train) :]
    source = Dataset(
        name="image_table",
        images=train_images,
        labels=labels[train],
        test_images=test_images,
        test_labels=labels[test],
        class_names=names,
        fingerprint=read_otherwise(rows.fingerprint, [*marks, *facts["marks"]]),
        notes=(*rows.notes, *entry.notes),
        task=task,
        targets=None if rows.targets is None else rows.targets[train],
        test_targets=None if rows.targets is None else rows.targets[test],
        groups=None if rows.groups is None else rows.groups[train],
        contents=Hashed(train_images, hashes[: len(train)]),
        test_contents=Hashed(test_images, hashes[len(train) :]),
        origin=Origin(
            names=tuple(rows.files[row] for row in train),
            test_names=tuple(rows.files[row] for row in test),
            sizes=sizes[: len(train)],
            test_sizes=sizes[len(train) :],
            layout=_layout(part, rows.tests is None),
            read_as=(*rows.notes, *([facts["scaled"]] if facts["scaled"] else [])),
            left_out=tuple((name, SKIPPED) for name in rows.skipped),
            levels=scaled,
            is_own=True,
        ),
    )
    source = with_other(source, other, data_dir, path=place, test_fraction=test_fraction, levels=levels)
    options: Any = shared  # without those that were applied here
    return with_options(source, LabelledImageOptions, **options)


def _layout(part: str | None, is_drawn: bool) -> str:
    return "a table with a row an image; " + (DRAWN if is_drawn else f"column {part!r} says what tests")


class _SamePixels(Exception):
    """Rows of other bytes have the same pixels, and stand on two sides of the test set that was drawn.

    Attributes:
        contents: What stands for the content of each row, the same where the pixels are.
    """

    def __init__(self, contents: Sequence[str]) -> None:
        super().__init__()
        self.contents = contents


def _task(label: str | None, angle: str | None, direction: Sequence[str] | None, stratify: str | None) -> str:
    columns: dict[str, object] = {"classes": label, "angle": angle, "direction": direction}
    given = [task for task, column in columns.items() if column is not None]
    if len(given) != 1:
        options = " and ".join(given).replace("classes", "label") or "none of them"
        raise ValueError(
            f"image_table needs one of label=COLUMN, angle=COLUMN and direction=[X, Y], and got {options}: give one"
        )
    if label is not None and stratify is not None:
        raise ValueError(f"image_table: label={label!r} is what splits keep the proportions of: leave out `stratify`")
    return given[0]


def _refuse_options_of_labels(task: str, classes: Classes, label_noise: float, other: str) -> None:
    if classes is not None or label_noise or other:
        given = f"label_noise={label_noise:g}" if label_noise else f"other={other}"
        given = f"classes={list(classes)}" if classes is not None else given
        raise ValueError(
            f"image_table: {given} goes with `label`, and the target is {task_named(task).target}: leave it out"
        )


def _parts(
    where: str,
    rows: LabelledRows,
    contents: Sequence[str],
    kept: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    test_fraction: float,
    remedy: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which of the `kept` rows train and which test, each ascending: as the table says, else chosen here.

    Images of the same content, or of one group, are chosen as one, so none of them tests what another trains.
    """
    if rows.tests is None:
        digests = [contents[row] for row in kept]
        groups = None if rows.groups is None else rows.groups[kept]
        tests = rows_that_test(where, names, labels[kept], digests, test_fraction, remedy=remedy, groups=groups)
    else:
        tests = rows.tests[kept]
        _refuse_groups_on_two_sides(where, rows, kept, tests)
    return kept[~tests], kept[tests]


def _refuse_groups_on_two_sides(where: str, rows: LabelledRows, kept: np.ndarray, tests: np.ndarray) -> None:
    if rows.groups is None:
        return
    groups = rows.groups[kept]
    both = np.flatnonzero(tests & np.isin(groups, groups[~tests]))
    if both.size:
        first = kept[both[0]]
        raise ValueError(
            f"{where}, row {rows.row_numbers[first]}: its group has training images, too (and "
            f"{counted(len(both) - 1, 'more row')}): let all rows of a group say the same part, or leave out `group`"
        )


def _decoded(
    rows: LabelledRows,
    train: np.ndarray,
    test: np.ndarray,
    image_size: ImageSize,
    channels: int,
    levels: Levels,
    cache: bool,
) -> tuple[np.ndarray, decoded_images.Entry]:
    """Return the images uint8 (n, height, width, channels) of the rows that train, then of those that test."""
    order = np.concatenate([train, test])
    files, digests = (tuple(texts[row] for row in order) for texts in (rows.files, rows.digests))
    known = (files, digests, image_size, channels, levels, len(train), rows.tests is None)
    key = storage_key("table", *known, *([] if cache else [IN_FILES]))
    source, number = ListedFiles(rows.path, files), dict(zip(rows.files, rows.row_numbers, strict=True))

    def entry(found: DecodedFiles) -> decoded_images.Entry:
        if rows.tests is None:
            joined = with_same_pixels(digests, found.contents)
            if set(joined[: len(train)]) & set(joined[len(train) :]):
                contents = list(rows.digests)
                for row, content in zip(order.tolist(), joined, strict=True):
                    contents[row] = content
                raise _SamePixels(contents)
        facts = {"scale": found.scale, "marks": found.marks, "scaled": found.scaled}
        arrays = {
            _FACTS: np.frombuffer(json.dumps(facts).encode(), np.uint8),
            _SIZES: found.sizes,
            _CONTENTS: found.contents,
        }
        return decoded_images.Entry(notes=found.notes, arrays=arrays)

    return decoded_images.load(key) or decode_and_store(
        key,
        source,
        files,
        image_size,
        channels,
        entry=entry,
        unchanged=lambda: tuple(source.digests()[file] for file in files) == digests,
        displayed=lambda file: f"{file if len(file) < 200 else shortened(file)} in row {number[file]}",
        levels=levels,
        cache=cache,
    )
