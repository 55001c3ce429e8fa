"""How a sweep went: every trial's score in the order of the trials, the best so far, and the base to be beaten."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from reports.figures.style import GREY, INK, colour, drawing

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


def scores_over_trials(
    scores: Sequence[float | None], base: float | None, direction: Literal["min", "max"], label: str
) -> "Figure":
    """Dots for trials, crosses below for failed ones, a step line for the best so far, a dashed one for the base."""
    from matplotlib.ticker import MaxNLocator

    numbers = range(len(scores))
    known = [(number, score) for number, score in enumerate(scores) if score is not None]
    failed = [number for number, score in enumerate(scores) if score is None]
    with drawing(height=2.9) as figure:
        axes = figure.add_subplot()
        axes.plot(*zip(*known, strict=True) if known else ([], []), "o", color=colour(0), markersize=4, label="a trial")
        axes.step(numbers, best_so_far(scores, direction), where="post", color=INK, linewidth=1.2, label="best so far")
        if base is not None:
            axes.axhline(base, color=GREY, linestyle="--", linewidth=1, label="base")
        if failed:
            axes.plot(
                failed,
                [0.03] * len(failed),
                "x",
                color=GREY,
                markersize=5,
                transform=axes.get_xaxis_transform(),
                label="failed",
            )
        axes.set_xlabel("trial")
        axes.set_ylabel(label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False, fontsize=8)
    return figure
