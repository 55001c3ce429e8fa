"""Which curve to trust, and by which check: a test set of 30 %, leave-one-out, three or ten folds?

    keras-suite run cross_validation

Twenty noisy points of a parabola are fitted by a line, a parabola, and straight lines from dot to dot. Each check
estimates each curve's mean squared error on new points; the curve with the smallest is chosen (after Andrew Moore's
lecture "Cross-validation for detecting and preventing overfitting"). Nothing but NumPy fits anything.

Measured (made data, 1,000 sets of 20 points, 14 s of one of 2 cores): on the first set all four checks choose the
parabola (line, parabola and dots by the test set 2.50, 1.04, 1.21; by three folds 4.16, 1.84, 2.07; by ten 3.35, 1.74,
1.89; by leave-one-out 3.31, 1.74, 1.89; in truth 2.30, 1.01, 1.81). Of all sets the test set chooses the parabola in
64.9 % (95 % interval 61.9 to 67.8), three folds in 82.7 % (80.2 to 84.9), ten in 86.2 % (83.9 to 88.2), leave-one-out
in 87.1 % (84.9 to 89.0), at 1, 3, 10 and 20 fits of each curve; 20 folds of one point each equal leave-one-out exactly.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from keras_suite.reports.figures.style import GREY, SERIES, colour, drawing
from keras_suite.reports.page.study import Study
from keras_suite.reports.wording import number
from keras_suite.tasks.wording.quantities import listed

POINTS, NOISE, SETS = 20, 1.0, 1000
TEST_SHARE = 0.3
ENDS = (0.0, 10.0)

Curve = Callable[[np.ndarray], np.ndarray]
Fit = Callable[[np.ndarray, np.ndarray], Curve]
Check = Callable[[np.ndarray, np.ndarray, Fit, np.random.Generator], float]


@dataclass(frozen=True)
class Points:
    """Noisy points of the parabola, x (n,) and y (n,), in the order of x."""

    x: np.ndarray
    y: np.ndarray


def truth(x: np.ndarray) -> np.ndarray:
    """Return the parabola that the points are drawn from: it rises, and turns near the right end."""
    return 6 - 0.15 * (x - 7) ** 2


def drawn_points(seed: int) -> Points:
    """Sample POINTS places evenly, with normal noise of standard deviation NOISE."""
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(*ENDS, POINTS))
    return Points(x, truth(x) + NOISE * random.standard_normal(POINTS))


# -- curves ----------------------------------------------------------------------------------------------------------


def polynomial(degree: int) -> Fit:
    """Fit a polynomial by least squares."""
    return lambda x, y: np.poly1d(np.polyfit(x, y, degree))


def join_the_dots(x: np.ndarray, y: np.ndarray) -> Curve:
    """Join the points by straight lines, level beyond the outermost two. Expects ascending x."""
    return lambda at: np.interp(at, x, y)


CURVES: dict[str, Fit] = {"line": polynomial(1), "parabola": polynomial(2), "join the dots": join_the_dots}


# -- checks ----------------------------------------------------------------------------------------------------------


def held_out_error(x: np.ndarray, y: np.ndarray, fit: Fit, random: np.random.Generator) -> float:
    """Return the error on 30 % of the points of curves fitted to the others."""
    tested = np.zeros(len(x), bool)
    tested[random.permutation(len(x))[: round(TEST_SHARE * len(x))]] = True
    return float(np.mean((fit(x[~tested], y[~tested])(x[tested]) - y[tested]) ** 2))


def leave_one_out_error(x: np.ndarray, y: np.ndarray, fit: Fit, random: np.random.Generator) -> float:
    """Each point is predicted by the curve through all others."""
    left_out = [fit(np.delete(x, k), np.delete(y, k))(x[k : k + 1])[0] for k in range(len(x))]
    return float(np.mean((np.array(left_out) - y) ** 2))


def folds_of(points: int, folds: int, random: np.random.Generator) -> np.ndarray:
    """Return the fold int64 (points,) of each point, of sizes that differ by 1 at most."""
    return random.permutation(points) % folds


def fold_error(folds: int) -> Check:
    """Each point is predicted by the curve through the points of all other folds."""

    def error(x: np.ndarray, y: np.ndarray, fit: Fit, random: np.random.Generator) -> float:
        fold = folds_of(len(x), folds, random)
        predicted = np.empty_like(y)
        for k in range(folds):
            predicted[fold == k] = fit(x[fold != k], y[fold != k])(x[fold == k])
        return float(np.mean((predicted - y) ** 2))

    return error


CHECKS: dict[str, tuple[Check, int]] = {  # with the number of fits that it takes
    "test set of 30 %": (held_out_error, 1),
    "three folds": (fold_error(3), 3),
    "ten folds": (fold_error(10), 10),
    "leave-one-out": (leave_one_out_error, POINTS),
    f"{POINTS} folds": (fold_error(POINTS), POINTS),
}


def errors_of(points: Points, check: Check, seed: int) -> dict[str, float]:
    """Return the error of each curve by this check; every curve gets the same draw."""
    return {name: check(points.x, points.y, fit, np.random.default_rng(seed)) for name, fit in CURVES.items()}


def true_error(points: Points, fit: Fit) -> float:
    """Return what all checks estimate: the mean squared error on new points, of the curve through all points."""
    x = np.linspace(*ENDS, 1001)
    return float(np.mean((fit(points.x, points.y)(x) - truth(x)) ** 2) + NOISE**2)


# -- the study -------------------------------------------------------------------------------------------------------


def study(data_dir: Path | None) -> Study:
    """Return one set of points in full, then a thousand of them."""
    first = drawn_points(1)
    of_one = {name: errors_of(first, check, seed=1) for name, (check, _) in CHECKS.items()}
    many = [drawn_points(seed) for seed in range(1, SETS + 1)]
    truths = [{curve: true_error(points, fit) for curve, fit in CURVES.items()} for points in many]
    errors, seconds = {}, {}
    for name, (check, _) in CHECKS.items():
        began = time.perf_counter()
        errors[name] = [errors_of(points, check, seed) for seed, points in enumerate(many, 1)]
        seconds[name] = (time.perf_counter() - began) / SETS
    return Study(
        answer=answer(of_one, errors),
        tables={
            "Mean squared error by each check": [
                {"check": name, **errors, "smallest": _smallest(errors)} for name, errors in of_one.items()
            ]
            + [{"check": "in truth", **truths[0], "smallest": _smallest(truths[0])}],
            f"{SETS} sets of {POINTS} points": [_row(name, errors[name], truths, seconds[name]) for name in CHECKS],
        },
        figures={
            "Three curves through the same points": _curves(first),
            "Folds in colours: each curve is fitted without the points of its own": _folds(first),
            "How far each check is off": _off(errors, truths),
        },
    )


def answer(of_one: dict[str, dict[str, float]], errors: dict[str, list[dict[str, float]]]) -> str:
    """Return the sentence, by the numbers."""
    named = [name for name in CHECKS if name != f"{POINTS} folds"]
    winners = {name: _smallest(of_one[name]) for name in named}
    if len(set(winners.values())) == 1:
        first = f"All {len(named)} checks choose the {winners[named[0]]}"
    else:
        first = "; ".join(f"{name} chooses the {curve}" for name, curve in winners.items()).capitalize()
    shares = listed([f"{name} in {_share(errors[name], 'parabola')}" for name in named])
    same = errors["leave-one-out"] == errors[f"{POINTS} folds"]
    equal = "equal leave-one-out exactly" if same else "do not equal leave-one-out"
    return (
        f"{first}; over {SETS:,} sets of {POINTS} points the true curve, a parabola, is chosen by the {shares}. "
        f"{POINTS} folds of one point each {equal}."
    )


def _share(errors: Sequence[dict[str, float]], curve: str) -> str:
    return f"{100 * np.mean([_smallest(of_set) == curve for of_set in errors]):.1f} %"


def _row(
    name: str, errors: Sequence[dict[str, float]], truths: Sequence[dict[str, float]], seconds: float
) -> dict[str, Any]:
    from statsmodels.stats.proportion import proportion_confint

    right = sum(_smallest(of_set) == "parabola" for of_set in errors)
    low, high = proportion_confint(right, len(errors), method="wilson")
    return {
        "check": name,
        **{
            f"{curve} chosen, %": 100 * float(np.mean([_smallest(of_set) == curve for of_set in errors]))
            for curve in CURVES
        },
        "parabola, 95 % interval": f"{100 * low:.1f} to {100 * high:.1f}",
        "median distance from the true error": median(
            abs(of_set["parabola"] - true["parabola"]) for of_set, true in zip(errors, truths, strict=True)
        ),
        "fits": CHECKS[name][1],
        "milliseconds for three curves": 1000 * seconds,
    }


def _smallest(errors: dict[str, float]) -> str:
    return min(errors, key=errors.__getitem__)


# -- figures ---------------------------------------------------------------------------------------------------------


def _curves(points: Points) -> Any:
    x = np.linspace(*ENDS, 500)
    with drawing(height=2.4) as figure:
        for position, (axes, (name, fit)) in enumerate(
            zip(figure.subplots(1, 3, sharey=True), CURVES.items(), strict=True)
        ):
            axes.plot(x, truth(x), color=GREY, linewidth=0.9, linestyle=(0, (2, 2)))
            axes.plot(x, fit(points.x, points.y)(x), color=colour(position))
            axes.plot(points.x, points.y, "o", color=GREY, markersize=3)
            axes.set_title(f"{name}\n{number(true_error(points, fit), 3)} in truth")
    return figure


def _folds(points: Points) -> Any:
    """Return three and ten folds of the points, and the parabolas that are tested on them."""
    x = np.linspace(*ENDS, 200)
    with drawing(height=2.7) as figure:
        for axes, folds in zip(figure.subplots(1, 2, sharey=True), (3, 10), strict=True):
            fold = folds_of(POINTS, folds, np.random.default_rng(1))
            for k in range(folds):
                of_fold, tint, shape = fold == k, colour(k), "os"[k // len(SERIES)]
                curve = CURVES["parabola"](points.x[~of_fold], points.y[~of_fold])
                axes.plot(x, curve(x), color=tint, linewidth=0.8, alpha=0.7)
                axes.plot(points.x[of_fold], points.y[of_fold], shape, color=tint, markersize=5)
            axes.set_title(f"{folds} folds, {folds} parabolas")
    return figure


def _off(errors: dict[str, list[dict[str, float]]], truths: Sequence[dict[str, float]]) -> Any:
    """Return the check's error of the parabola less its true error: quartiles as a bar, 5 and 95 % as a line."""
    names = [name for name in CHECKS if name != f"{POINTS} folds"]
    with drawing(height=2.2) as figure:
        axes = figure.add_subplot()
        axes.axvline(0, color=GREY, linewidth=0.9)
        for row, name in enumerate(names):
            off = [of_set["parabola"] - true["parabola"] for of_set, true in zip(errors[name], truths, strict=True)]
            low, first, middle, third, high = np.quantile(off, [0.05, 0.25, 0.5, 0.75, 0.95])
            axes.plot([low, high], [row, row], color=colour(row), linewidth=1)
            axes.plot([first, third], [row, row], color=colour(row), linewidth=6)
            axes.plot([middle], [row], "D", color=colour(row), markersize=6, markeredgecolor="white")
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.grid(False, axis="y")
        axes.set_xlabel("estimated less true mean squared error of the parabola")
    return figure
