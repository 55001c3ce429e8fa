"""A CSV table beside images, a row an image, that says the class, the angle or the direction of each, as a dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.csv_table import Table, read_csv
from keras_suite.data_pipeline.datasets.labelled_rows import LabelledRows, read_rows
from keras_suite.data_pipeline.datasets.options import (
    LEAVE_OUT,
    Classes,
    Fraction,
    ImageSize,
    LabelledImageOptions,
    check_counts,
    chosen_classes,
    with_options,
)
from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.decoding import decode_and_keep, storage_key
from keras_suite.data_pipeline.images.image_sources import ListedFiles, located
from keras_suite.data_pipeline.images.image_tree import set_apart
from keras_suite.tasks import task_named

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
    channels: Literal[1, 3] = 3,
    test_fraction: Fraction = 0.2,
    **shared: Unpack[LabelledImageOptions],
) -> Dataset:
    """Return the images that a CSV file names, (*image_size, channels), and what one of its columns says of them.

    The file's first row names the columns. `image` is the one of file names, from the table's folder; `path`, the
    table, is looked for where the command runs, then in the data folder. Exactly one of three is asked for:

    - `label`, a column of class names;
    - `angle`, a column of degrees, -360 to 360. 359 and 1 are far apart: where angles go round, give directions;
    - `direction`, two columns, x to the right and y up, of any length but 0.

    Splits keep the proportions of the classes: of `label`, or for angles and directions of the column `stratify`.
    Without it all images are one class. `part` is a column that says train or test; without it `test_fraction` of each
    class is set apart by the images' content, the same for every seed. Frames of one film look alike, so drawn test
    images are nearly those that train: mark other films as test. `classes` and `label_noise` go with `label`.

    Images are stretched to `image_size`, which may be left out when all have one size; neither that nor any other
    option changes angles and directions. Decoded images are kept as those of `image_folder` are.
    """
    task = _task(label, angle, direction, stratify)
    classes, image_size = shared.pop("classes", None), shared.get("image_size")  # classes are chosen before decoding
    limit, test_limit = shared.get("limit"), shared.get("test_limit")
    if task != "classes":
        _refuse_options_of_labels(task, classes, shared.get("label_noise", 0.0))
    table = read_csv(located("image_table", path, data_dir, "a CSV file with a row an image"))
    rows = read_rows(table, image=image, classed=label or stratify, angle=angle, direction=direction, part=part)
    where, mend = str(table.path), LEAVE_OUT if label else "add images" + ", or leave out `stratify`" * bool(stratify)
    if label is not None and len(rows.class_names) < 2:
        raise ValueError(f"{where}: column {label!r} says {rows.class_names[0]!r} throughout: give 2 classes or more")
    chosen = range(len(rows.class_names)) if classes is None else chosen_classes(where, rows.class_names, classes)
    names = tuple(rows.class_names[number] for number in chosen)
    labels = np.searchsorted(chosen, rows.labels)  # of the rows of chosen classes
    train, test = _sides(where, rows, np.flatnonzero(np.isin(rows.labels, chosen)), labels, names, test_fraction, mend)
    check_counts(where, names, labels[train], labels[test], limit=limit, test_limit=test_limit, mend=mend)
    images, notes = _decoded(table, rows, np.concatenate([train, test]), image_size, channels)
    source = Dataset(
        name="image_table",
        images=images[: len(train)],
        labels=labels[train],
        test_images=images[len(train) :],
        test_labels=labels[test],
        class_names=names,
        fingerprint=rows.fingerprint,
        notes=notes,
        task=task,
        targets=None if rows.targets is None else rows.targets[train],
        test_targets=None if rows.targets is None else rows.targets[test],
    )
    return with_options(source, **shared)


def _task(label: str | None, angle: str | None, direction: Sequence[str] | None, stratify: str | None) -> str:
    columns: dict[str, object] = {"classes": label, "angle": angle, "direction": direction}
    given: list[str] = [task for task, column in columns.items() if column is not None]
    if len(given) != 1:
        said = " and ".join("label" if task == "classes" else task for task in given) or "none of them"
        raise ValueError(
            f"image_table needs one of label=COLUMN, angle=COLUMN and direction=[X, Y], and got {said}: give one"
        )
    if label is not None and stratify is not None:
        raise ValueError(f"image_table: label={label!r} is what splits keep the proportions of: leave out `stratify`")
    return given[0]


def _refuse_options_of_labels(task: str, classes: Classes, label_noise: float) -> None:
    if classes is not None or label_noise:
        given = f"classes={list(classes)}" if classes is not None else f"label_noise={label_noise:g}"
        raise ValueError(
            f"image_table: {given} goes with `label`, and the target is {task_named(task).target}: leave it out"
        )


def _sides(
    where: str,
    rows: LabelledRows,
    kept: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    test_fraction: float,
    mend: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which of the `kept` rows train and which test, each ascending: as the table says, else drawn.

    Images of the same content are drawn as one, so none of them tests what another trains.
    """
    if rows.tested is None:
        content = np.array(rows.digests)[kept]
        first = kept[np.sort(np.unique(content, return_index=True)[1])]
        digests = [rows.digests[row] for row in first]
        mend += "; copies of an image count once" * (len(first) < len(kept))
        drawn = set_apart(where, names, labels[first], digests, test_fraction, mend=mend)
        tested = np.isin(content, [digests[at] for at in drawn])
    else:
        tested = rows.tested[kept]
    return kept[~tested], kept[tested]


def _decoded(
    table: Table, rows: LabelledRows, order: np.ndarray, image_size: ImageSize, channels: int
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the rows' images in this order, uint8 (n, height, width, channels), and the notes of their decoding."""
    files, digests = (tuple(texts[row] for row in order) for texts in (rows.files, rows.digests))
    key = storage_key("table", files, digests, image_size, channels)
    source, number = ListedFiles(table.path, files), dict(zip(rows.files, table.rows, strict=True))
    images, entry = decoded_images.load(key) or decode_and_keep(
        key,
        source,
        files,
        image_size,
        channels,
        entry=lambda notes: decoded_images.Entry(notes=notes),
        unchanged=lambda: tuple(source.digests()[file] for file in files) == digests,
        spoken=lambda file: f"{file} in row {number[file]}",
    )
    return images, entry.notes
