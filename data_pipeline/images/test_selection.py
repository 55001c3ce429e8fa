"""The test set of a user's own images that come without one: drawn by content, the same under other names too."""

from collections.abc import Sequence

import numpy as np

from keras_suite.data_pipeline.datasets.options import LEAVE_OUT
from keras_suite.data_pipeline.sampling import random_bits, stratified_choice

_TEST_SPLIT = 4  # what a draw is for; part of its key


def set_apart(
    where: str,
    names: Sequence[str],
    labels: np.ndarray,
    digests: Sequence[str],
    fraction: float,
    *,
    mend: str = LEAVE_OUT,
) -> np.ndarray:
    """Ascending positions int64 of the images to test on: `fraction` of them, each class in proportion.

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
