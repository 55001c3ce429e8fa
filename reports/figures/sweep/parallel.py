"""All hyperparameters of all trials at once: a line for each trial, down through a row for each hyperparameter.

Parallel coordinates are mostly drawn sideways; downwards, any number of them fits a phone.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from keras_suite.reports.figures.style import GREY, INK, PAPER, RULE, colour, drawing, shortened
from keras_suite.reports.figures.sweep.scores import MOST_LINES, View, drawn, view
from keras_suite.reports.sweep.hyperparameters import Hyperparameter, shown
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import metric, scale, score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INACTIVE = 1.13  # where a line passes that has no value; values lie from 0 to 1


def parallel_coordinates(sweep: Sweep) -> "Figure | None":
    """The best tenth in colour, at least three; None without two hyperparameters or two trials with scores."""
    trials = [trial for trial in drawn(sweep, MOST_LINES) if trial.score is not None]
    if len(sweep.space) < 2 or len(trials) < 2:
        return None
    best = {trial.number for trial in sweep.best()[: max(3, math.ceil(len(sweep.scored()) / 10))]}
    seen = view(sweep)
    rows = len(sweep.space) + 1
    with drawing(height=0.35 + 0.5 * rows) as figure:
        axes = figure.add_axes((0.04, 0.0, 0.92, 1.0))
        figure.set_layout_engine("none")
        for trial in sorted(trials, key=lambda trial: trial.number in best):
            chosen = trial.number in best
            axes.plot(
                [*(_place(each, trial) for each in sweep.space), _height(seen, scale(sweep) * (trial.score or 0.0))],
                range(rows),
                color=colour(0) if chosen else GREY,
                alpha=0.9 if chosen else 0.3,
                linewidth=1.4 if chosen else 0.7,
                zorder=3 if chosen else 2,
            )
        for row, each in enumerate(sweep.space):
            _row(axes, row, each.name, _marks(each))
        _row(axes, rows - 1, metric(sweep), _scores(sweep, seen))
        if any(each.conditions for each in sweep.space):
            axes.text(INACTIVE, -0.62, "inactive", color=GREY, fontsize=8, ha="center", va="center")
        axes.set_xlim(-0.06, INACTIVE + 0.08 if any(each.conditions for each in sweep.space) else 1.06)
        axes.set_ylim(rows - 0.35, -0.8)
        axes.set_axis_off()
    return figure


def _place(hyperparameter: Hyperparameter, trial: Trial) -> float:
    if hyperparameter.name not in trial.values:
        return INACTIVE
    place = hyperparameter.position(trial.values[hyperparameter.name])
    # lines through the same choice lie beside each other
    return place + (((trial.number or 0) * 7) % 11 - 5) * 0.003 if hyperparameter.choices else place


def _height(seen: View, value: float) -> float:
    """From 0, the worst in view, to 1, the best."""
    place = min(1.0, max(0.0, (value - seen.low) / (seen.high - seen.low)))
    return place if seen.direction == "max" else 1 - place


def _scores(sweep: Sweep, seen: View) -> list[tuple[float, str]]:
    """The best score, and the base's where it can stand beside it."""
    best = sweep.best()[0].score or 0.0
    marks = [(_height(seen, scale(sweep) * best), score(sweep, best))]
    if sweep.base is not None and sweep.base.score is not None:
        place = _height(seen, scale(sweep) * sweep.base.score)
        if marks[0][0] - place > 0.3:
            marks.append((place, f"base {score(sweep, sweep.base.score)}"))
    return marks


def _marks(hyperparameter: Hyperparameter) -> list[tuple[float, str]]:
    if not hyperparameter.choices:
        return [(0.0, shown(hyperparameter.low)), (1.0, shown(hyperparameter.high))]
    most = max(5, 56 // len(hyperparameter.choices))
    return [(hyperparameter.position(each), shortened(shown(each), most)) for each in hyperparameter.choices]


def _row(axes: "Axes", row: int, name: str, marks: Sequence[tuple[float, str]]) -> None:
    axes.plot([0, 1], [row, row], color=RULE, linewidth=1.2, zorder=1)
    behind = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.8}
    axes.text(
        -0.03, row - 0.3, shortened(name, 40), color=INK, fontsize=8.5, ha="left", va="center", bbox=behind, zorder=5
    )
    for place, text in marks:
        axes.plot([place, place], [row - 0.06, row + 0.06], color=GREY, linewidth=1, zorder=1)
        side = "left" if place < 0.02 else "right" if place > 0.98 else "center"
        shift = -0.03 if side == "left" else 0.03 if side == "right" else 0.0
        axes.text(
            place + shift, row + 0.22, text, color=GREY, fontsize=7.5, ha=side, va="center", bbox=behind, zorder=5
        )
