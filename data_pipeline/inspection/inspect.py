"""The inspection of a dataset: the same for folders, archives, tables and arrays, and the same for every seed.

What takes long is kept in the cache folder under a hash of the images' pixels, and computed once for the same content.
"""

import contextlib
import hashlib
import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.images.decoded_images import cache_folder
from keras_suite.data_pipeline.inspection.appearance import blank, dynamic_range, sizes
from keras_suite.data_pipeline.inspection.classes import class_counts, classes
from keras_suite.data_pipeline.inspection.copies import hashes_of, numbered
from keras_suite.data_pipeline.inspection.duplicates import AllImages, copies, near_duplicates
from keras_suite.data_pipeline.inspection.facts import SIDE, ImageFacts, measured
from keras_suite.data_pipeline.inspection.findings import Finding, Inspection, joined
from keras_suite.data_pipeline.inspection.near_duplicates import ImageRows, NearPairs, near_pairs
from keras_suite.tasks.atomic_files import replacing
from keras_suite.tasks.reading.arrays import read_npz

_LAYOUT = 1  # raised whenever the same pixels would be measured otherwise
_LARGEST = 2**31  # bytes of what is kept
_NAMES = ("low", "high", "spread", "hashes", "pairs", "is_complete")


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
    facts, pairs = _measured(dataset, images, np.concatenate([train, test]), near)
    counts = class_counts(dataset)
    findings = joined(
        [
            *copies(images),
            *near_duplicates(images, pairs),
            *classes(dataset, counts),
            blank(images, facts),
            dynamic_range(images, facts),
            *sizes(images),
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


def _measured(
    dataset: Dataset, images: AllImages, hashes: np.ndarray, near: bool
) -> tuple[ImageFacts, NearPairs | None]:
    """Measure the images, or take what was measured of the same pixels before."""
    key = hashlib.sha256(f"{_LAYOUT} {near} {dataset.images.shape[1:]} {images.train}".encode() + hashes.tobytes())
    path = cache_folder() / "inspected" / f"{key.hexdigest()[:32]}.npz"
    # damaged or not there: it is made anew
    with contextlib.suppress(OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile, zlib.error):
        low, high, spread, hashes_kept, pairs, is_complete = read_npz(
            path, _NAMES, at_most=_LARGEST, expected="an inspection"
        )
        if len(low) == len(hashes):
            return ImageFacts(low, high, spread, hashes_kept), NearPairs(pairs, bool(is_complete)) if near else None
    parts = [measured(each, np.arange(len(each)), with_hashes=near) for each in (dataset.images, dataset.test_images)]
    facts = ImageFacts(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES[:4]))
    found = near_pairs(facts.hashes, images.numbers, ImageRows(dataset.images, dataset.test_images)) if near else None
    _keep(path, facts, found)
    return facts, found


def _keep(path: Path, facts: ImageFacts, found: NearPairs | None) -> None:
    pairs = np.zeros((0, 2), np.int64) if found is None else found.pairs
    is_complete = np.array(found is None or found.is_complete)
    stored = io.BytesIO()
    of_images = {name: getattr(facts, name) for name in _NAMES[:4]}
    np.savez(stored, **of_images, pairs=pairs, is_complete=is_complete)
    with contextlib.suppress(OSError):  # a full disk: it is measured again
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(stored.getvalue())
