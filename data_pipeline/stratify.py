"""Draws and folds that keep the classes' proportions."""

import numpy as np


def class_shares(counts: np.ndarray, total: int, *, least: int = 0, leave: int = 0) -> np.ndarray:
    """How many of `total` draws fall to each class of `counts` images: in proportion, by largest remainder.

    Each class gets at least `least` and keeps at least `leave` images undrawn. Shapes: counts (classes,) -> (classes,).
    Raises ValueError where that cannot be.
    """
    low, high = np.minimum(least, counts), counts - leave
    if (counts < least + leave).any() or not low.sum() <= total <= high.sum():
        raise ValueError(f"cannot draw {total} images from classes of {counts.tolist()}, {least} or more from each")
    ideal = counts * (total / counts.sum())
    shares = np.clip(np.floor(ideal).astype(np.int64), low, high)
    while (missing := total - int(shares.sum())) != 0:
        step = 1 if missing > 0 else -1
        movable = np.flatnonzero(shares < high if step > 0 else shares > low)
        need = (ideal - shares)[movable] * step
        shares[movable[np.argsort(-need, kind="stable")[: abs(missing)]]] += step
    return shares


def stratified_choice(
    labels: np.ndarray, order: np.ndarray, total: int, *, least: int = 0, leave: int = 0
) -> np.ndarray:
    """Ascending positions (int64) of the `total` drawn images: those first in `order`, each class in proportion.

    `labels` (n,) and `order` (n,), random ranks, go one for one; `least` and `leave` as in `class_shares`.
    """
    present, counts = np.unique(labels, return_counts=True)
    shares = class_shares(counts, total, least=least, leave=leave)
    drawn = []
    for label, share in zip(present, shares, strict=True):
        members = np.flatnonzero(labels == label)
        drawn.append(members[np.argsort(order[members], kind="stable")[:share]])
    return np.sort(np.concatenate(drawn)).astype(np.int64)


def stratified_folds(labels: np.ndarray, order: np.ndarray, folds: int) -> np.ndarray:
    """The fold of each image, int64 (n,), 0..folds-1: dealt out like cards, class after class, by rank in `order`.

    Folds differ by at most one image, in all and in each class; n folds hold one image each (leave one out).
    """
    dealt = np.lexsort((order, labels))
    numbers = np.empty(len(labels), np.int64)
    numbers[dealt] = np.arange(len(labels)) % folds
    return numbers
