"""Hyperband's trials from rung to rung: what they had reached when it chose which to go on with."""

from typing import TYPE_CHECKING

from reports.figures.style import colour, drawing
from reports.figures.sweep.scores import draw_base, view
from reports.sweep.reading import Sweep
from reports.sweep.rungs import bracket_of, rungs
from reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def scores_by_rung(sweep: Sweep) -> "Figure | None":
    """A dot for each trial at its epoch, a line from each promoted one to its parent; None for other tuners."""
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, StrMethodFormatter

    if not rungs(sweep):
        return None
    brackets, seen = bracket_of(sweep), view(sweep)
    trials = {trial.number: trial for trial in sweep.scored()}
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        draw_base(axes, sweep)
        named: set[int] = set()
        for number, trial in trials.items():
            assert number is not None and trial.until is not None
            bracket, y = brackets[number], scale(sweep) * (trial.score or 0.0)
            beyond = seen.outside(y)
            shade = colour(bracket - 1)
            parent = trials.get(trial.parent) if trial.parent is not None else None
            if parent is not None:
                before = scale(sweep) * (parent.score or 0.0)
                axes.plot([parent.until or 1, trial.until], [before, y], color=shade, linewidth=1, alpha=0.7)
            axes.plot(
                [trial.until],
                [seen.worse_edge if beyond else y],
                ("v" if seen.direction == "max" else "^") if beyond else "o",
                color=shade,
                markersize=4.5,
                alpha=0.8,
                markeredgewidth=0,
                transform=axes.get_xaxis_transform() if beyond else axes.transData,
                label="_" if bracket in named else f"bracket {bracket}",
            )
            named.add(bracket)
        epochs = sorted({rung.until for rung in rungs(sweep)})
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator([float(epoch) for epoch in epochs]))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(epochs[0] / 1.25, epochs[-1] * 1.25)
        axes.set_ylim(seen.low, seen.high)
        axes.set_xlabel("trained until epoch")
        axes.set_ylabel(axis(sweep))
        figure.legend(loc="outside lower center", ncols=3)
    return figure
