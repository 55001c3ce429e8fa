"""Scores in which each class counts alike, however many images it has: balanced accuracy, macro F1, areas of curves.

All are means over the classes that have images, as in scikit-learn's `balanced_accuracy_score`, `f1_score`,
`roc_auc_score` and `average_precision_score`, which the tests compare them with; a class without an image has no say,
also where it is predicted. For two classes an area is that of the rarer one, of equally many the second: it is that
one which has to be found, and the other's precision is high whatever a network does. A function here takes labels (n,)
and probabilities (n, classes).

One sort of a column gives its ranks, so that nothing imports scikit-learn's metrics (1.2 s of a report's start).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

POINTS = 101  # of a curve
FALSE_POSITIVES = np.linspace(0, 1, POINTS) ** 2  # denser where a curve rises
RECALL = np.linspace(0, 1, POINTS)
DRAWN = 8  # classes whose own curves are kept


def balanced_accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Compute the mean recall of the classes."""
    images, right, _ = _counts(labels, probabilities)
    present = images > 0
    return float((right[present] / images[present]).mean())


def macro_f1(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Compute the mean F1 of the classes: twice the right ones of the images of a class and those predicted as it."""
    images, right, predicted = _counts(labels, probabilities)
    present = images > 0
    return float((2 * right[present] / (images + predicted)[present]).mean())


def _counts(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each class its images, those of them that are right, and the images predicted as it."""
    classes, predicted = probabilities.shape[1], probabilities.argmax(axis=1)
    of = (labels, labels[predicted == labels], predicted)
    images, right, given = (np.bincount(each, minlength=classes) for each in of)
    return images, right, given


def roc_auc(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    """Compute the mean area under the ROC curves of each class against the others; None of one class alone."""
    return _roc_auc(_counted(labels, probabilities))


def pr_auc(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    """Compute the mean average precision of each class against the others; None of one class alone."""
    return _pr_auc(_counted(labels, probabilities))


def _roc_auc(counted: Sequence["Ranked"]) -> float | None:
    return float(np.mean([ranked.roc_area for ranked in counted])) if counted else None


def _pr_auc(counted: Sequence["Ranked"]) -> float | None:
    return float(np.mean([ranked.average_precision for ranked in counted])) if counted else None


@dataclass(frozen=True)
class Curves:
    """The curves of a run on its test images, at `FALSE_POSITIVES` and at `RECALL`, each (POINTS,).

    Attributes:
        roc: The mean true positive rate of the classes; of two classes that of `of`.
        precision: The same of the precision.
        of: The class that counts of two; None for a mean over more.
        share: The precision of a network that knows nothing: the class's share of the images, or the mean of all.
        classes: The rarest ones, up to `DRAWN`, the rarest first; those of equally many by number.
        of_classes: Their own curves, true positive rate and precision.
        areas: The areas under those, of ROC and of precision and recall.
        metrics: What `roc_auc` and `pr_auc` compute, by these names, from the same ranks.
    """

    roc: np.ndarray
    precision: np.ndarray
    of: int | None
    share: float
    classes: tuple[int, ...]
    of_classes: tuple[tuple[np.ndarray, np.ndarray], ...]
    areas: tuple[tuple[float, float], ...]
    metrics: Mapping[str, float | None]


def curves(labels: np.ndarray, probabilities: np.ndarray) -> Curves | None:
    """Compute the curves of each class against the others; None of one class alone."""
    counted = _counted(labels, probabilities)
    if not counted:
        return None
    two = probabilities.shape[1] == 2
    shown = _ranked(labels, probabilities, _present(labels, 2)) if two else counted
    rarest = sorted(shown, key=lambda ranked: (ranked.positives, ranked.number))[:DRAWN]
    own = {ranked.number: (ranked.roc(), ranked.precision()) for ranked in shown}  # of two, the one that counts as well
    return Curves(
        roc=np.mean([own[ranked.number][0] for ranked in counted], axis=0),
        precision=np.mean([own[ranked.number][1] for ranked in counted], axis=0),
        of=counted[0].number if two else None,
        share=float(np.mean([ranked.positives for ranked in counted]) / len(labels)),
        classes=tuple(ranked.number for ranked in rarest),
        of_classes=tuple(own[ranked.number] for ranked in rarest),
        areas=tuple((ranked.roc_area, ranked.average_precision) for ranked in rarest),
        metrics={"roc_auc": _roc_auc(counted), "pr_auc": _pr_auc(counted)},
    )


def _counted(labels: np.ndarray, probabilities: np.ndarray) -> list["Ranked"]:
    """Rank the images for each class whose areas count: all that have images, of two the rarer; none of one alone."""
    classes = probabilities.shape[1]
    present = _present(labels, classes)
    if len(present) < 2:
        return []
    if classes == 2:
        first, second = np.bincount(labels, minlength=2)
        present = np.array([0 if first < second else 1])
    return _ranked(labels, probabilities, present)


def _present(labels: np.ndarray, classes: int) -> np.ndarray:
    return np.flatnonzero(np.bincount(labels, minlength=classes))


def _ranked(labels: np.ndarray, probabilities: np.ndarray, classes: np.ndarray) -> list["Ranked"]:
    return [Ranked.of(int(number), probabilities[:, number], labels == number) for number in classes]


@dataclass(frozen=True)
class Ranked:
    """All images in the order of one class's probability, counted at those of the class, the most probable first.

    Attributes:
        number: The class.
        positives: How many images are of it, P.
        negatives: How many are not, N.
        true_above: For each image of the class how many of its class have a higher probability, (P,).
        true_from: How many have at least as high a one, (P,).
        false_above: As `true_above`, of the other images.
        false_from: As `true_from`, of the other images.
    """

    number: int
    positives: int
    negatives: int
    true_above: np.ndarray
    true_from: np.ndarray
    false_above: np.ndarray
    false_from: np.ndarray

    @classmethod
    def of(cls, number: int, scores: np.ndarray, own: np.ndarray) -> "Ranked":
        """Rank scores (n,), given which are of the class, bool (n,)."""
        everything, mine = np.sort(scores), np.sort(scores[own])
        descending = mine[::-1]
        above, from_ = (len(scores) - np.searchsorted(everything, descending, side) for side in ("right", "left"))
        true_above, true_from = (len(mine) - np.searchsorted(mine, descending, side) for side in ("right", "left"))
        return cls(
            number, len(mine), len(scores) - len(mine), true_above, true_from, above - true_above, from_ - true_from
        )

    @property
    def roc_area(self) -> float:
        """The share of pairs of an image of the class and another one that are in the right order; equal ones half."""
        wrong = (self.false_above + self.false_from).sum() / 2
        return float(1 - wrong / (self.positives * self.negatives))

    @property
    def average_precision(self) -> float:
        """The mean over the images of the class of the precision down to each."""
        return float((self.true_from / (self.true_from + self.false_from)).mean())

    def roc(self) -> np.ndarray:
        """Return the true positive rate at `FALSE_POSITIVES`, (POINTS,)."""
        x = _from_0_to_1(np.stack([self.false_above, self.false_from], axis=1).ravel() / self.negatives)
        y = _from_0_to_1(np.stack([self.true_above, self.true_from], axis=1).ravel() / self.positives)
        return np.interp(FALSE_POSITIVES, x, y)

    def precision(self) -> np.ndarray:
        """Return the precision at `RECALL`: down to the first image of the class that reaches it, (POINTS,)."""
        reached = np.maximum(np.ceil(RECALL * self.positives - 1e-9).astype(int), 1) - 1
        return (self.true_from / (self.true_from + self.false_from))[reached]


def _from_0_to_1(values: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], values, [1.0]])
