"""How far is a digit turned: squared error, absolute error or Huber's, when some of the angles are wrong?

    keras-suite run steering_angle --threads 1

Each digit is turned by -60 to 60 degrees, and a CNN with one linear output gives the angle in radians; who always
answers 0 is 29.5 degrees off. In the second half of the variants 30 % of the digits to train and validate with have
another angle for target, drawn at random. Huber's loss is a squared error up to 0.1 radians (6 degrees) and an absolute
one beyond.

Measured (4,000 digits of MNIST to train, 1,000 to validate, 2,000 to test; 8 seeds, 48 runs in 5 minutes on one of 2
busy cores):

                       test error    median    slope of given against true
    squared               9.76°       7.7°               0.88
    absolute              9.53°       7.2°               0.87
    huber                 9.45°       7.1°               0.87
    squared_wrong        13.94°      11.5°               0.61
    absolute_wrong       10.68°       8.1°               0.77
    huber_wrong          10.77°       8.3°               0.77

"4 of 4 pairs differ: 'absolute_wrong' is better than 'squared_wrong' by 3.26 degrees of test error (95 % interval 2.75
to 3.78 over all 4 comparisons, 8 paired seeds), 'huber_wrong' is better than 'squared_wrong' by 3.17, 'huber' is better
than 'squared' by 0.31 and 'absolute' is better than 'squared' by 0.23" (0.02 to 0.44). Squared error is least at the
mean of what the target may be: where 30 % of the angles are drawn from around 0, the answers make 0.7 of the turn that
they made without, and 0.7 x 0.875 = 0.61. Absolute error is least at the median, which such a minority moves less.

Right angles are answered by 0.88 of the turn, too: how far from upright a digit was written cannot be seen. Zeros,
fours, fives and sixes are hardest (11 degrees), ones easiest (7).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, target_predictions

WRONG_SHARE = 0.3

HUBER = use("huber", delta=0.1)  # radians: beyond 6 degrees it is an absolute error
WRONG = {"dataset.wrong_angles": WRONG_SHARE}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("rotated_digits", image_size=(28, 28), limit=5000, test_limit=2000, validation_fraction=0.2),
        model=use("pattern_cnn", filters=16, units=64),
        loss=use("squared_error"),
        optimizer=use("adam", learning_rate=3e-3),
        schedule=use("cosine"),
        batch_size=50,
        epochs=15,
    ),
    variants={
        "squared": {},
        "absolute": {"loss.name": "absolute_error"},
        "huber": {"loss": HUBER},
        "squared_wrong": WRONG,
        "absolute_wrong": {"loss.name": "absolute_error", **WRONG},
        "huber_wrong": {"loss": HUBER, **WRONG},
    },
    seeds=8,
    against=("absolute=squared", "huber=squared", "absolute_wrong=squared_wrong", "huber_wrong=squared_wrong"),
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return how much of a turn the answers make."""
    slopes: dict[str, list[float]] = {}
    for run in runs:
        slope = slope_of(run)
        if slope is not None:
            slopes.setdefault(run.variant, []).append(slope)
    return {"How much of each turn is answered": _slopes(slopes)} if slopes else {}


def slope_of(run: Run) -> float | None:
    """Return the least-squares slope of the angles that a run gave against the true ones: 1 if it shrinks none."""
    answers = target_predictions(run)
    if answers is None:
        return None
    true, predicted = answers.targets[:, 0].astype(float), answers.predictions[:, 0].astype(float)
    return float(np.cov(true, predicted)[0, 1] / np.var(true, ddof=1))


def _slopes(slopes: dict[str, list[float]]) -> Any:
    from keras_suite.reports.figures.style import GREY, colour, drawing, name_rows, rows_height

    with drawing(height=rows_height(len(slopes))) as figure:
        axes = figure.add_subplot()
        for place, text in ((1 - WRONG_SHARE, "the share\nof right angles"), (1, "the whole\nturn")):
            axes.axvline(place, color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
            axes.text(place, -0.6, text, ha="center", va="bottom", fontsize=8, color=GREY)
        for row, values in enumerate(slopes.values()):
            axes.plot(values, [row] * len(values), "o", color=colour(row), markersize=4, alpha=0.7, markeredgewidth=0)
        axes.set_xlabel("slope of given against true, a dot for each run")
        name_rows(axes, list(slopes))
    return figure
