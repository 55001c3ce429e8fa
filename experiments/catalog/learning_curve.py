"""What would another 1,000 labels buy the demo network, with and without augmentation?

    keras-suite run learning_curve --workers 2

The demo network on 250 to 4,000 digits of 12x12 pixels, each time for 400 batches of 50: more images are shown less
often. To each seed's errors a power law error = a * images^-b is fitted; the report draws it on to 5,000 images.

Measured on real MNIST (5,000 test digits, 8 seeds, 80 runs in 5 minutes on 2 busy cores), test accuracy:

    images         250      500    1,000    2,000    4,000    error = a * images^-b, b
    plain        92.78    94.77    95.88    96.55    96.76        0.29 (0.26 to 0.32)
    augmented    94.58    95.52    95.92    96.23    96.31        0.14 (0.12 to 0.15)

By these laws another 1,000 labels beyond 4,000 would buy 0.19 points without augmentation (95 % interval over seeds
0.17 to 0.20) and 0.10 with it (0.09 to 0.11). That is rather too much: the law of the four smaller sizes promises an
error of 2.61 % at 4,000 plain images, and 3.24 % were measured (augmented 3.27 and 3.69); perhaps 400 batches are too
few for so many images. "1 of 3 pairs differs: 'plain_2000' is better than 'plain_1000' by 0.67 percentage points of
test accuracy (95 % interval 0.40 to 0.95 over all 3 comparisons, 8 paired seeds); 'augmented_2000' against
'augmented_1000' and 'augmented_1000' against 'plain_1000' are undecided."
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run
from keras_suite.reports.statistics.intervals import Interval, t_interval

SIZES = (250, 500, 1000, 2000, 4000)  # training images; a quarter more, for validation, come on top
MORE = 1000
STEPS, BATCH = 400, 50
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "augmented": {"augmentation.shift": 0.08, "augmentation.rotation": 10, "augmentation.zoom": 0.1},
}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", image_size=[12, 12], test_limit=5000, validation_fraction=0.2),
        model=use("mnist_demo_net"),
        optimizer=use("adam", learning_rate=3e-3),
        schedule=use("one_cycle"),
        batch_size=BATCH,
    ),
    variants={
        f"{way}_{size}": {"dataset.limit": size * 5 // 4, "epochs": STEPS * BATCH // size, **overrides}
        for size in SIZES
        for way, overrides in WAYS.items()
    },
    against=("plain_2000=plain_1000", "augmented_2000=augmented_1000", "augmented_1000=plain_1000"),
    seeds=8,
)


@dataclass(frozen=True)
class Fit:
    """Means over the seeds with 95 % intervals: the law's exponent b, and the points that MORE images would add to the
    largest size. `beyond` is the error, in points, that the law of the smaller sizes promises at the largest.
    """

    exponent: float
    exponent_interval: Interval | None
    gain: float
    gain_interval: Interval | None
    beyond: float


def power_law(sizes: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Return a and b of errors = a * sizes^-b, by least squares on the logarithms."""
    slope, intercept = np.polyfit(np.log(sizes), np.log(errors), 1)
    return float(np.exp(intercept)), float(-slope)


def fitted(sizes: np.ndarray, errors: np.ndarray) -> Fit:
    """Return the laws of errors (seeds, sizes), in points, a law for each seed."""
    laws = [power_law(sizes, each) for each in errors]
    last = float(sizes[-1])
    exponents = np.array([b for _, b in laws])
    gains = np.array([a * (last**-b - (last + MORE) ** -b) for a, b in laws])
    smaller = [power_law(sizes[:-1], each[:-1]) for each in errors]
    return Fit(
        float(exponents.mean()),
        t_interval(exponents),
        float(gains.mean()),
        t_interval(gains),
        float(np.mean([a * last**-b for a, b in smaller])),
    )


def errors_of(runs: Sequence[Run], way: str) -> np.ndarray:
    """Return test errors in points (seeds, sizes), of the seeds that have all sizes."""
    errors: dict[int, dict[int, float]] = {}
    for run in runs:
        kind, _, size = run.variant.partition("_")
        if kind == way and run.metrics and "test" in run.metrics:
            errors.setdefault(run.seed, {})[int(size)] = 100 * (1 - run.metrics["test"]["accuracy"])
    whole = [[each[size] for size in SIZES] for each in errors.values() if set(SIZES) <= set(each)]
    return np.array(whole).reshape(-1, len(SIZES))


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the errors of both ways with their laws, where at least one seed has all sizes."""
    errors = {way: errors_of(runs, way) for way in WAYS}
    if not all(len(each) and each.min() > 0 for each in errors.values()):
        return {}
    return {"Test error against training images": _laws(errors)}


def _laws(errors: dict[str, np.ndarray]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    sizes = np.array(SIZES, float)
    beyond = np.append(sizes, sizes[-1] + MORE)
    with drawing(height=3.6) as figure:
        axes = figure.subplots()
        for position, (way, each) in enumerate(errors.items()):
            fit = fitted(sizes, each)
            courses = np.array([a * beyond**-b for a, b in (power_law(sizes, of_seed) for of_seed in each)])
            axes.plot(sizes, each.T, ".", color=colour(position), alpha=0.4)
            axes.plot(sizes, each.mean(axis=0), "o", color=colour(position))
            sure = f" ({fit.gain_interval.low:.2f} to {fit.gain_interval.high:.2f})" if fit.gain_interval else ""
            label = f"{way}, images^-{fit.exponent:.2f}: {MORE:,} more buy {fit.gain:.2f} points{sure}"
            axes.plot(beyond, courses.mean(axis=0), "-", color=colour(position), label=label)
            axes.fill_between(
                beyond, courses.min(axis=0), courses.max(axis=0), color=colour(position), alpha=0.15, linewidth=0
            )
        axes.set(xlabel="training images", ylabel="test error, %", xscale="log", yscale="log")
        axes.set_xticks([*SIZES, SIZES[-1] + MORE], ["250", "500", "1,000", "2,000", "4,000", ""])
        axes.set_yticks([2, 3, 4, 5, 7, 10], ["2", "3", "4", "5", "7", "10"])
        axes.minorticks_off()
        figure.legend(loc="outside lower center")
    return figure
