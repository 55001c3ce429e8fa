"""How good is it really: k folds, and how the images of each class are divided among them."""

from typing import TYPE_CHECKING

import numpy as np

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.sampling import random_bits, stratified_folds
from keras_suite.reports.figures.style import SERIES, drawing
from keras_suite.reports.page.lecture import Lecture, Numbers, Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHAPTER = "Checking"
IMAGES, FOLDS, SEED = 60, 10, 1


def cross_validation() -> Lecture:
    """Return the topic of k-fold cross-validation."""
    labels = np.asarray(digits(None, image_size=None, limit=None).labels[:IMAGES])
    folds = stratified_folds(labels, np.argsort(random_bits(SEED, np.arange(IMAGES)), kind="stable"), FOLDS)
    counts = [np.bincount(labels[folds == fold], minlength=10) for fold in range(FOLDS)]
    rows = [
        {
            "fold": number + 1,
            "tested": int(count.sum()),
            "trained on": IMAGES - int(count.sum()),
            "classes in it": int((count > 0).sum()),
            "most of one class": int(count.max()),
        }
        for number, count in enumerate(counts)
    ]
    return Lecture(
        "cross_validation",
        CHAPTER,
        "Ten folds: every image is tested once, by a network that never saw it",
        (
            "The images are divided into k parts; k networks are trained, each on all parts but one, and tested on "
            "that one.",
            "So every image counts in the test, which little data needs, at k times the cost.",
            "The k answers are not independent, since their training images are nearly the same: an interval from "
            "their spread alone is too short, and has to be corrected.",
        ),
        (
            Picture(
                "Ten folds of 60 digits",
                _picture(labels, folds),
                "A row for each network, a column for each image, ordered by class; coloured are the images that it is "
                "tested on, in its fold's colour.",
            ),
            Numbers(
                "What each network is tested on", rows, "Each class is spread over the folds as evenly as it goes."
            ),
        ),
        commands={"keras-suite run digits_demo --folds 10": "ten folds of a real experiment"},
        experiments={"cross_validation": "test set, leave-one-out, three or ten folds: which to trust"},
        code=("data_pipeline/sampling.py", "reports/statistics/cross_validation.py"),
    )


def _picture(labels: np.ndarray, folds: np.ndarray) -> "Figure":
    from matplotlib.colors import to_rgb

    order = np.argsort(labels, kind="stable")
    cells = np.full((FOLDS, IMAGES, 3), 0.9)
    for fold in range(FOLDS):
        cells[fold, folds[order] == fold] = to_rgb(SERIES[fold % len(SERIES)])
    with drawing(9, 2.6) as figure:
        axes = figure.add_subplot()
        axes.imshow(cells, aspect="auto", interpolation="nearest")
        axes.grid(False)
        borders = np.flatnonzero(np.diff(labels[order])) + 0.5
        for border in borders:
            axes.axvline(border, color="white", linewidth=1.5)
        middles = [float(np.flatnonzero(labels[order] == label).mean()) for label in range(10)]
        axes.set_xticks(middles, [str(label) for label in range(10)])
        axes.set_yticks(range(FOLDS), [str(fold + 1) for fold in range(FOLDS)])
        axes.set_xlabel("images, by their digit")
        axes.set_ylabel("network")
    return figure
