"""Hyperband's brackets as they were run: how many trials reached which epoch, and which were promoted."""

from dataclasses import dataclass

from keras_suite.reports.sweep.reading import Sweep, Trial


@dataclass(frozen=True)
class Rung:
    """The trials of a bracket that were trained until the same epoch, and how many of them were promoted.

    Brackets count from 1 in the order in which they began.
    """

    bracket: int
    until: int
    trials: tuple[Trial, ...]
    promoted: int


def rungs(sweep: Sweep) -> tuple[Rung, ...]:
    """Return all rungs, bracket by bracket; empty for other tuners."""
    trials_of: dict[tuple[int, int], list[Trial]] = {}
    brackets = bracket_of(sweep)
    for trial in sweep.trials:
        if trial.number is not None and trial.until is not None:
            trials_of.setdefault((brackets[trial.number], trial.until), []).append(trial)
    parents = {trial.parent for trial in sweep.trials}
    return tuple(
        Rung(bracket, until, tuple(trials), sum(trial.number in parents for trial in trials))
        for (bracket, until), trials in sorted(trials_of.items())
    )


def bracket_of(sweep: Sweep) -> dict[int, int]:
    """Return the bracket of each trial. KerasTuner's own label is wrong for some promoted ones: theirs is their
    parent's.
    """
    brackets: dict[int, int] = {}
    count, before = 0, None
    for trial in sweep.trials:
        assert trial.number is not None
        if trial.parent is not None:
            brackets[trial.number] = brackets.get(trial.parent, count)
            continue
        label = trial.values.get("tuner/bracket")
        count += label != before
        before = label
        brackets[trial.number] = count
    return brackets
