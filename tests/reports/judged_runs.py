"""Runs that saw 400 images of four classes, a tenth of them under a wrong label, as validation images or in folds."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_suite.reports.run_directory import (
    ExperimentRuns,
    Run,
    ValidationLabels,
    write_examples,
    write_predictions,
    write_validation,
)

IMAGES, CLASSES = 400, 4
RIGHT = np.arange(IMAGES) % CLASSES
WRONG = np.random.default_rng(0).permutation(IMAGES)[: IMAGES // 10]  # places
NAMES = ("ant", "bee", "<b>cat", "dog")


def given(noisy: bool = True) -> np.ndarray:
    """The labels, wrong where they are to be."""
    labels = RIGHT.copy()
    if noisy:
        labels[WRONG] = (RIGHT[WRONG] + 1) % CLASSES
    return labels


def answers(places: np.ndarray, seed: int, sureness: float = 0.9) -> np.ndarray:
    """Probabilities of a network that is right, and the less sure the later an image comes."""
    off = (1 - sureness) * (0.5 + np.random.default_rng(seed).random(len(places)) / 2 + places / IMAGES)
    probabilities = np.repeat(off[:, None] / (CLASSES - 1), CLASSES, axis=1)
    probabilities[np.arange(len(places)), RIGHT[places]] = 1 - off
    return probabilities.astype(np.float32)


def data(**more: Any) -> dict[str, Any]:
    """What run.json says of the data."""
    return {"name": "image_folder", "fingerprint": "a" * 64, "class_names": list(NAMES), **more}


def seen(places: np.ndarray, seed: int, *, noisy: bool = True, sureness: float = 0.9, **more: Any) -> ValidationLabels:
    """What a run keeps of its validation images at these places, ascending."""
    labels, probabilities = given(noisy)[places], answers(places, seed, sureness)
    wrong = places[probabilities.argmax(axis=1) != labels]
    fields: dict[str, Any] = {
        "labelling": "noisy" if noisy else "right",
        "total": IMAGES,
        "names": {int(place): f"={NAMES[given()[place]]}/{place}.png" for place in wrong},
        "are_files": True,
        "pictured": wrong[:24],
        "pictures": np.repeat(wrong[:24].astype(np.uint8), 75).reshape(-1, 5, 5, 3),
    }
    return ValidationLabels(places, labels, probabilities, **(fields | more))


def keep_halves(runs: ExperimentRuns, **of_variant: Mapping[str, Any]) -> ExperimentRuns:
    """Let each run have seen a half of the images, drawn by its seed, as its validation images."""
    for run in runs.runs:
        places = np.sort(np.random.default_rng(run.seed).permutation(IMAGES)[: IMAGES // 2])
        write_validation(run.path, seen(places, run.seed, **of_variant.get(run.variant, {})))
    return runs


def keep_fold(run: Run, folds: int) -> None:
    """Let a run have tested the fold of its seed."""
    places = np.flatnonzero(np.arange(IMAGES) % folds == run.seed - 1)
    labels, probabilities = given()[places], answers(places, run.seed)
    write_predictions(run.path, labels, probabilities, index=places)
    wrong = places[probabilities.argmax(axis=1) != labels]
    write_examples(run.path, wrong[:24], np.repeat(wrong[:24].astype(np.uint8), 75).reshape(-1, 5, 5, 3))


def validated_by(run: Run, labels: np.ndarray, probabilities: np.ndarray) -> None:
    """Let a run have said this of its validation images."""
    write_validation(run.path, ValidationLabels(np.arange(len(labels)), labels, probabilities, "own", len(labels)))
