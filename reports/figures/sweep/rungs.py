"""Hyperband's trials by rung: their scores when the best of them were promoted to the next."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from keras_suite.reports.figures.style import colour, drawing
from keras_suite.reports.figures.sweep.scores import View, draw_base, shown_trials, view
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.rungs import bracket_of, rungs
from keras_suite.reports.sweep.wording import axis, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def scores_by_rung(sweep: Sweep) -> "Figure | None":
    """Plot a dot for each trial at its epoch, joined to the one that it was promoted from; None for other tuners.

    Brackets that begin at the same epoch, one in each iteration, share a colour and an entry of the legend. Of very
    many trials those in the other figures are plotted, and the ones that these were promoted from.
    """
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, StrMethodFormatter

    all_rungs = rungs(sweep)
    if not all_rungs:
        return None
    seen, shown = view(sweep), _shown(sweep)
    with drawing(height=3.3) as figure:
        axes = figure.add_subplot()
        draw_base(axes, sweep)
        for position, (name, brackets) in enumerate(_alike(sweep).items()):
            _draw(
                axes, sweep, [trial for bracket in brackets for trial in shown.get(bracket, ())], position, name, seen
            )
        epochs = sorted({rung.until for rung in all_rungs})
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


def _shown(sweep: Sweep) -> dict[int, list[Trial]]:
    """Return the plotted trials, all with scores, by bracket."""
    scored = {trial.number: trial for trial in sweep.scored()}
    kept: set[int] = set()
    for trial in shown_trials(sweep):
        each: Trial | None = trial if trial.score is not None else None
        while each is not None and each.number is not None and each.number not in kept:
            kept.add(each.number)
            each = scored.get(each.parent)
    brackets, by_bracket = bracket_of(sweep), dict[int, list[Trial]]()
    for number in sorted(kept):
        by_bracket.setdefault(brackets[number], []).append(scored[number])
    return by_bracket


def _alike(sweep: Sweep) -> dict[str, list[int]]:
    """Return the numbers of the brackets that begin at the same epoch, by their entry of the legend."""
    begun: dict[int, list[int]] = {}
    first: dict[int, int] = {}
    for rung in rungs(sweep):
        first[rung.bracket] = min(rung.until, first.get(rung.bracket, rung.until))
    for bracket, until in first.items():
        begun.setdefault(until, []).append(bracket)
    return {_named(brackets): brackets for brackets in begun.values()}


def _named(brackets: Sequence[int]) -> str:
    if len(brackets) == 1:
        return f"bracket {brackets[0]}"
    return f"brackets {', '.join(map(str, brackets[:2]))}{', …' if len(brackets) > 2 else ''}"


def _draw(axes: "Axes", sweep: Sweep, trials: Sequence[Trial], position: int, name: str, seen: View) -> None:
    """Plot all lines as one path and all dots as another: separate paths would take seconds to write."""
    times, marker = scale(sweep), "v" if seen.direction == "max" else "^"
    places = {trial.number: (float(trial.until or 1), times * (trial.score or 0.0)) for trial in trials}
    lines: list[tuple[float, float]] = []
    for trial in trials:
        if trial.parent in places:
            lines += [places[trial.parent], places[trial.number], (math.nan, math.nan)]
    size = 4.5 if len(trials) <= 100 else 2.5
    look: dict[str, Any] = {"color": colour(position), "markersize": size, "alpha": 0.8, "markeredgewidth": 0}
    if lines:
        axes.plot(*zip(*lines, strict=True), color=colour(position), linewidth=1, alpha=0.7, label="_joined")
    inside = [(x, y) for x, y in places.values() if not seen.outside(y)]
    axes.plot([x for x, _ in inside], [y for _, y in inside], "o", label=name, **look)
    beyond = [x for x, y in places.values() if seen.outside(y)]
    if beyond:
        at_edge = [seen.worse_edge] * len(beyond)
        axes.plot(beyond, at_edge, marker, transform=axes.get_xaxis_transform(), label="_", **look)
