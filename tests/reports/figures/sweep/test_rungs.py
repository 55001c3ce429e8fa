"""Hyperband's trials stand on their rungs."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.reports.figures.svg import settle, svg_text
from keras_suite.reports.figures.sweep.rungs import scores_by_rung
from tests.reports.figures.sweep.lines import labelled
from tests.reports.sweep.conftest import MakeSweep, drawn, make_sweep
from tests.reports.sweep.test_rungs import hyperband

__all__ = ["make_sweep"]  # a fixture

SIZES = {3: (81, 27, 9, 3), 2: (36, 12, 4), 1: (18, 6), 0: (12,)}  # the trials of each bracket's rounds


def iterations(count: int) -> list[dict[str, Any]]:
    """So many times 208 trials in four brackets; the best of a round, by their number, are promoted."""
    values: list[dict[str, Any]] = []
    for _ in range(count):
        for bracket, sizes in SIZES.items():
            before = 0
            for number, size in enumerate(sizes):
                first, hyperband = len(values), {"tuner/bracket": bracket, "tuner/round": number}
                hyperband |= {"tuner/epochs": 27 // 3 ** (bracket - number)}
                for k in range(size):
                    parent = {"tuner/trial_id": f"{before + k:04d}"} if number else {}
                    values.append({**drawn(first + k), **hyperband, **parent})
                before = first
    return values


def joined(lines: Sequence[Any]) -> list[tuple[float, float]]:
    """The epochs of parent and child of each line."""
    ends = np.concatenate([line.get_xdata() for line in lines if line.get_label() == "_joined"])
    return [(float(a), float(b)) for a, b in zip(ends[::3], ends[1::3], strict=True)]


def test_promoted_trials_are_joined_to_their_parents(make_sweep: MakeSweep) -> None:
    figure = scores_by_rung(make_sweep(tuner="hyperband", values=hyperband(), max_epochs=9))
    assert figure is not None
    assert joined(figure.axes[0].lines) == [(3, 9), (3, 9)]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["3", "9"]
    assert scores_by_rung(make_sweep(3)) is None


def test_the_brackets_of_all_iterations_that_begin_alike_share_a_line_of_the_legend(make_sweep: MakeSweep) -> None:
    once = scores_by_rung(make_sweep(tuner="hyperband", values=iterations(1), max_epochs=27))
    often = scores_by_rung(make_sweep(tuner="hyperband", values=iterations(3), max_epochs=27, name="often"))
    assert once is not None and often is not None
    named = [[text.get_text() for text in figure.legends[0].get_texts()] for figure in (once, often)]
    assert named[0] == ["base", *(f"bracket {number}" for number in (1, 2, 3, 4))]
    assert named[1] == ["base", *(f"brackets {number}, {number + 4}, …" for number in (1, 2, 3, 4))]
    dots = labelled(often.axes[0])["brackets 2, 6, …"]
    assert sorted(set(dots.get_xdata())) == [3, 9, 27]
    assert len(dots.get_xdata()) == 3 * 52


def test_two_thousand_trials_are_drawn_within_seconds(make_sweep: MakeSweep) -> None:
    """A layout that does not fit is a warning, and that an error here."""
    sweep = make_sweep(tuner="hyperband", values=iterations(10), max_epochs=27)
    began = time.perf_counter()
    figure = scores_by_rung(sweep)
    assert figure is not None
    settle(figure)
    text = svg_text(figure, "rungs")
    assert time.perf_counter() - began < 5, "0.1 s on two cores"
    assert len(text) < 400_000
    axes = figure.axes[0]
    assert axes.get_position().height > 0.5
    dots = [line for label, line in labelled(axes).items() if label.startswith("bracket")]
    shown = {(x, y) for line in dots for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)}
    assert sum(len(line.get_xdata()) for line in dots) < len(sweep.trials)
    best = sweep.best()[:100]
    assert {(trial.until, 100 * (trial.score or 0)) for trial in best} <= shown
    lines = joined(axes.lines)
    assert lines and all(until == 3 * before for before, until in lines)
