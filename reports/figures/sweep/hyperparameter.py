"""Scores over the values of one hyperparameter: on the scale it was drawn on, or a strip for each choice."""

from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.cost import short
from keras_suite.reports.figures.style import INK, drawing, shortened
from keras_suite.reports.figures.sweep.scores import draw_base, draw_scores, drawn, view
from keras_suite.reports.sweep.hyperparameters import Hyperparameter, shown
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def scores_by_value(sweep: Sweep, hyperparameter: Hyperparameter) -> "Figure":
    """A dot for each trial; trials in which it is inactive stand apart at the right."""
    trials = drawn(sweep)
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
            places = [hyperparameter.choice(t.values[hyperparameter.name]) + _beside(t) for t in active]
        else:
            _numbers(panels[0], hyperparameter)
            places = [float(trial.values[hyperparameter.name]) for trial in active]
        draw_scores(panels[0], sweep, active, places, seen, size)
        panels[0].set_ylabel(shortened(axis(sweep), 26))
        if inactive:
            draw_scores(panels[1], sweep, inactive, [_beside(trial) for trial in inactive], seen, size)
            panels[1].set(xticks=[0], xticklabels=["inactive"], xlim=(-0.5, 0.5))
            panels[1].tick_params(axis="y", length=0)
            panels[1].grid(False, axis="x")
    return figure


def _beside(trial: Trial) -> float:
    """A little to the left or right of the middle, so that trials of one choice do not cover each other."""
    return (((trial.number or 0) * 5) % 9 - 4) * 0.035


def _strips(axes: "Axes", sweep: Sweep, hyperparameter: Hyperparameter, active: list[Trial]) -> None:
    """The choices side by side, with the median score of each."""
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
    """The whole range that could be drawn from, logarithmic where it was drawn so."""
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
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    else:
        axes.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=isinstance(low, int) and isinstance(high, int)))
