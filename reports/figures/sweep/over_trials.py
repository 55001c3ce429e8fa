"""How a sweep went: every trial's score in the order of the trials, the best so far, and the base to be beaten."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from keras_suite.reports.figures.style import INK, drawing
from keras_suite.reports.figures.sweep.scores import draw_base, draw_scores, drawn, view
from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def best_so_far(scores: Sequence[float | None], direction: Literal["min", "max"]) -> list[float]:
    """The best score up to each trial; NaN before the first that has one. None is a trial that failed."""
    better = max if direction == "max" else min
    found: list[float] = []
    best = math.nan
    for score in scores:
        if score is not None:
            best = score if math.isnan(best) else better(best, score)
        found.append(best)
    return found


def scores_over_trials(sweep: Sweep) -> "Figure":
    """A dot for each trial, crosses for failed ones, a step line for the best so far, a dashed one for the base."""
    from matplotlib.ticker import MaxNLocator

    ended = [trial for trial in sweep.trials if trial.status != "not ended"]
    trials = drawn(sweep)
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        best = [scale(sweep) * score for score in best_so_far([trial.score for trial in ended], sweep.direction)]
        numbers = [float(trial.number or 0) for trial in ended]
        axes.step(numbers, best, where="post", color=INK, linewidth=1.2, label="best so far")
        draw_base(axes, sweep)
        size = 4.5 if len(trials) <= 100 else 2.5
        draw_scores(axes, sweep, trials, [float(trial.number or 0) for trial in trials], view(sweep), size)
        axes.set_xlabel("trial")
        axes.set_ylabel(axis(sweep))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", ncols=3)
    return figure
