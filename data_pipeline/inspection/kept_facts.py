"""What was measured of images, kept in the cache folder under a hash of their pixels: computed once for a content."""

import contextlib
import hashlib
import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.images.decoded_images import cache_folder
from keras_suite.data_pipeline.inspection.facts import ImageFacts, measured
from keras_suite.data_pipeline.inspection.near_duplicates import ImageRows, NearPairs, near_pairs
from keras_suite.tasks.atomic_files import replacing
from keras_suite.tasks.reading.arrays import read_npz

_LAYOUT = 1  # raised whenever the same pixels would be measured otherwise
_LARGEST = 2**31  # bytes of what is kept
_NAMES = ("low", "high", "spread", "hashes", "pairs", "is_complete")


def measured_once(
    dataset: Dataset, numbers: np.ndarray, hashes: np.ndarray, *, near: bool
) -> tuple[ImageFacts, NearPairs | None]:
    """Measure the images and find near duplicates, or take what was measured of the same pixels before.

    Args:
        dataset: Its images are measured, then its test images.
        numbers: int64 (n,) of all of them, equal where the pixels are.
        hashes: Of all of them, uint64 (n, 2); see `copies.py`.
        near: Whether to find near duplicates.

    Returns:
        The facts, and the near duplicates by the images' places; None without `near`.
    """
    key = hashlib.sha256(
        f"{_LAYOUT} {near} {dataset.images.shape[1:]} {len(dataset.images)}".encode() + hashes.tobytes()
    )
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
    found = near_pairs(facts.hashes, numbers, ImageRows(dataset.images, dataset.test_images)) if near else None
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
