"""Test images that one variant gets right and another wrong, seed by seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reports.mistakes import stored_pixels
from reports.run_numbers import RunNumbers


@dataclass(frozen=True)
class OnlyRight:
    """A test image (uint8 (h, w, c)): in `seeds` of `runs` paired seeds one side is right and the other wrong.

    `predicted` is what the wrong side took it for most often.
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
    answers = [[found for run in side if (found := run.answers())] for side in (runs, others)]
    every = [*answers[0], *answers[1]]
    if not every or len(every) < len(runs) + len(others):
        return [], 0
    labels = every[0][0]
    if not all(np.array_equal(each[0], labels) for each in every):
        return [], 0
    ours, theirs = (np.stack([predicted for _, predicted, _ in side]) for side in answers)
    gains = np.sum((ours == labels) & (theirs != labels), axis=0)
    losses = np.sum((ours != labels) & (theirs == labels), axis=0)
    ahead = np.flatnonzero(gains > losses)
    ahead = ahead[np.argsort(losses[ahead] - gains[ahead], kind="stable")]
    pixels = stored_pixels([*others, *runs])
    shown = [int(index) for index in ahead if int(index) in pixels][:count]
    return [
        OnlyRight(
            index=index,
            pixels=pixels[index],
            label=int(labels[index]),
            predicted=_most_often(theirs[:, index], int(labels[index])),
            seeds=int(gains[index]),
            runs=len(runs),
        )
        for index in shown
    ], len(ahead)


def _most_often(answers: np.ndarray, label: int) -> int:
    wrong, counts = np.unique(answers[answers != label], return_counts=True)
    return int(wrong[np.argmax(counts)])
