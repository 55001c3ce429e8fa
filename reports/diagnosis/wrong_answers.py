"""How far down the right answer stands where a network is wrong: what tells wrong labels from hard images.

Who takes a 7 for a 1 has 7 for the second answer. A label that was drawn at random stands anywhere.
"""

import math
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.run_directory import Run, validation

FEWEST_CLASSES = 4  # with fewer there is hardly a place to tell from another


@dataclass(frozen=True)
class WrongAnswers:
    """What a network answered wrongly of the images that validated it.

    Attributes:
        images: How many there are.
        wrong: How many of them were answered wrongly.
        rank: The mean place of those images' labels among the other classes: 0 the second most probable, 1 the least.
    """

    images: int
    wrong: int
    rank: float

    @property
    def error(self) -> float:
        """The standard error of the mean place if labels were drawn at random, for which 1/2 is expected."""
        return 1 / math.sqrt(12 * self.wrong)


def wrong_answers(run: Run) -> WrongAnswers | None:
    """Read them from validation.npz; None where a run kept none, or has too few classes or no wrong answer.

    None, too, where that file is damaged: the page names it where it shows what the file holds.
    """
    try:
        seen = validation(run)
    except (ValueError, OSError):
        return None
    if seen is None or seen.probabilities.shape[1] < FEWEST_CLASSES or not len(seen.labels):
        return None
    own = np.take_along_axis(seen.probabilities, seen.labels[:, None], axis=1)
    wrong = seen.probabilities.argmax(axis=1) != seen.labels
    above = (seen.probabilities > own).sum(axis=1)
    equal = (seen.probabilities == own).sum(axis=1) - 1  # half of them count: where all are equal, the middle
    places = (np.maximum(above + equal / 2, 1) - 1)[wrong] / (seen.probabilities.shape[1] - 2)
    return WrongAnswers(len(wrong), len(places), float(places.mean())) if len(places) else None
