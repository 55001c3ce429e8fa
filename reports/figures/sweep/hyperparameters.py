"""Hyperparameters of a sweep: their importance, all of them in parallel coordinates, and scores over each one."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import (
    GREY,
    INK,
    PAPER,
    RULE,
    abbreviated,
    colour,
    drawing,
    name_rows,
    rows_height,
    shortened,
)
from keras_suite.reports.figures.sweep.scores import MOST_LINES, View, draw_base, draw_scores, shown_trials, view
from keras_suite.reports.sweep.hyperparameters import Hyperparameter, shown
from keras_suite.reports.sweep.importance import Importances
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import axis, metric, scale, score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 20  # of the importances
INACTIVE = 1.13  # x of a line without a value in parallel coordinates; values lie from 0 to 1


def importance_of_hyperparameters(importances: Importances) -> "Figure":
    """Plot the mean over resamples as a diamond and the middle 90 % of them as a line, the most important first."""
    rows = importances.ranked[:MOST_ROWS]
    with drawing(height=rows_height(len(rows))) as figure:
        axes = figure.add_subplot()
        axes.axvline(0, color=GREY, linewidth=0.9)
        for row, each in enumerate(rows):
            shade = colour(0) if each.low > 0 else GREY
            axes.plot([100 * each.low, 100 * each.high], [row, row], color=shade, linewidth=2.2)
            axes.plot([100 * each.mean], [row], "D", color=shade, markersize=5.5, markeredgecolor=PAPER)
        axes.set_xlim(-3, 103)
        axes.set_xlabel("importance, %")
        name_rows(axes, [each.name for each in rows])
    return figure


def parallel_coordinates(sweep: Sweep) -> "Figure | None":
    """Plot a line for each trial through all hyperparameters, the best tenth in colour, at least three.

    The hyperparameters are rows, not columns as usual, so that any number of them fits on a phone.

    Returns:
        The figure, or None with fewer than two hyperparameters or trials with scores.
    """
    trials = [trial for trial in shown_trials(sweep, MOST_LINES) if trial.score is not None]
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
                [*(_position(each, trial) for each in sweep.space), _height(seen, scale(sweep) * (trial.score or 0.0))],
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


def _position(hyperparameter: Hyperparameter, trial: Trial) -> float:
    if hyperparameter.name not in trial.values:
        return INACTIVE
    place = hyperparameter.position(trial.values[hyperparameter.name])
    # spread the lines through one choice
    return place + (((trial.number or 0) * 7) % 11 - 5) * 0.003 if hyperparameter.choices else place


def _height(seen: View, value: float) -> float:
    """Return the position of a score from 0, the worst in view, to 1, the best."""
    place = min(1.0, max(0.0, (value - seen.low) / (seen.high - seen.low)))
    return place if seen.direction == "max" else 1 - place


def _scores(sweep: Sweep, seen: View) -> list[tuple[float, str]]:
    """Return positions and texts of the best score, and of the base's unless they would overlap."""
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


def scores_by_value(sweep: Sweep, hyperparameter: Hyperparameter) -> "Figure":
    """Plot a dot for each trial; those in which the hyperparameter is inactive have a panel at the right."""
    trials = shown_trials(sweep)
    active = [trial for trial in trials if hyperparameter.name in trial.values]
    inactive = [trial for trial in trials if hyperparameter.name not in trial.values]
    seen, size = view(sweep), 4.5 if len(trials) <= 100 else 2.5
    with drawing(height=2.4) as figure:
        ratios = {"width_ratios": [5, 1], "wspace": 0.02} if inactive else {}
        panels = figure.subplots(1, 2 if inactive else 1, sharey=True, gridspec_kw=ratios, squeeze=False)[0]
        for axes in panels:
            draw_base(axes, sweep)
        if hyperparameter.choices:
            _strips(panels[0], sweep, hyperparameter, active)
            places = [hyperparameter.choice(t.values[hyperparameter.name]) + _jitter(t) for t in active]
        else:
            _numbers(panels[0], hyperparameter)
            places = [float(trial.values[hyperparameter.name]) for trial in active]
        draw_scores(panels[0], sweep, active, places, seen, size)
        panels[0].set_ylabel(shortened(axis(sweep), 26))
        if inactive:
            draw_scores(panels[1], sweep, inactive, [_jitter(trial) for trial in inactive], seen, size)
            panels[1].set(xticks=[0], xticklabels=["inactive"], xlim=(-0.5, 0.5))
            panels[1].tick_params(axis="y", length=0)
            panels[1].grid(False, axis="x")
    return figure


def _jitter(trial: Trial) -> float:
    """Return a small shift to the left or right that separates trials of one choice."""
    return (((trial.number or 0) * 5) % 9 - 4) * 0.035


def _strips(axes: "Axes", sweep: Sweep, hyperparameter: Hyperparameter, active: list[Trial]) -> None:
    """Lay out the choices side by side, with the median score of each."""
    most = max(6, 52 // len(hyperparameter.choices))
    names = [shortened(shown(choice), most) for choice in hyperparameter.choices]
    axes.set_xticks(range(len(names)), names)
    if len(names) > 3 and max(map(len, names)) > 9:
        axes.tick_params(axis="x", labelsize=7)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.grid(False, axis="x")
    for place in range(len(hyperparameter.choices)):
        scores = [
            t.score
            for t in active
            if hyperparameter.choice(t.values[hyperparameter.name]) == place and t.score is not None
        ]
        if scores:
            middle = scale(sweep) * float(np.median(scores))
            axes.plot([place - 0.3, place + 0.3], [middle, middle], color=INK, linewidth=1.2)


def _numbers(axes: "Axes", hyperparameter: Hyperparameter) -> None:
    """Scale the axis to the range of the hyperparameter, logarithmically where it was sampled so."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    low, high = hyperparameter.low, hyperparameter.high
    assert low is not None and high is not None
    if hyperparameter.log:
        axes.set_xscale("log")
        axes.set_xlim(low / (high / low) ** 0.04, high * (high / low) ** 0.04)
        axes.xaxis.set_major_locator(
            LogLocator(subs=(1, 2, 5) if high / low < 30 else (1,) if high / low > 300 else (1, 3))
        )
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: abbreviated(value)))
    else:
        axes.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=isinstance(low, int) and isinstance(high, int)))
