"""What each test image adds to a score in which classes count alike: values whose mean over the images is the score.

The score is no mean over images, but nearly one: its influence values (Hampel, 1974) say by how much it would move if
an image were there more often. So other test images, with classes in the same shares, matter by the standard error of
these values, as they do for a mean. Of an ROC area they are DeLong's placement values (1988).
"""

import numpy as np


def balanced_accuracy_parts(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Compute the parts (n,) of the balanced accuracy: of a class of few images, each one's is large."""
    right = (probabilities.argmax(axis=1) == labels).astype(float)
    images = np.bincount(labels, minlength=probabilities.shape[1])
    hits = np.bincount(labels, weights=right, minlength=probabilities.shape[1])
    present = images > 0
    recall = np.divide(hits, images, out=np.zeros(len(images)), where=present)
    moved = (right - recall[labels]) / images[labels]
    return recall[present].mean() + len(labels) / present.sum() * _less_sure(moved, labels, images)


def macro_f1_parts(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Compute the parts (n,) of the macro F1: an image counts for its class, and against the one predicted."""
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    right = predicted == labels
    images, given = (np.bincount(each, minlength=classes) for each in (labels, predicted))
    present, count = images > 0, np.maximum(images + given, 1)
    f1 = 2 * np.bincount(labels[right], minlength=classes) / count
    own = (2 * right - f1[labels]) / count[labels]
    against = np.where(present[predicted], -f1[predicted] / count[predicted], 0.0)
    return f1[present].mean() + len(labels) / present.sum() * (own + against)


def roc_auc_parts(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray | None:
    """Compute the parts (n,) of the mean area under the ROC curves; None of one class alone.

    Of two classes it is the area of the rarer one, which is that of the other, too.
    """
    present = np.flatnonzero(np.bincount(labels, minlength=probabilities.shape[1]))
    if len(present) < 2:
        return None
    counted = present[:1] if probabilities.shape[1] == 2 else present
    return np.mean([_area_parts(labels == number, probabilities[:, number]) for number in counted], axis=0)


def _area_parts(own: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the parts (n,) of the area of one class: how many of the other side each image is on the right side of."""
    mine, others = np.sort(scores[own]), np.sort(scores[~own])
    placed = np.empty(len(scores))
    placed[own] = _below(others, scores[own])
    placed[~own] = 1 - _below(mine, scores[~own])
    area = placed[own].mean()
    share = np.where(own, own.mean(), 1 - own.mean())
    return area + (placed - area) / share


def _below(ordered: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the share of `ordered` below each value, equal ones by half."""
    left, right = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return (left + right) / (2 * len(ordered))


def _less_sure(moved: np.ndarray, labels: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return deviations from the means of classes as large as n - 1 degrees of freedom make them."""
    of = np.maximum(images, 2)
    return moved * np.sqrt(of / (of - 1))[labels]
