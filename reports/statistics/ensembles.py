"""Is the mean of several networks better than one of them? Pure functions on arrays."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from keras_suite.reports.statistics.image_noise import image_noise
from keras_suite.reports.statistics.intervals import ALPHA, Interval
from keras_suite.reports.statistics.looks import nominal_level

FEWEST_RUNS = 2


@dataclass(frozen=True)
class Gain:
    """What an ensemble does better than one of its networks, on other images like these.

    Attributes:
        mean: The accuracy of the ensemble minus the mean of its networks'.
        interval: Over all comparisons and looks at 95 %, for these networks on other images.
        word: better, worse, equivalent or undecided.
    """

    mean: float
    interval: Interval
    word: Literal["better", "worse", "equivalent", "undecided"]


def ensemble_gain(ensemble: np.ndarray, networks: np.ndarray, margin: float, comparisons: int = 1) -> Gain:
    """Compare an ensemble with its own networks.

    The networks are at hand, so chance lies in the images alone. Somebody may look again after each further network:
    each number of networks from 2 up counts as a look.

    Args:
        ensemble: Whether it is right about each image, bool (images,).
        networks: The same of each network, bool (networks, images), 2 or more.
        margin: The largest difference of accuracies that does not matter.
        comparisons: How many ensembles are compared.
    """
    noise = image_noise(np.broadcast_to(ensemble, networks.shape), networks)
    if noise is None or len(networks) < FEWEST_RUNS:
        raise ValueError(f"an ensemble takes {FEWEST_RUNS} networks and an image or more, not {networks.shape}")
    looks = range(FEWEST_RUNS, len(networks) + 1)
    one_sided, two_sided = (nominal_level(looks, share * ALPHA / comparisons) for share in (2, 1))
    interval = noise.evidence.image_interval(1 - two_sided)
    if noise.evidence.image_interval(1 - one_sided).inside(margin):
        return Gain(noise.evidence.mean, interval, "equivalent")
    if interval.low > 0 or interval.high < 0:
        return Gain(noise.evidence.mean, interval, "better" if noise.evidence.mean > 0 else "worse")
    return Gain(noise.evidence.mean, interval, "undecided")
