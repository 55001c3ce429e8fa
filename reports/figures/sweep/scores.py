"""Scores in all figures of a sweep: which are in view, and the marks of trials, seeds and failures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from keras_suite.reports.figures.style import GREY, colour
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DOTS = 1_000  # trials; more dots merge, and each takes 100 bytes of the page
MOST_LINES = 200  # trials


@dataclass(frozen=True)
class View:
    """The range of scores in view, from `low` to `high`; worse ones are triangles at the edge."""

    low: float
    high: float
    direction: Literal["min", "max"]

    @property
    def worse_edge(self) -> float:
        """Position on the axis, from 0 to 1, of trials that are out of view or failed."""
        return 0.03 if self.direction == "max" else 0.97

    def outside(self, score: float) -> bool:
        """Return whether the score is worse than those in view."""
        return score < self.low if self.direction == "max" else score > self.high


def view(sweep: Sweep) -> View:
    """Return the range of all scores; cut to three times the range of the best three quarters if some are far worse."""
    times = scale(sweep)
    sign = 1 if sweep.direction == "max" else -1
    scores = sorted((sign * times * (trial.score or 0.0) for trial in sweep.scored()), reverse=True)
    if not scores:
        return View(0.0, times, sweep.direction)
    worst = max(scores[-1], scores[0] - 3 * (scores[0] - scores[math.ceil(0.75 * len(scores)) - 1]))
    ends = [scores[0], worst if worst < scores[0] else scores[-1]]
    ends.append(
        max(sign * times * score for trial in sweep.scored() for score in (*trial.seed_scores, trial.score or 0.0))
    )
    if sweep.base is not None and sweep.base.score is not None:
        ends.append(sign * times * sweep.base.score)
    room = 0.07 * (max(ends) - min(ends) or 0.02 * abs(ends[0]) or 1.0)
    low, high = sorted((sign * (max(ends) + room), sign * (min(ends) - room)))
    return View(low, high, sweep.direction)


def shown_trials(sweep: Sweep, most: int = MOST_DOTS) -> list[Trial]:
    """Return the finished trials in order, at most `most`: the best, a tenth of these, and evenly spaced others."""
    finished = [trial for trial in sweep.trials if trial.status != "not ended"]
    if len(finished) <= most:
        return finished
    kept = {trial.number for trial in sweep.best()[: most // 10]}
    kept |= {finished[k].number for k in np.linspace(0, len(finished) - 1, most - most // 10).astype(int).tolist()}
    return [trial for trial in finished if trial.number in kept]


def left_out_of_figures(sweep: Sweep) -> str | None:
    """Return a sentence on which trials the figures omit; None where they show all."""
    finished = sum(trial.status != "not ended" for trial in sweep.trials)
    if finished <= MOST_LINES:
        return None
    dots = f"{MOST_DOTS:,} as dots and " if finished > MOST_DOTS else ""
    return (
        f"Of {finished:,} trials the figures show at most {dots}{MOST_LINES} as lines: the best, a tenth of these, and "
        "evenly spaced others; the table lists all."
    )


def draw_scores(
    axes: "Axes", sweep: Sweep, trials: Sequence[Trial], places: Sequence[float], seen: View, size: float = 4.5
) -> None:
    """Plot trials as dots, their seeds as small ones, the best as a diamond.

    Failures are crosses, trials that were stopped early strokes.

    Trials of Hyperband that were not trained to the last epoch are pale.

    Args:
        axes: The axes, whose y axis is set to the range in view.
        sweep: The sweep.
        trials: The trials to plot.
        places: Their x coordinates.
        seen: The range in view.
        size: Marker size in points.
    """
    times, best = scale(sweep), next(iter(sweep.best()), None)
    longest = max((trial.until or 0 for trial in sweep.trials), default=0)
    at_edge = axes.get_xaxis_transform()
    in_view: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    beyond, seeds = [], []
    failed: list[float] = []
    stopped: list[float] = []
    for trial, x in zip(trials, places, strict=True):
        if trial.score is None:
            (failed if trial.expected is None else stopped).append(x)
        elif seen.outside(times * trial.score):
            beyond.append(x)
        else:
            in_view[(trial.until or longest) == longest].append((x, times * trial.score))
            if len(trial.seed_scores) > 1:
                seeds += [(x, times * score) for score in trial.seed_scores if not seen.outside(times * score)]
    for points, alpha, width, label in (
        (seeds, 0.45, 2.2, "seed"),
        (in_view[False], 0.35, size, "trial, not to the last epoch"),
        (in_view[True], 0.8, size, "trial"),
    ):
        if points:
            axes.plot(
                *zip(*points, strict=True),
                "o",
                color=colour(0),
                markersize=width,
                alpha=alpha,
                markeredgewidth=0,
                label=label,
            )
    if best is not None and best in trials:
        x = places[list(trials).index(best)]
        axes.plot([x], [times * (best.score or 0.0)], "D", color=colour(1), markersize=size + 1.5, label="best")
    marker = "v" if seen.direction == "max" else "^"
    if beyond:
        axes.plot(
            beyond, [seen.worse_edge] * len(beyond), marker, color=colour(0), markersize=size, alpha=0.6,
            markeredgewidth=0, transform=at_edge, label="trial out of view",
        )  # fmt: skip
    for ended, mark, label in ((failed, "x", "failed"), (stopped, "|", "stopped early")):
        if ended:
            edge = [seen.worse_edge] * len(ended)
            axes.plot(ended, edge, mark, color=GREY, markersize=size, transform=at_edge, label=label)
    axes.set_ylim(seen.low, seen.high)


def draw_base(axes: "Axes", sweep: Sweep) -> None:
    """Plot the score of the base as a dashed line."""
    if sweep.base is not None and sweep.base.score is not None:
        axes.axhline(scale(sweep) * sweep.base.score, color=GREY, linestyle="--", linewidth=1, label="base")
