"""Scores against what trials cost, and the front of those that no other beats in both."""

from typing import TYPE_CHECKING

from keras_suite.reports.figures.style import colour, drawing
from keras_suite.reports.figures.sweep.scores import draw_base, draw_scores, shown_trials, view
from keras_suite.reports.sweep.pareto import Front, standard_error
from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 10  # the largest cost over the smallest, from which the axis is logarithmic


def scores_by_cost(sweep: Sweep, front: Front) -> "Figure":
    """Plot each trial's score against its cost, the front as steps, the base as a dashed line.

    In a sweep of two objectives the trials of the front have bars of one standard error of their scores.
    """
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    trials = [trial for trial in shown_trials(sweep) if trial.number in front.costs]
    with drawing(height=3.1) as figure:
        axes = figure.add_subplot()
        x = [front.costs[trial.number] for trial in front.trials]
        y = [scale(sweep) * (trial.score or 0.0) for trial in front.trials]
        end = max(front.costs.values())
        axes.step(
            [*x, end], [*y, y[-1]], where="post", color=colour(1), linewidth=1.2, label="no other is better and cheaper"
        )
        draw_base(axes, sweep)
        draw_scores(axes, sweep, trials, [front.costs[trial.number] for trial in trials], view(sweep))
        if sweep.cost is front.cost:
            _draw_errors(axes, sweep, front)
        if end > WIDE * x[0]:
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        axes.set_xlabel(front.cost.label)
        axes.set_ylabel(axis(sweep))
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def _draw_errors(axes: "Axes", sweep: Sweep, front: Front) -> None:
    errors = [(trial, standard_error(sweep, trial)) for trial in front.trials]
    known = [(trial, error) for trial, error in errors if error is not None]
    if known:
        axes.errorbar(
            [front.costs[trial.number] for trial, _ in known],
            [scale(sweep) * (trial.score or 0.0) for trial, _ in known],
            yerr=[scale(sweep) * error for _, error in known],
            fmt="none",
            ecolor=colour(1),
            elinewidth=1,
            label="one standard error",
        )
