"""Every trial while it trained: the objective after each epoch, the best trial and the base before all others."""

from typing import TYPE_CHECKING, Any

from keras_suite.reports.figures.style import GREY, INK, colour, drawing
from keras_suite.reports.figures.sweep.scores import MOST_LINES, View, drawn, view
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def trial_curves(sweep: Sweep) -> "Figure | None":
    """A thin line for each run; None where no history has two epochs."""
    from matplotlib.ticker import MaxNLocator

    trials = drawn(sweep, MOST_LINES)
    everyone = [*trials, *([sweep.base] if sweep.base else [])]
    if not any(len(run.history) > 1 for trial in everyone for run in trial.runs):
        return None
    seen, best = view(sweep), next(iter(sweep.best()), None)
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        for position, trial in enumerate(trial for trial in trials if trial is not best):
            label = "_" if position else "other trials"
            _lines(axes, sweep, trial, label, {"color": GREY, "linewidth": 0.7, "alpha": 0.4})
        if sweep.base is not None:
            _lines(axes, sweep, sweep.base, "the base", {"color": INK, "linewidth": 1.4, "linestyle": "--"})
        if best is not None:
            _lines(axes, sweep, best, f"{best.name}, the best", {"color": colour(1), "linewidth": 1.8})
        _in_view(axes, seen)
        axes.set_xlabel("epoch")
        axes.set_ylabel(axis(sweep))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def _in_view(axes: "Axes", seen: View) -> None:
    """What is bad is cut off as in the other pictures; an epoch better than all scores is not."""
    low, high = axes.dataLim.intervaly
    if seen.direction == "max":
        axes.set_ylim(seen.low, max(seen.high, high + 0.05 * (high - seen.low)))
    else:
        axes.set_ylim(min(seen.low, low - 0.05 * (seen.high - low)), seen.high)


def _lines(axes: "Axes", sweep: Sweep, trial: Trial, label: str, look: dict[str, Any]) -> None:
    for position, run in enumerate(trial.runs):
        rows = [row for row in run.history if sweep.objective in row]
        if rows:
            values = [scale(sweep) * row[sweep.objective] for row in rows]
            mark = "." if len(rows) == 1 else "None"
            shown_as = "_" if position else label
            axes.plot([row["epoch"] for row in rows], values, marker=mark, label=shown_as, **look)
