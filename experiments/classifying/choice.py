"""Whether a fine-tuned network is kept in place of the head alone, and what is then to be expected of new images."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.image_noise import mcnemar_p
from keras_suite.reports.statistics.intervals import ALPHA

LEAST = math.ceil(math.log2(2 / ALPHA))  # images that only one of two reads right, for McNemar's exact p to be small


@dataclass(frozen=True)
class Choice:
    """The fine-tuned network beside the head alone, on the same images, neither trained on the image it answers.

    Attributes:
        images: How many there are.
        head: How many the head reads right.
        tuned: How many the fine-tuned network does.
        only_tuned: How many only the fine-tuned network reads right.
        only_head: How many only the head does.
        p: McNemar's, exact and two-sided.
    """

    images: int
    head: int
    tuned: int
    only_tuned: int
    only_head: int
    p: float

    @property
    def kept(self) -> bool:
        """Whether the fine-tuned network is shown to be better."""
        return self.only_tuned > self.only_head and self.p <= ALPHA


def choose(head: np.ndarray, tuned: np.ndarray) -> Choice:
    """Compare right answers, bool (n,), of the head alone and of the fine-tuned network."""
    only_tuned, only_head = int((tuned & ~head).sum()), int((head & ~tuned).sum())
    p = mcnemar_p(only_tuned, only_head)
    return Choice(len(head), int(head.sum()), int(tuned.sum()), only_tuned, only_head, p)


def right_when_chosen_by_others(head: np.ndarray, tuned: np.ndarray, fold_of: np.ndarray) -> np.ndarray:
    """Return the right answers of whichever of the two the images of all other folds choose.

    A choice makes the answers that it was made by look better than further ones; these had no part in theirs.

    Args:
        head: Whether the heads (repeats, n) are right.
        tuned: Whether the fine-tuned network (n,) is; the choice compares it with the first repeat of the heads.
        fold_of: The fold int64 (n,) of each image in that repeat.

    Returns:
        bool (repeats, n).
    """
    right = head.copy()
    for rows in _rows_of_folds(fold_of):
        if choose(head[0][~rows], tuned[~rows]).kept:
            right[:, rows] = tuned[rows]
    return right


def _rows_of_folds(fold_of: np.ndarray) -> Iterator[np.ndarray]:
    for fold in np.unique(fold_of):
        yield fold_of == fold
