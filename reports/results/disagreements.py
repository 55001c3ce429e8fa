"""Test images that one variant gets right and another wrong, seed by seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.results.mistakes import stored_pixels
from keras_suite.reports.results.run_numbers import Answers, RunNumbers


@dataclass(frozen=True)
class OnlyRight:
    """A test image (uint8 (h, w, c)): in `seeds` of `runs` paired seeds one side is right and the other wrong.

    Counted are the runs that were tested on it. `predicted` is what the wrong side took it for most often.
    """

    index: int
    pixels: np.ndarray
    label: int
    predicted: int
    seeds: int
    runs: int


def only_right(runs: Sequence[RunNumbers], others: Sequence[RunNumbers], count: int) -> tuple[list[OnlyRight], int]:
    """The images that `runs` get right and `others`, with the same seeds, wrong; and how many there are in all.

    Those in most seeds come first; an image counts if that happens in more seeds than the contrary. Only images that
    a run stored (examples.npz) can be shown.
    """
    pairs = [(run.answers(), other.answers()) for run, other in zip(runs, others, strict=True)]
    both = [(ours, theirs) for ours, theirs in pairs if ours and theirs and _same_images(ours, theirs)]
    if not both or len(both) < len(pairs):
        return [], 0
    places, labels = (np.concatenate([getattr(ours, name) for ours, _ in both]) for name in ("places", "labels"))
    if np.unique(np.stack([places, labels]), axis=1).shape[1] > np.unique(places).size:
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
        OnlyRight(
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
