"""How a variant classifies: confusion, recall and precision by class, wrong images, and where variants disagree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from keras_suite.reports.results.run_numbers import Answers, RunNumbers
from keras_suite.reports.results.variant_numbers import Spread, joined, saying, spread
from keras_suite.reports.run_directory import examples
from keras_suite.reports.statistics.cross_validation import Fold, interval_of
from keras_suite.reports.statistics.image_noise import share_interval


@dataclass(frozen=True)
class WrongImage:
    """A test image that `wrong` of the `runs` runs tested on it got wrong.

    Attributes:
        index: Its index in the test set.
        pixels: uint8 (h, w, c).
        predicted: The prediction of the most confident wrong run.
        confidence: The probability that this run gave to it.
    """

    index: int
    pixels: np.ndarray
    label: int
    predicted: int
    confidence: float
    wrong: int
    runs: int


def confusion(runs: Sequence[RunNumbers], classes: int) -> np.ndarray:
    """Count predictions int64 (classes, classes), true class in rows and predicted in columns, over all runs."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    for run in runs:
        if run.labels is not None and run.predicted is not None:
            pairs = run.labels * classes + run.predicted
            counts += np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    return counts


def most_confidently_wrong(rows: Sequence[RunNumbers], count: int) -> list[WrongImage]:
    """Return the images of `examples.npz` that were wrong with most confidence, summed over the runs of one variant.

    An image that several seeds are confidently wrong about stands before one that a single seed is.
    """
    stored = stored_pixels(rows)
    indices = np.array(list(stored), dtype=np.int64)
    sure = [
        (answers, answers.confidence, answers.at(indices).tolist())
        for row in rows
        if (answers := row.answers()) and answers.confidence is not None
    ]
    ranked = []
    for k, (index, image) in enumerate(stored.items()):
        asked = [(answers, confidence, at[k]) for answers, confidence, at in sure if at[k] >= 0]
        wrong = [
            (float(confidence[place]), int(answers.predicted[place]), int(answers.labels[place]))
            for answers, confidence, place in asked
            if answers.predicted[place] != answers.labels[place]
        ]
        if wrong:
            confidence, predicted, label = max(wrong)
            total = sum(each[0] for each in wrong)
            ranked.append((total, WrongImage(index, image, label, predicted, confidence, len(wrong), len(asked))))
    ranked.sort(key=lambda pair: (-pair[0], pair[1].index))
    return [image for _, image in ranked[:count]]


def stored_pixels(rows: Sequence[RunNumbers]) -> dict[int, np.ndarray]:
    """Return test images uint8 (h, w, c) that the runs stored, by their index."""
    pixels: dict[int, np.ndarray] = {}
    for row in rows:
        for index, image in zip(*((row.source and examples(row.source)) or ((), ())), strict=True):
            pixels.setdefault(int(index), image)
    return pixels


def class_name(names: Sequence[str], number: int) -> str:
    """Return the name of a class; its number where the run recorded no name."""
    return names[number] if number < len(names) else str(number)


@dataclass(frozen=True)
class ClassScores:
    """One class: the number of its test images, and the runs' recall (the class's accuracy) and precision.

    A run that predicts the class for no image has no precision; NaN where no run has.
    """

    images: int
    recall: Spread
    precision: Spread


def class_scores(runs: Sequence[RunNumbers], classes: int) -> list[ClassScores]:
    """Return each class in turn; the intervals are of 95 %, over the runs, and for recall over other images, too."""
    tested = [(run, answers) for run in runs if (answers := run.answers())]
    if not tested:
        return []
    counts = np.array([confusion([run], classes) for run, _ in tested])
    folds = [run.fold for run, _ in tested if run.fold]
    # One number for an image with its label: sorting pairs took a third of a report's time.
    every = np.unique(np.concatenate([each.places.astype(np.int64) * classes + each.labels for _, each in tested]))
    images = np.bincount(every % classes, minlength=classes)
    right = np.diagonal(counts, axis1=1, axis2=2)
    same = None if folds else _images_of_all([answers for _, answers in tested])
    return [
        ClassScores(
            images=int(images[k]),
            recall=_recall(_shares(right[:, k], counts[:, k, :].sum(axis=1)), folds, same, k),
            precision=spread(_shares(right[:, k], counts[:, :, k].sum(axis=1)), (0, 1), folds),
        )
        for k in range(classes)
    ]


def _images_of_all(answered: Sequence[Answers]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the labels of the images and whether each run is right (runs, images); None if runs saw others."""
    first = answered[0]
    if not all(np.array_equal(each.places, first.places) for each in answered):
        return None
    return first.labels, np.stack([each.predicted == each.labels for each in answered])


def _recall(
    values: Sequence[float | None], folds: Sequence[Fold], same: tuple[np.ndarray, np.ndarray] | None, k: int
) -> Spread:
    """Return the spread of a class's recall, with an interval over its images, too, where all runs saw the same."""
    found = spread(values, (0, 1), folds)
    if same is None:
        return found
    labels, right = same
    of_images = share_interval(right[:, labels == k])
    known = np.array([value for value in values if value is not None], dtype=float)
    return replace(found, interval=saying(joined(interval_of(known, folds), of_images), (0, 1)))


def _shares(right: np.ndarray, of: np.ndarray) -> list[float | None]:
    return [None if total == 0 else float(count / total) for count, total in zip(right, of, strict=True)]


@dataclass(frozen=True)
class Disagreement:
    """A test image on which, in `seeds` of `runs` paired seeds, one variant is right and the other wrong.

    Attributes:
        index: Its index in the test set.
        pixels: uint8 (h, w, c).
        predicted: What the wrong variant predicted most often.
        runs: The pairs of runs that were tested on it.
    """

    index: int
    pixels: np.ndarray
    label: int
    predicted: int
    seeds: int
    runs: int


def disagreements(
    runs: Sequence[RunNumbers], others: Sequence[RunNumbers], count: int
) -> tuple[list[Disagreement], int]:
    """Return the images that `runs` get right and `others`, with the same seeds, wrong; and how many there are in all.

    Those in most seeds come first; an image counts if that happens in more seeds than the contrary. Only images that
    a run stored (examples.npz) can be shown.
    """
    pairs = [(run.answers(), other.answers()) for run, other in zip(runs, others, strict=True)]
    both = [(ours, theirs) for ours, theirs in pairs if ours and theirs and _same_images(ours, theirs)]
    if not both or len(both) < len(pairs):
        return [], 0
    places, labels = (np.concatenate([getattr(ours, name) for ours, _ in both]) for name in ("places", "labels"))
    label_of = np.zeros(1 + places.max(), labels.dtype)
    label_of[places] = labels
    if not np.array_equal(label_of[places], labels):  # an image has other labels in other runs
        return [], 0
    predicted = np.concatenate([theirs.predicted for _, theirs in both])
    wrong, ours_right = predicted != labels, np.concatenate([ours.predicted for ours, _ in both]) == labels
    gains, losses = (
        np.bincount(places[which], minlength=1 + places.max()) for which in (wrong & ours_right, ~wrong & ~ours_right)
    )
    ahead = np.flatnonzero(gains > losses)
    ahead = ahead[np.argsort(losses[ahead] - gains[ahead], kind="stable")]
    pixels = stored_pixels([*others, *runs])
    shown = [int(image) for image in ahead if int(image) in pixels][:count]
    return [
        Disagreement(
            index=image,
            pixels=pixels[image],
            label=int(labels[places == image][0]),
            predicted=_most_often(predicted[(places == image) & wrong]),
            seeds=int(gains[image]),
            runs=int(np.sum(places == image)),
        )
        for image in shown
    ], len(ahead)


def _most_often(answers: np.ndarray) -> int:
    values, counts = np.unique(answers, return_counts=True)
    return int(values[np.argmax(counts)])


def _same_images(one: Answers, other: Answers) -> bool:
    return np.array_equal(one.places, other.places) and np.array_equal(one.labels, other.labels)
