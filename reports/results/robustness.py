"""How many answers damaged images cost: what was measured of a network on corrupted copies of the same images."""

from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.image_noise import clopper_pearson, two_way_mean
from keras_suite.reports.statistics.intervals import Interval


@dataclass(frozen=True)
class Corrupted:
    """What a network answers to images that one corruption damaged.

    Attributes:
        corruption: Its name; "none" for the images as they are.
        strength: In words.
        right: How many answers are right.
        images: Of how many.
        difference: Of the accuracy to that on the same images as they are.
        interval: Of the difference, 95 %, for other images like these.
        unlike: How many images `predict` warns of; None where the run keeps no ranges.
    """

    corruption: str
    strength: str
    right: int
    images: int
    difference: float
    interval: Interval
    unlike: int | None

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return self.right / self.images

    @property
    def accuracy_interval(self) -> Interval:
        """The exact 95 % interval of the accuracy for other images like these."""
        return clopper_pearson(self.right, self.images)


@dataclass(frozen=True)
class Robustness:
    """A network on images as they are, and corrupted.

    Attributes:
        called: What the images are, as "test image".
        of: Of how many the images were drawn.
        trained: Whether they trained the network.
        clean: On the images as they are.
        rows: On corrupted ones, in their order.
    """

    called: str
    of: int
    trained: bool
    clean: Corrupted
    rows: tuple[Corrupted, ...]


def against_clean(
    corruption: str, strength: str, clean: np.ndarray, right: np.ndarray, unlike: int | None
) -> Corrupted:
    """Compare the answers to corrupted images with those to the same images as they are.

    Args:
        corruption: As `Corrupted` has it.
        strength: The same.
        clean: Whether the answer to each image as it is is right, bool (n,).
        right: The same of the corrupted ones.
        unlike: As `Corrupted` has it.
    """
    found = two_way_mean(right[np.newaxis].astype(np.int8) - clean[np.newaxis].astype(np.int8), most=1.0)
    interval = found.image_interval(0.95)
    return Corrupted(corruption, strength, int(right.sum()), len(right), found.mean, interval, unlike)
