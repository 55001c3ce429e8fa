"""How many more seeds, or test images, would it take? Pure functions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from keras_suite.reports.statistics.intervals import ALPHA, FEWEST
from keras_suite.reports.statistics.looks import FIRST_LOOK, nominal_level

POWER = 0.8
MOST_SEEDS, MOST_IMAGES = 10_000, 10_000_000  # beyond them no number is named
Aim = Literal["difference", "equivalence"]


@dataclass(frozen=True)
class Plan:
    """What would decide a pair with probability 0.8 if it is as it looks.

    Attributes:
        aim: Whether a difference of the size seen is to be shown, or that it is below the margin.
        seeds: The paired seeds, the present ones included; None where no number of seeds suffices.
        low: The same if the runs scatter less, or differ more, than they happened to: with 10 % chance fewer suffice.
        high: If they scatter more or differ less; None where no number would suffice then.
        images: The test images that are needed as well; None where those there are suffice.
    """

    aim: Aim
    seeds: int | None
    low: int | None
    high: int | None
    images: int | None = None


def fewest_seeds(pairs: int, looks: Sequence[int] = ()) -> int:
    """Return the fewest paired seeds with which the sign-flip test can decide each of `pairs` comparisons.

    The smallest p that n seeds can have is 2 / 2^n, and the first step of Holm's correction multiplies it by `pairs`.

    Args:
        pairs: The number of comparisons.
        looks: The numbers of seeds at which the verdict was looked at before, ascending; the answer is above them.
    """
    n = max([FEWEST, *(count + 1 for count in looks)])
    while 2 / 2**n > (nominal_level((*looks, n), ALPHA / pairs) if looks else FIRST_LOOK * ALPHA / pairs):
        n += 1
    return n


def looks_that_count(recorded: Sequence[int], pairs: int) -> tuple[int, ...]:
    """Return the looks at which a verdict was possible; the others spent nothing of the error rate."""
    looks: tuple[int, ...] = ()
    for n in sorted(set(recorded)):
        if n >= FEWEST and n >= fewest_seeds(pairs, looks):
            looks = (*looks, n)
    return looks


def plan(
    n: int,
    mean: float,
    sd: float,
    margin: float,
    pairs: int = 1,
    looks: Sequence[int] = (),
    images: int | None = None,
    image_error: float = 0.0,
) -> Plan | None:
    """Return how many paired seeds would decide a pair that is undecided.

    Differences below the margin do not matter, so for them it is equivalence that is to be shown, never a difference.

    Args:
        n: The paired seeds there are, at least 2.
        mean: Their mean difference.
        sd: The standard deviation of their differences.
        margin: The largest difference that does not matter.
        pairs: The number of comparisons.
        looks: The numbers of seeds at which the verdict was looked at, the present one among them.
        images: The number of test images, if it is known.
        image_error: The standard error of the mean over images.

    Returns:
        None where nothing can be said: below two seeds, where nothing scatters, or without a margin where no difference
        was observed.
    """
    from scipy import stats

    if n < 2 or math.isnan(mean) or not (sd > 0 or image_error > 0):
        return None
    aim: Aim = "difference" if abs(mean) > margin else "equivalence"
    if aim == "equivalence" and margin == 0:
        return None
    # 80 % intervals of the scatter (chi-squared) and of the mean (Student's t)
    scatter = [sd * math.sqrt((n - 1) / float(stats.chi2.isf(tail, n - 1))) for tail in (0.1, 0.9)]
    away = float(stats.t.isf(0.1, n - 1)) * sd / math.sqrt(n)
    if aim == "difference":
        sizes = [abs(mean), abs(mean) + away, abs(mean) - away if abs(mean) - away > margin else 0.0]
    else:  # next to the margin no number would do: a true difference of half of it at most is planned for
        sizes = [max(margin - abs(mean), margin / 2), margin, margin - abs(mean) - away]

    def seeds(size: float, spread: float, error: float) -> int | None:
        return seeds_for(size, spread, aim, pairs, looks, n, error)

    best = seeds(sizes[0], sd, image_error)
    images_needed = None
    if best is None and image_error > 0 and images:
        images_needed = _images_for(sizes[0], image_error, images, aim, pairs)
        best = seeds(sizes[0], sd, image_error * math.sqrt(images / images_needed)) if images_needed else None
    low = seeds(sizes[1], scatter[0], 0.0 if images_needed else image_error)
    high = None if images_needed else seeds(sizes[2], scatter[1], image_error)
    return Plan(aim, best, low, high, images_needed)


def seeds_for(
    size: float,
    sd: float,
    aim: Aim = "difference",
    pairs: int = 1,
    looks: Sequence[int] = (),
    beyond: int = 0,
    image_error: float = 0.0,
    power: float = POWER,
) -> int | None:
    """Return the paired seeds at which one further look would decide with probability `power`.

    Args:
        size: For a difference its true size; for equivalence the distance of the true difference from the margin.
        sd: The standard deviation of the paired differences.
        aim: What is to be shown.
        pairs: The number of comparisons.
        looks: The numbers of seeds at which the verdict was looked at before.
        beyond: The number of seeds there are: at least one more is named.
        image_error: The standard error of the mean over test images, which more seeds do not make smaller.
        power: The probability of a decision.

    Returns:
        None if no number up to 10,000 suffices.
    """
    from scipy.stats import nct, t

    counted = looks_that_count(looks, pairs)
    n = max(fewest_seeds(pairs, counted), beyond + 1)
    if size <= 0:
        return None

    def reached(count: int) -> float:
        level = nominal_level((*(look for look in counted if look < count), count), _rate(aim) / pairs)
        error = math.hypot(sd / math.sqrt(count), image_error)
        if error == 0:
            return 1.0
        edge = float(t.isf(level / 2, count - 1))
        chance = float(nct.sf(edge, count - 1, size / error))
        chance = 1.0 if math.isnan(chance) else chance  # the non-central t gives NaN where it is 1 to all digits
        return 2 * chance - 1 if aim == "equivalence" else chance  # both of the two one-sided tests

    if reached(n) >= power:
        return n
    above = n
    while reached(above) < power:
        n, above = above, 2 * above
        if n > MOST_SEEDS:
            return None
    while above - n > 1:
        middle = (n + above) // 2
        n, above = (n, middle) if reached(middle) >= power else (middle, above)
    return above


def _rate(aim: Aim) -> float:
    return ALPHA if aim == "difference" else 2 * ALPHA  # one-sided tests, each at 5 %


def _images_for(size: float, image_error: float, images: int, aim: Aim, pairs: int) -> int | None:
    """Return the test images with which half of the noise that may be there is the images'."""
    from scipy.stats import norm

    if size <= 0:
        return None
    quantiles = float(norm.isf(FIRST_LOOK * _rate(aim) / pairs / 4) + norm.ppf(POWER))
    too_noisy = quantiles * image_error / size
    if too_noisy > math.sqrt(MOST_IMAGES):
        return None
    needed = math.ceil(images * 2 * too_noisy**2)
    return needed if needed <= MOST_IMAGES else None
