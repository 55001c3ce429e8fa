"""Which way is home: does averaging the feature maps lose it, and do coordinates or pointing bring it back?

    keras-suite run homing_vector --workers 2

A photograph under up to five digits in colours of their own; home is the zero, and a CNN gives the vector to it from
the picture's centre. After three convolutions and poolings its dense layers get every value of the 6x6 feature maps, or
each map's mean, the same with coordinates beside the pixels (Liu et al. 2018), or the place that each map points at
(spatial softmax; Levine et al. 2016).

Measured (2,000 scenes of digits of MNIST over photographs of CIFAR-10 to train, 500 to validate, 2,000 to test; 8
seeds, 32 runs in 3 minutes on 2 busy cores):

                   test error    median    alone to 4 others    parameters
    flatten           8.36°        4.3°      3.2° to 12.6°        81,330
    average          84.60°       81.9°     83.0° to 86.5°         9,650
    coordinates      31.79°       19.4°      7.3° to 46.4°         9,938
    place            10.25°        4.6°      4.1° to 14.7°        11,698

"4 of 4 pairs differ: 'average' is worse than 'flatten' by 76.24 degrees of test error (95 % interval 60.78 to 91.70
over all 4 comparisons, 8 paired seeds)": whoever guesses is 90 degrees off. Coordinates take 52.81 of them back (35.27
to 70.36): of one digit a mean of places is its place, of five it is not known whose. Pointing takes 74.35 back (58.54
to 90.16), and with a seventh of the parameters of flattening stays behind that by 1.89 (0.27 to 3.51).

Trained with squared error, a network that is unsure answers with the mean of what may be, a short vector: the shortest
eighth of flatten's answers is 25.4 degrees off, the longest 3.7.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, target_predictions
from keras_suite.tasks import task_named

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("homing_scenes", scenes=2500, test_scenes=2000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=3, filters=(16, 16, 32), units=64),
        loss=use("squared_error"),
        optimizer=use("adam", learning_rate=3e-3),
        schedule=use("cosine"),
        batch_size=50,
        epochs=15,
    ),
    variants={
        "flatten": {},
        "average": {"model.pooling": "average"},
        "coordinates": {"model.pooling": "average", "model.coordinates": True},
        "place": {"model.pooling": "place"},
    },
    seeds=8,
    against=("average=flatten", "coordinates=average", "place=average", "place=flatten"),
)

PARTS = 8  # of the answers, sorted by the length of their vectors


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Plot how far off vectors of each length are."""
    answers_of: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for run in runs:
        answers = lengths_and_errors(run)
        if answers is not None:
            answers_of.setdefault(run.variant, []).append(answers)
    return {"A short vector is an unsure one": _errors_by_length(answers_of)} if answers_of else {}


def lengths_and_errors(run: Run) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the length of each vector that a run gave, and how many degrees it is off, (n,) each."""
    answers = target_predictions(run)
    if answers is None:
        return None
    lengths = np.linalg.norm(answers.predictions.astype(float), axis=1)
    return lengths, task_named("direction").scores(answers.targets, answers.predictions)


def _errors_by_length(answers_of: dict[str, list[tuple[np.ndarray, np.ndarray]]]) -> Any:
    from keras_suite.reports.figures.style import GREY, colour, drawing

    with drawing() as figure:
        axes = figure.add_subplot()
        for position, (variant, answers) in enumerate(answers_of.items()):
            lengths, errors = (np.concatenate(arrays) for arrays in zip(*answers, strict=True))
            parts = np.array_split(np.argsort(lengths, kind="stable"), PARTS)
            middles, means = ([float(of[rows].mean()) for rows in parts] for of in (lengths, errors))
            axes.plot(middles, means, "o-", color=colour(position), markersize=3.5, label=variant)
        axes.axvline(1, color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
        axes.set(xlabel=f"length of the vector, means of {PARTS} equal parts", ylabel="mean error, degrees")
        axes.set_ylim(bottom=0)
        axes.legend()
    return figure
