"""Progress of a sweep: scores over trials, the expected best of fewer trials, and learning curves."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from keras_suite.reports.figures.style import GREY, INK, colour, drawing
from keras_suite.reports.figures.sweep.scores import MOST_LINES, View, draw_base, draw_scores, shown_trials, view
from keras_suite.reports.sweep.expected_best import ExpectedBest
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def best_so_far(scores: Sequence[float | None], direction: Literal["min", "max"]) -> list[float]:
    """Return the best score up to each trial; NaN before the first score. None is a failed trial."""
    better = max if direction == "max" else min
    course: list[float] = []
    best = math.nan
    for score in scores:
        if score is not None:
            best = score if math.isnan(best) else better(best, score)
        course.append(best)
    return course


def scores_over_trials(sweep: Sweep) -> "Figure":
    """Plot trials as dots, failed ones as crosses, the best so far as a step line, the base as a dashed line."""
    from matplotlib.ticker import MaxNLocator

    finished = [trial for trial in sweep.trials if trial.status != "not ended"]
    trials = shown_trials(sweep)
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        best = [scale(sweep) * score for score in best_so_far([trial.score for trial in finished], sweep.direction)]
        numbers = [float(trial.number or 0) for trial in finished]
        axes.step(numbers, best, where="post", color=INK, linewidth=1.2, label="best so far")
        draw_base(axes, sweep)
        size = 4.5 if len(trials) <= 100 else 2.5
        draw_scores(axes, sweep, trials, [float(trial.number or 0) for trial in trials], view(sweep), size)
        axes.set_xlabel("trial")
        axes.set_ylabel(axis(sweep))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def expected_best_of_trials(sweep: Sweep, expected: list[ExpectedBest]) -> "Figure":
    """Plot mean and median of the best of n trials, and the median's interval, paler where it is unbounded."""
    from matplotlib.ticker import MaxNLocator

    times = scale(sweep)
    n = [each.n for each in expected]
    low, high = _limits(sweep, expected)
    better, worse = (high, low) if sweep.direction == "max" else (low, high)
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        for closed, alpha, label in (
            (True, 0.3, "95 % interval of the median"),
            (False, 0.13, "unbounded interval"),
        ):
            band = [each for each in expected if (each.better_end is not None) == closed]
            near = [worse if each.worse_end is None else times * each.worse_end for each in band]
            far = [better if each.better_end is None else times * each.better_end for each in band]
            if band:
                heights = [there - here for here, there in zip(near, far, strict=True)]
                columns = [each.n for each in band]
                axes.bar(columns, heights, 1.0, near, color=colour(0), alpha=alpha, linewidth=0, label=label)
        axes.plot(n, [times * each.mean for each in expected], color=colour(0), label="expected best")
        axes.plot(n, [times * each.median for each in expected], color=colour(0), linestyle=":", label="median best")
        draw_base(axes, sweep)
        axes.set_ylim(low, high)
        axes.set_xlabel("trials")
        axes.set_ylabel(axis(sweep))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def _limits(sweep: Sweep, expected: list[ExpectedBest]) -> tuple[float, float]:
    """Return the limits of the axis, which include the expected score of one trial, the best, and the base."""
    ends = [value for each in expected for value in (each.mean, each.median)]
    ends += [end for each in expected[1:] for end in (each.worse_end, each.better_end) if end is not None]
    ends += [sweep.base.score] if sweep.base is not None and sweep.base.score is not None else []
    room = 0.12 * (max(ends) - min(ends)) or 0.01
    return scale(sweep) * (min(ends) - room), scale(sweep) * (max(ends) + room)


def trial_curves(sweep: Sweep) -> "Figure | None":
    """Plot the objective after each epoch, a line for each run; None where no history has two epochs."""
    from matplotlib.ticker import MaxNLocator

    trials = shown_trials(sweep, MOST_LINES)
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
            _lines(axes, sweep, sweep.base, "base", {"color": INK, "linewidth": 1.4, "linestyle": "--"})
        if best is not None:
            _lines(axes, sweep, best, f"trial {best.number}, best", {"color": colour(1), "linewidth": 1.8})
        _limit_axis(axes, seen)
        axes.set_xlabel("epoch")
        axes.set_ylabel(axis(sweep))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def _limit_axis(axes: "Axes", seen: View) -> None:
    """Cut off bad values as in the other figures, but no epoch that is better than all scores."""
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
