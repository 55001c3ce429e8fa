"""What do runs on finitely many test images say of other images like them? Pure functions on arrays.

Scores are those of every run and test image, (seeds, images), with the same seeds in the same order for both variants:
bool where an answer is right or wrong, else float. The noise of other seeds alone is in intervals.py; here are that of
the images, and both together.
"""

import math
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.intervals import ALPHA, Interval


@dataclass(frozen=True)
class ImageNoise:
    """What a finite test set means for one pair of variants; differences are variant minus the other.

    Attributes:
        images: The number of test images.
        only_variant: Images that only the variant got right, or did better; the mean over the paired runs.
        only_other: The same of the other.
        mcnemar: The exact p of each pair of runs; empty where answers are not right or wrong.
        noise: Half the width of the 95 % interval that other images alone would give the mean difference.
        evidence: The difference with both its kinds of noise.
    """

    images: int
    only_variant: float
    only_other: float
    mcnemar: tuple[float, ...]
    noise: float
    evidence: "TwoWayMean"

    def runs_that_differ(self) -> int:
        """Return how many pairs of runs McNemar's test distinguishes, each at 5 %."""
        return sum(p <= ALPHA for p in self.mcnemar)


def image_noise(variant: np.ndarray, other: np.ndarray, higher_is_better: bool = True) -> ImageNoise | None:
    """Compare two arrays of scores (seeds, images). Returns None without a seed or an image."""
    binary = variant.dtype == bool
    kind = np.int8 if binary else np.float64
    differences = variant.astype(kind) - other.astype(kind)
    if not differences.size:
        return None
    ahead, behind = (differences > 0).sum(axis=1), (differences < 0).sum(axis=1)
    if not higher_is_better:
        ahead, behind = behind, ahead
    evidence = two_way_mean(differences, most=1.0 if binary else None)
    alone = evidence.image_interval(1 - ALPHA)
    return ImageNoise(
        images=differences.shape[1],
        only_variant=float(ahead.mean()),
        only_other=float(behind.mean()),
        mcnemar=tuple(mcnemar_p(*map(int, counts)) for counts in zip(ahead, behind, strict=True)) if binary else (),
        noise=(alone.high - alone.low) / 2,
        evidence=evidence,
    )


def mcnemar_p(only_one: int, only_other: int) -> float:
    """Return McNemar's exact two-sided p (1947) for two runs on the same images.

    Only images that one run got right and the other wrong distinguish them; if the two are equally good, such an image
    is as likely to be the one kind as the other.

    Args:
        only_one: How many images only the first run got right.
        only_other: How many only the second got right.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    return float(mcnemar([[0, only_one], [only_other, 0]], exact=True).pvalue)


@dataclass(frozen=True)
class TwoWayMean:
    """A mean over seeds and images, with what is needed for its intervals.

    Attributes:
        seeds: The number of seeds.
        images: The number of images.
        mean: The mean over both.
        seed_error: The standard error of the mean over seeds, on these images; NaN with one seed.
        image_error: That over images, with these seeds.
        residual_error: The share of both that is chance in single answers, and stands in each of them.
        above: (sum, sum of squares) of the positive means over seeds of single images.
        below: The same of the negative ones, without their sign.
        most: The largest possible size of one image's value; None where it has no bound.
    """

    seeds: int
    images: int
    mean: float
    seed_error: float
    image_error: float
    residual_error: float
    above: tuple[float, float]
    below: tuple[float, float]
    most: float | None

    def image_interval(self, level: float) -> Interval:
        """Return the interval for the mean of these same runs over other images like these.

        Where values are bounded, as of answers that are right or wrong, it does not vanish when no image differs: 20
        images on which two runs agree leave room for 18 points. The sums of the positive and of the negative values
        each have Fay and Feuer's gamma interval (1997), which is exact for counts; they are put together as Zou and
        Donner's "method of variance estimates recovery" does (2008). Else it is Student's t-interval over images.
        """
        from scipy import stats

        if self.most is None:
            half = 0.0
            if self.image_error > 0:
                half = float(stats.t.ppf((1 + level) / 2, max(self.images - 1, 1))) * self.image_error
            return Interval(self.mean - half, self.mean + half, level)
        rise, fall = self._gamma_interval(self.above, level), self._gamma_interval(self.below, level)
        up, down = self.above[0] / self.images, self.below[0] / self.images
        low = self.mean - math.hypot(up - rise[0], fall[1] - down)
        high = self.mean + math.hypot(rise[1] - up, down - fall[0])
        return Interval(max(low, -self.most), min(high, self.most), level)

    def _gamma_interval(self, part: tuple[float, float], level: float) -> tuple[float, float]:
        """Return the interval of the mean of one sign's values; an image not seen may have the largest value."""
        from scipy import stats

        assert self.most is not None
        total, squares = part
        tail = (1 - level) / 2
        low = squares / (2 * total) * stats.chi2.ppf(tail, 2 * total**2 / squares) if squares > 0 else 0.0
        total, squares = total + self.most, squares + self.most**2
        high = squares / (2 * total) * stats.chi2.isf(tail, 2 * total**2 / squares)
        return float(low) / self.images, float(high) / self.images

    def interval(self, level: float, further_run: bool = False) -> Interval | None:
        """Return the interval for other seeds and other images together; None below two seeds.

        The two are put together as in `image_interval`, and the chance in single answers, which scatters the means of
        seeds and those of images alike, is taken off once (Owen, 2007: two-way random effects).

        Args:
            level: The level of confidence.
            further_run: Whether it is for the mean that one further seed would have over very many images, instead of
                the mean over all seeds.
        """
        return self.with_seeds(self.image_interval(level), further_run)

    def with_seeds(self, of_images: Interval, further_run: bool = False) -> Interval | None:
        """Return an interval for other images widened by what other seeds add; None below two seeds.

        Args:
            of_images: That for other images with these seeds.
            further_run: As in `interval`.
        """
        from scipy import stats

        if self.seeds < 2:
            return None
        tail = (1 - of_images.level) / 2
        of_seeds = (float(stats.t.isf(tail, self.seeds - 1)) * self.seed_error) ** 2
        once = (float(stats.norm.isf(tail)) * self.residual_error) ** 2

        def both(of_image: float) -> float:
            of_mean = max(of_seeds + of_image**2 - once, of_seeds, of_image**2)
            if not further_run:
                return math.sqrt(of_mean)
            # one run scatters as much as n means of n; on very many images the chance in its answers is not part of it
            return math.sqrt(max((1 + self.seeds) * (of_seeds - once) + of_image**2, of_mean))

        low, high = self.mean - both(self.mean - of_images.low), self.mean + both(of_images.high - self.mean)
        if self.most is not None:
            low, high = max(low, -self.most), min(high, self.most)
        return Interval(low, high, of_images.level)

    def p(self) -> float:
        """Return the two-sided p that the mean over seeds and images is 0: where `interval` begins to leave it out."""
        from scipy.optimize import brentq

        if self.seeds < 2 or self.mean == 0:
            return 1.0

        def leaves_out(log_p: float) -> float:
            interval = self.interval(-math.expm1(log_p))
            assert interval is not None
            return interval.low if self.mean > 0 else -interval.high

        least, most = math.log(1e-12), math.log(1 - 1e-9)
        if leaves_out(least) > 0:
            return math.exp(least)
        return math.exp(brentq(leaves_out, least, most, xtol=1e-6)) if leaves_out(most) > 0 else 1.0


def two_way_mean(values: np.ndarray, most: float | None = None) -> TwoWayMean:
    """Return the mean of `values` (seeds, images) with its errors.

    Args:
        values: One number for each seed and image, at least one of each.
        most: The largest possible size of a value; None where there is no bound.
    """
    seeds, images = values.shape
    of_seeds, of_images = values.mean(axis=1), values.mean(axis=0)
    mean = float(of_seeds.mean())
    residual = 0.0
    if seeds > 1 and images > 1:
        squares = float(np.einsum("ij,ij->", values, values, dtype=float, casting="unsafe"))
        left = squares - images * float(of_seeds @ of_seeds) - seeds * float(of_images @ of_images)
        left += seeds * images * mean**2
        residual = max(left, 0.0) / ((seeds - 1) * (images - 1))
    above, below = np.maximum(of_images, 0), np.maximum(-of_images, 0)
    return TwoWayMean(
        seeds=seeds,
        images=images,
        mean=mean,
        seed_error=float(of_seeds.std(ddof=1) / math.sqrt(seeds)) if seeds > 1 else math.nan,
        image_error=float(of_images.std(ddof=1) / math.sqrt(images)) if images > 1 else 0.0,
        residual_error=math.sqrt(residual / (seeds * images)),
        above=(float(above.sum()), float(above @ above)),
        below=(float(below.sum()), float(below @ below)),
        most=most,
    )


_ONE_RUN = 8.0  # the wrong answers at which an observed scatter counts as much as that of a single run


def share_interval(right: np.ndarray, level: float = 0.95, further_run: bool = False) -> Interval | None:
    """Return the range for the share of right answers over other seeds and other images; None below two seeds.

    The images' part is `clopper_pearson` with the number of images that would scatter as much as
    the means of single images over the seeds do (Korn and Graubard, 1998). With few wrong (or few right) answers that
    scatter is hardly known, and is drawn towards that of a single run.

    Args:
        right: Whether each run (seeds, images) is right.
        level: The level of confidence.
        further_run: As in `TwoWayMean.interval`.
    """
    if right.shape[0] < 2 or not right.size:
        return None
    found = two_way_mean(right.astype(np.int8))
    share, count = found.mean, float(found.images)
    if 0 < share < 1:
        rarer = min(share, 1 - share) * count
        of_one = share * (1 - share) / count
        count = share * (1 - share) / ((rarer * found.image_error**2 + _ONE_RUN * of_one) / (rarer + _ONE_RUN))
    interval = found.with_seeds(clopper_pearson(share * count, count, level), further_run)
    return interval and Interval(max(interval.low, 0.0), min(interval.high, 1.0), level)


def clopper_pearson(hits: float, count: float, level: float = 0.95) -> Interval:
    """Return Clopper and Pearson's interval (1934) of a share, of `hits` in `count` independent images of one run."""
    from scipy import stats

    tail = (1 - level) / 2
    low = float(stats.beta.ppf(tail, hits, count - hits + 1)) if hits > 0 else 0.0
    high = float(stats.beta.isf(tail, hits + 1, count - hits)) if hits < count else 1.0
    return Interval(low, high, level)
