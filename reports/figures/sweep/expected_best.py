"""How good the best of n trials is: the line that a sweep is read against, with the interval of its median."""

from typing import TYPE_CHECKING

from keras_suite.reports.figures.style import colour, drawing
from keras_suite.reports.figures.sweep.scores import draw_base
from keras_suite.reports.sweep.expected_best import ExpectedBest
from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def expected_best_of_trials(sweep: Sweep, found: list[ExpectedBest]) -> "Figure":
    """The mean and the median of the best of n trials, and the median's interval, paler where it has no better end."""
    from matplotlib.ticker import MaxNLocator

    times = scale(sweep)
    n = [each.n for each in found]
    low, high = _in_view(sweep, found)
    better, worse = (high, low) if sweep.direction == "max" else (low, high)
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        for closed, alpha, label in (
            (True, 0.3, "95 % interval of the median"),
            (False, 0.13, "the same, without an end"),
        ):
            band = [each for each in found if (each.better_end is not None) == closed]
            near = [worse if each.worse_end is None else times * each.worse_end for each in band]
            far = [better if each.better_end is None else times * each.better_end for each in band]
            if band:
                heights = [there - here for here, there in zip(near, far, strict=True)]
                columns = [each.n for each in band]
                axes.bar(columns, heights, 1.0, near, color=colour(0), alpha=alpha, linewidth=0, label=label)
        axes.plot(n, [times * each.mean for each in found], color=colour(0), label="expected best")
        axes.plot(n, [times * each.median for each in found], color=colour(0), linestyle=":", label="median best")
        draw_base(axes, sweep)
        axes.set_ylim(low, high)
        axes.set_xlabel("trials")
        axes.set_ylabel(axis(sweep))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def _in_view(sweep: Sweep, found: list[ExpectedBest]) -> tuple[float, float]:
    """The ends of the axis: what one trial can be expected to reach, the best, and the base, with room around."""
    ends = [value for each in found for value in (each.mean, each.median)]
    ends += [end for each in found[1:] for end in (each.worse_end, each.better_end) if end is not None]
    ends += [sweep.base.score] if sweep.base is not None and sweep.base.score is not None else []
    room = 0.12 * (max(ends) - min(ends)) or 0.01
    return scale(sweep) * (min(ends) - room), scale(sweep) * (max(ends) + room)
