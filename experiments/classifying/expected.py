"""What share of new images a classifier will read right, and what more photographs would buy."""

from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.image_noise import clopper_pearson
from keras_suite.reports.statistics.intervals import Interval

_DRAWS, _SEED = 400, 0  # of images, for the range of a learning curve
_STEEPEST = 1.0  # exponent of the images, at which an error can fall
_LEVEL = 0.9


@dataclass(frozen=True)
class Expected:
    """The share of right answers.

    Attributes:
        share: On the images that were not trained on.
        interval: For other images like these, 95 %.
        images: How many there were.
    """

    share: float
    interval: Interval
    images: int


def expected_share(right: np.ndarray) -> Expected:
    """Return what to expect of new images.

    Args:
        right: Whether each image (repeats, n) was read right by a head that was fitted without it.

    Returns:
        The mean, with Clopper and Pearson's interval (1934) of so many images. Heads of cross-validation are fitted to
        fewer images than the final one, and their answers hang together; how often the interval holds is measured in
        `benchmarks/classify.py`.
    """
    count = right.shape[1]
    share = float(right.mean())
    return Expected(share, clopper_pearson(share * count, count), count)


def with_more(half: np.ndarray, full: np.ndarray, trained: int, more: int) -> Interval | None:
    """Return about what share to expect with more images: the middle 90 % of what images drawn anew would say.

    How often that holds is measured in `benchmarks/classify.py`, too: in 72 to 88 % of draws. The error is taken to
    fall as a power of the number of images (Hestness et al. 2017), as it did from half of them to all.

    Args:
        half: Whether each image (repeats, n) was read right by heads that were fitted to half of the images.
        full: The same of heads that were fitted to all of the other folds.
        trained: How many images the final head is fitted to.
        more: How many are added.

    Returns:
        None where nothing was read wrong, so that no curve can be seen.
    """
    if full.all() or half.all():
        return None
    random = np.random.default_rng(_SEED)
    wrong_half, wrong_full = 1 - half.mean(axis=0), 1 - full.mean(axis=0)
    drawn = random.integers(0, len(wrong_full), (_DRAWS, len(wrong_full)))
    least = 0.5 / len(wrong_full)  # of an error that a draw of the images happens to miss
    before, now = (np.maximum(each[drawn].mean(axis=1), least) for each in (wrong_half, wrong_full))
    exponent = np.clip(np.log2(before / now), 0, _STEEPEST)
    shares = 1 - now * (1 + more / trained) ** -exponent
    low, high = np.quantile(shares, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Interval(float(low), float(high), _LEVEL)
