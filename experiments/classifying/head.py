"""A head on frozen features by logistic regression: fitted in milliseconds, the strength of its penalty by folds.

The penalty keeps the weights in the space that the training features span, so features of n images are turned into n
numbers or fewer, exactly (the singular value decomposition), before anything is fitted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from keras_suite.data_pipeline.sampling import grouped_folds, random_bits, stratified_folds

STRENGTHS = (0.001, 0.01, 0.1, 1.0)  # of the data against the penalty: scikit-learn's C
FOLDS = 5
_PURPOSE = 41  # of random numbers, part of their keys
_MOST_STEPS = 500  # of the solver; it stops at a few dozen


@dataclass(frozen=True)
class Head:
    """A dense layer: logits = features @ kernel + bias.

    Attributes:
        kernel: float32 (features, classes).
        bias: float32 (classes,).
        strength: Of the data against the penalty, by which it was fitted.
    """

    kernel: np.ndarray
    bias: np.ndarray
    strength: float

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Compute the classes' probabilities float32 (n, classes)."""
        return _softmax(features @ self.kernel + self.bias)


@dataclass(frozen=True)
class CrossValidated:
    """What heads say of images that they were not fitted to.

    Attributes:
        probabilities: float32 (repeats, n, classes), of the head of the chosen strength; each repeat has other folds.
        strength: The one with the least loss.
        folds: How many there were.
    """

    probabilities: np.ndarray
    strength: float
    folds: int


def cross_validate(
    features: np.ndarray,
    labels: np.ndarray,
    *,
    repeats: int,
    groups: np.ndarray | None = None,
    keep: float = 1.0,
    strengths: Sequence[float] = STRENGTHS,
) -> CrossValidated:
    """Predict each image by a head that was fitted to the images of the other folds.

    Args:
        features: (n, d).
        labels: int64 (n,), 0 to classes - 1; each class has two images or more.
        repeats: How often, each time in other folds.
        groups: int64 (n,), which images belong together, so that they are in one fold.
        keep: The share of the other folds' images that a head is fitted to.
        strengths: What to choose from, by the mean logarithmic loss over all repeats.
    """
    with threadpool_limits(1):  # the matrices are small: threads would wait for each other
        return _cross_validated(_reduced(features), labels, repeats, groups, keep, strengths)


def _cross_validated(
    reduced: np.ndarray,
    labels: np.ndarray,
    repeats: int,
    groups: np.ndarray | None,
    keep: float,
    strengths: Sequence[float],
) -> CrossValidated:
    classes = int(labels.max()) + 1
    folds = max(2, min(FOLDS, int(np.bincount(labels).min())))
    found = np.zeros((len(strengths), repeats, len(labels), classes), np.float32)
    for repeat in range(repeats):
        for train, test in partition(labels, groups, folds, repeat, keep):
            for place, head in enumerate(_path(reduced[train], labels[train], classes, strengths)):
                found[place, repeat, test] = head.probabilities(reduced[test])
    right = np.take_along_axis(found, np.broadcast_to(labels[:, None], (*found.shape[:-1], 1)), axis=-1)
    best = int(np.argmin(-np.log(np.maximum(right, 1e-7)).mean(axis=(1, 2, 3))))
    return CrossValidated(found[best], strengths[best], folds)


def fit_head(features: np.ndarray, labels: np.ndarray, strength: float) -> Head:
    """Fit a head to features (n, d) of images with labels int64 (n,)."""
    mean = features.mean(axis=0, dtype=np.float64)
    with threadpool_limits(1):
        left, sizes, right = np.linalg.svd(features - mean, full_matrices=False)
        [head] = _path(left * sizes, labels, int(labels.max()) + 1, (strength,))
    kernel = right.T @ head.kernel
    return Head(kernel.astype(np.float32), (head.bias - mean @ kernel).astype(np.float32), strength)


def _reduced(features: np.ndarray) -> np.ndarray:
    """Return (n, at most n) numbers with the same inner products as the features less their mean."""
    centred = features - features.mean(axis=0, dtype=np.float64)
    if centred.shape[0] >= centred.shape[1]:
        return np.asarray(centred)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(left * sizes)


def partition(
    labels: np.ndarray, groups: np.ndarray | None, folds: int, repeat: int = 0, keep: float = 1
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows to fit to and those to predict, of each fold of a repeat of the cross-validation."""
    order = random_bits(repeat, _PURPOSE, np.arange(len(labels)))
    fold_of = stratified_folds(labels, order, folds) if groups is None else grouped_folds(labels, groups, order, folds)
    for fold in range(folds):
        train = np.flatnonzero(fold_of != fold)
        yield train if keep == 1 else _kept(train, labels, order, keep), np.flatnonzero(fold_of == fold)


def _kept(rows: np.ndarray, labels: np.ndarray, order: np.ndarray, share: float) -> np.ndarray:
    """Return a share of the rows of each class, two or more of each."""
    chosen = []
    for label in np.unique(labels[rows]):
        of_class = rows[labels[rows] == label]
        chosen.append(of_class[np.argsort(order[of_class])[: max(2, round(share * len(of_class)))]])
    return np.sort(np.concatenate(chosen))


def _path(features: np.ndarray, labels: np.ndarray, classes: int, strengths: Sequence[float]) -> Iterator[Head]:
    """Yield the heads of all strengths, each begun at the one before."""
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    solver = LogisticRegression(C=strengths[0], max_iter=_MOST_STEPS, warm_start=True)
    for strength in strengths:
        solver.set_params(C=strength).fit(features, labels)
        kernel, bias = np.zeros((features.shape[1], classes)), np.full(classes, -np.inf)
        weights, offsets = solver.coef_.T, solver.intercept_
        if len(present) == 2:  # scikit-learn keeps the difference of the two
            weights, offsets = np.hstack([-weights / 2, weights / 2]), np.array([-offsets[0] / 2, offsets[0] / 2])
        kernel[:, present], bias[present] = weights, offsets
        yield Head(kernel, bias, strength)


def _softmax(logits: np.ndarray) -> np.ndarray:
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (shares / shares.sum(axis=-1, keepdims=True)).astype(np.float32)
