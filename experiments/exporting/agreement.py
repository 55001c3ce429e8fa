"""Does an exported file answer as its network does? On the same images, and what that says of others like them."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from keras_suite.reports.statistics.image_noise import ImageNoise, clopper_pearson, image_noise
from keras_suite.reports.statistics.intervals import ALPHA, Interval

Word = Literal["same", "better", "worse", "equivalent", "undecided"]
ROUNDING = 1e-4  # of probabilities in float32, computed in another order
_STEP, _MOST_TIMES = 1.05, 20.0  # of more images, for how many would decide


@dataclass(frozen=True)
class Agreement:
    """An exported file beside its network on the same images.

    Attributes:
        images: How many there are.
        accuracy: The share that the file reads right.
        of_network: The share that the network reads right.
        interval: Of `accuracy`, 95 %, for other images like these.
        same: The images of which both say the same class.
        largest: The largest difference between two probabilities of them.
        noise: The difference of right answers, file minus network, and its p.
        margin: The largest difference of accuracy that does not matter.
    """

    images: int
    accuracy: float
    of_network: float
    interval: Interval
    same: int
    largest: float
    noise: ImageNoise
    margin: float

    @property
    def difference(self) -> float:
        """The file's accuracy minus the network's, on these images."""
        return self.noise.evidence.mean

    @property
    def difference_interval(self) -> Interval:
        """That of two one-sided tests at 5 % for other images like these (90 %)."""
        return self.noise.evidence.image_interval(1 - 2 * ALPHA)

    @property
    def p(self) -> float:
        """McNemar's exact p that file and network are equally good."""
        return self.noise.mcnemar[0]

    @property
    def word(self) -> Word:
        """The verdict for other images like these, by the rules of the reports: equivalence first, then McNemar's test.

        There is one file and one network, not a run of several seeds: images alone make the noise. A file that differs
        by rounding alone computes the same function, and is the "same" whatever the images.
        """
        if self.largest <= ROUNDING:
            return "same"
        if self.difference_interval.inside(self.margin):
            return "equivalent"
        if self.p <= ALPHA:
            return "better" if self.difference > 0 else "worse"
        return "undecided"

    @property
    def images_needed(self) -> int | None:
        """How many images like these would show them equivalent; None where these do, or 20 times as many would not."""
        evidence, times = self.noise.evidence, 1.0
        if self.word != "undecided" or abs(self.difference) >= self.margin:
            return None
        while times < _MOST_TIMES:
            times *= _STEP
            more = dataclasses.replace(
                evidence,
                images=round(evidence.images * times),
                above=(evidence.above[0] * times, evidence.above[1] * times),
                below=(evidence.below[0] * times, evidence.below[1] * times),
            )
            if more.image_interval(1 - 2 * ALPHA).inside(self.margin):
                return more.images
        return None


def agreement(network: np.ndarray, file: np.ndarray, labels: np.ndarray, margin: float) -> Agreement:
    """Compare the answers of a file with those of its network.

    Args:
        network: Its probabilities (n, classes).
        file: The file's.
        labels: The classes int64 (n,).
        margin: The largest difference of accuracy that does not matter.

    Raises:
        ValueError: If the file answered something that is no number.
    """
    if not np.isfinite(file).all():
        raise ValueError("the exported file answered with numbers that are not finite: it cannot be used")
    answers = network.argmax(axis=-1), file.argmax(axis=-1)
    right = [(answer == labels)[np.newaxis] for answer in answers]
    noise = image_noise(right[1], right[0])
    assert noise is not None
    count = len(labels)
    return Agreement(
        images=count,
        accuracy=float(right[1].mean()),
        of_network=float(right[0].mean()),
        interval=clopper_pearson(int(right[1].sum()), count),
        same=int((answers[0] == answers[1]).sum()),
        largest=float(np.abs(network - file).max()),
        noise=noise,
        margin=margin,
    )
