"""Random numbers that are a pure function of their keys, and draws that keep the classes' proportions.

The generator is SplitMix64's mixing function (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
OOPSLA 2014) applied to one key after the other. It depends on no library's version, no call order and no batch size:
image 17 of epoch 3 gets the same numbers wherever it stands.
"""

import numpy as np
from numpy.typing import ArrayLike

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, SplitMix64's increment


def _mix(bits: np.ndarray) -> np.ndarray:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def random_bits(*keys: ArrayLike) -> np.ndarray:
    """Return 64 random bits, uint64, for each element of the broadcast keys.

    Args:
        *keys: Non-negative integers or arrays of them. Their order matters.
    """
    with np.errstate(over="ignore"):  # arithmetic modulo 2^64 is meant
        state = np.zeros(np.broadcast_shapes(*(np.shape(key) for key in keys)), np.uint64)
        for key in keys:
            state = _mix((state ^ np.asarray(key).astype(np.uint64)) + _GOLDEN)
        return _mix(state + _GOLDEN)


def uniform(*keys: ArrayLike) -> np.ndarray:
    """Return random float64 in [0, 1), uniform on the multiples of 2^-53, for each element of the broadcast keys."""
    return (random_bits(*keys) >> np.uint64(11)) * 2.0**-53


def normal(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return standard normal numbers, each computed from two independent uniform ones by Box and Muller's formula."""
    return np.sqrt(-2 * np.log1p(-one)) * np.cos(2 * np.pi * other)


def random_integers(count: int, *keys: ArrayLike) -> np.ndarray:
    """Return random integers 0..count-1, int64, for each element of the broadcast keys."""
    return (random_bits(*keys) % np.uint64(count)).astype(np.int64)


# -- draws that keep the classes' proportions --------------------------------------------------------------------------


def class_shares(counts: np.ndarray, total: int, *, least: int = 0, leave: int = 0) -> np.ndarray:
    """Divide a number of draws among classes: in proportion to their images, by largest remainder.

    Args:
        counts: How many images each class has, int64 (classes,).
        total: How many images are drawn.
        least: How many are drawn from each class at least.
        leave: How many of each class stay undrawn at least.

    Returns:
        How many images are drawn from each class, int64 (classes,).

    Raises:
        ValueError: If a class has too few images for that.
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
    """Choose images, each class in proportion.

    Args:
        labels: The class of each image, (n,).
        order: Random ranks, (n,): the images of a class with the lowest ones are chosen.
        total: How many images to choose; `least` and `leave` are as in `class_shares`.

    Returns:
        Ascending indices of the chosen images, int64 (total,).
    """
    present, counts = np.unique(labels, return_counts=True)
    shares = class_shares(counts, total, least=least, leave=leave)
    chosen = []
    for label, share in zip(present, shares, strict=True):
        members = np.flatnonzero(labels == label)
        chosen.append(members[np.argsort(order[members], kind="stable")[:share]])
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def stratified_folds(labels: np.ndarray, order: np.ndarray, folds: int) -> np.ndarray:
    """Divide images into folds: dealt out like cards, class after class, by rank.

    Folds differ by at most one image, in all and in each class; n folds hold one image each (leave one out).

    Args:
        labels: The class of each image, (n,).
        order: Random ranks, (n,).

    Returns:
        The fold of each image, int64 (n,), 0..folds-1.
    """
    dealt = np.lexsort((order, labels))
    numbers = np.empty(len(labels), np.int64)
    numbers[dealt] = np.arange(len(labels)) % folds
    return numbers


# -- draws that keep groups together -----------------------------------------------------------------------------------


class TooFewGroups(ValueError):
    """A class has too few groups of images for each side to get one. The message is of one line."""

    def __init__(self, label: int) -> None:
        self.label = label
        super().__init__(f"class {label} has too few groups of images for each side to get one")


def grouped_choice(
    labels: np.ndarray, groups: np.ndarray, order: np.ndarray, total: int, *, least: int = 0, leave: int = 0
) -> np.ndarray:
    """Choose whole groups of images, so that each class comes as near to its proportion as they allow.

    Groups are gone through in the order of their lowest rank; one is taken if that brings the classes nearer to their
    shares. Where all groups are of one image this is another draw than `stratified_choice`.

    Args:
        labels: The class of each image, (n,).
        groups: The group of each image, int64 (n,).
        order: Random ranks, (n,).
        total: About how many images to choose; `least` and `leave` are as in `class_shares`, and hold exactly.

    Returns:
        Ascending indices of the chosen images, int64.

    Raises:
        TooFewGroups: If a class would be missing on a side.
    """
    present, classes = np.unique(labels, return_inverse=True)
    counts = np.bincount(classes)
    shares = class_shares(counts, total, least=least, leave=leave)
    parts = _class_counts(classes, groups, order)
    missing, left = shares.astype(np.int64).copy(), counts.copy()
    chosen = []

    def take(group: int, of_class: dict[int, int]) -> None:
        chosen.append(group)
        for label, count in of_class.items():
            missing[label] -= count
            left[label] -= count

    def may_go(of_class: dict[int, int]) -> bool:
        return all(left[label] - count >= leave for label, count in of_class.items())

    waiting = []
    for group, of_class in parts:
        nearer = sum(abs(missing[label] - count) - abs(missing[label]) for label, count in of_class.items()) < 0
        if nearer and may_go(of_class):
            take(group, of_class)
        else:
            waiting.append((group, of_class))
    for label in range(len(present)):
        while counts[label] - left[label] < least:
            fitting = [each for each in waiting if label in each[1] and may_go(each[1])]
            if not fitting:
                raise TooFewGroups(int(present[label]))
            smallest = min(fitting, key=lambda each: sum(each[1].values()))
            waiting.remove(smallest)
            take(*smallest)
    return np.flatnonzero(np.isin(groups, chosen)).astype(np.int64)


def grouped_folds(labels: np.ndarray, groups: np.ndarray, order: np.ndarray, folds: int) -> np.ndarray:
    """Divide whole groups of images into folds: large groups first, each into the fold that lacks its classes most.

    Args:
        labels: The class of each image, (n,).
        groups: The group of each image, int64 (n,).
        order: Random ranks, (n,).

    Returns:
        The fold of each image, int64 (n,), 0..folds-1.

    Raises:
        ValueError: If there are fewer groups than folds.
    """
    _, classes = np.unique(labels, return_inverse=True)
    parts = sorted(_class_counts(classes, groups, order), key=lambda part: -sum(part[1].values()))
    if len(parts) < folds:
        raise ValueError(f"folds={folds} is more than the {len(parts)} groups of images: give 2 to {len(parts)}")
    there = np.zeros((folds, int(classes.max()) + 1))
    fold_of = {}
    for group, of_class in parts:
        its_classes, counts = list(of_class), np.array(list(of_class.values()))
        cost = there[:, its_classes] @ counts
        fold = int(np.lexsort((there.sum(axis=1), cost))[0])
        there[fold, its_classes] += counts
        fold_of[group] = fold
    numbers, positions = np.unique(groups, return_inverse=True)
    return np.array([fold_of[int(number)] for number in numbers], np.int64)[positions]


def _class_counts(classes: np.ndarray, groups: np.ndarray, order: np.ndarray) -> list[tuple[int, dict[int, int]]]:
    """Return each group with its images of each class, by the lowest rank of its images."""
    counts: dict[int, dict[int, int]] = {}
    for row in np.argsort(order, kind="stable").tolist():
        of_class = counts.setdefault(int(groups[row]), {})
        of_class[int(classes[row])] = of_class.get(int(classes[row]), 0) + 1
    return list(counts.items())
