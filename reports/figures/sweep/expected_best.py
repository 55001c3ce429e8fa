"""How good the best of n trials is: the line that a sweep is read against, with the interval of its median."""

from typing import TYPE_CHECKING, Any

from reports.figures.style import colour, drawing
from reports.figures.sweep.scores import draw_base, view
from reports.sweep.expected_best import ExpectedBest
from reports.sweep.reading import Sweep
from reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def expected_best_of_trials(sweep: Sweep, found: list[ExpectedBest]) -> "Figure":
    """The mean and the median of the best of n trials, and the median's interval, paler where it has no better end."""
    from matplotlib.ticker import MaxNLocator

    times, seen = scale(sweep), view(sweep)
    n = [each.n for each in found]
    better, worse = (seen.high, seen.low) if sweep.direction == "max" else (seen.low, seen.high)
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        near = [worse if each.worse_end is None else times * each.worse_end for each in found]
        far = [better if each.better_end is None else times * each.better_end for each in found]
        closed = [each.better_end is not None for each in found]
        shade: dict[str, Any] = {"color": colour(0), "linewidth": 0, "step": "mid"}
        axes.fill_between(n, near, far, where=closed, alpha=0.3, label="95 % interval of the median", **shade)
        if not all(closed):
            axes.fill_between(
                n, near, far, where=[not each for each in closed], alpha=0.13, label="the same, without an end", **shade
            )
        axes.plot(n, [times * each.mean for each in found], color=colour(0), label="expected best")
        axes.plot(n, [times * each.median for each in found], color=colour(0), linestyle=":", label="median best")
        draw_base(axes, sweep)
        axes.set_ylim(seen.low, seen.high)
        axes.set_xlabel("trials")
        axes.set_ylabel(axis(sweep))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", ncols=2)
    return figure
