"""The inspection of a dataset: the same for folders, archives, tables and arrays, and the same for every seed.

What takes long is measured once for the same content; see `kept_facts.py`.
"""

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.inspection.appearance import blank, dynamic_range, sizes
from keras_suite.data_pipeline.inspection.classes import class_counts, classes
from keras_suite.data_pipeline.inspection.copies import hashes_of, numbered
from keras_suite.data_pipeline.inspection.duplicates import AllImages, copies, near_duplicates
from keras_suite.data_pipeline.inspection.facts import SIDE
from keras_suite.data_pipeline.inspection.findings import Finding, Inspection, joined
from keras_suite.data_pipeline.inspection.kept_facts import measured_once


def inspect(dataset: Dataset, *, near: bool | None = None) -> Inspection:
    """Inspect what trains, validates and tests.

    Args:
        dataset: With its options applied.
        near: Whether near duplicates are looked for; None for where they tell something: in data of the user's own, of
            32 pixels a side or more.
    """
    if near is None:
        near = dataset.origin.is_own and min(dataset.image_shape[:2]) >= SIDE
    train, test = hashes_of(dataset)
    images = AllImages(dataset, np.concatenate(numbered(train, test)), len(train))
    facts, pairs = measured_once(dataset, images.numbers, np.concatenate([train, test]), near=near)
    counts = class_counts(dataset)
    findings = joined(
        [
            *copies(images),
            *near_duplicates(images, pairs),
            *classes(dataset, counts),
            blank(images, facts),
            dynamic_range(images, facts),
            *sizes(images),
            *(Finding("read_as", said, is_warning=False) for said in dataset.origin.read_as),
            _left_out(dataset),
        ]
    )
    return Inspection(dataset.origin.layout, counts, findings)


def _left_out(dataset: Dataset) -> Finding | None:
    left_out = dataset.origin.left_out
    if not left_out:
        return None
    reasons: dict[str, int] = {}
    for _, why in left_out:
        reasons[why] = reasons.get(why, 0) + 1
    what = ", ".join(f"{count:,} {why}" for why, count in sorted(reasons.items(), key=lambda item: -item[1]))
    return Finding("left_out", f"files that are left out: {what}", False, tuple(name for name, _ in left_out))
