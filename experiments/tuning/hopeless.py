"""Which trials are hopeless: compared with the learning curves of those that were trained to their end.

A trial is stopped after an epoch if its best so far is below the median of what full trials of as many epochs had by
then, and if, to become the best, it would have to gain from there more than twice what any of those gained from
that epoch to its end. Curves cross: the median alone stops every tenth winner and more. The second condition alone
stops good trials, too, and what is then told of them misleads the Bayesian oracle (benchmarks/stopped_trials.py).

All limits of a trial are known when it is proposed, and are in the journal before it trains: whether it is stopped
depends on them and on its own curve alone, however often it was interrupted. Pure functions; no TensorFlow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

FIRST = 10  # full trials before any is stopped
TIMES = 2.0
SHARE = 0.5
UNTOUCHED = 0.1  # of the epochs: what the first ones show says least
A_TIE = 1e-6  # what float32 scores that are equal may differ by, and their gains: who reaches a limit is not below it
ANNOUNCED = (
    f"After {FIRST} full trials, others are stopped where they are below the median and, to become the best, would "
    f"have to gain {TIMES:g} times what any of those gained from there; --full-trials trains all to their end"
)


@dataclass(frozen=True)
class _Curve:
    """The best so far after each epoch, the higher the better, and what was gained from there to the end; float64."""

    best: np.ndarray
    gains: np.ndarray


@dataclass
class FullCurves:
    """The learning curves of full runs.

    Attributes:
        direction: Whether the objective is to rise or to fall.
        of: Those of runs that were to have so many epochs.
    """

    direction: Literal["max", "min"]
    of: dict[int, list[_Curve]] = field(default_factory=dict)

    def add(self, values: Sequence[float | None], score: float, epochs: int) -> None:
        """Add a run.

        Args:
            values: The objective after each epoch; None where it was no finite number.
            score: Of the model that the run kept.
            epochs: How many epochs it was to have: a callback may have ended it sooner.
        """
        shown = _best_so_far(values, self.direction)[:epochs]
        best = np.r_[shown, np.full(epochs - len(shown), self._sign * score)]
        self.of.setdefault(epochs, []).append(_Curve(best, np.maximum(self._sign * score - best, 0.0)))

    def limits(
        self, epochs: int, best: float | None, times: float | None = None, share: float = SHARE
    ) -> tuple[float | None, ...] | None:
        """Return what a run's best value must have reached after each epoch; None while too few runs have ended.

        Args:
            epochs: How many the run is to have.
            best: The best score of a full trial so far.
            times: How often the largest gain so far is believed to be possible; None for the rule's.
            share: The quantile of the full runs' best so far below which a run is stopped at most.
        """
        full = self.of.get(epochs, [])
        untouched = max(1, math.ceil(UNTOUCHED * epochs))
        if len(full) < FIRST or best is None or untouched >= epochs - 1:
            return None
        reachable = (TIMES if times is None else times) * np.max([each.gains for each in full], axis=0)
        usual = np.quantile([each.best for each in full], share, axis=0, method="lower")
        needed = self._sign * (np.minimum(self._sign * best - reachable, usual) - A_TIE)
        known = [float(each) if math.isfinite(each) else None for each in needed]
        return (*([None] * untouched), *known[untouched:-1], None)

    def expected(self, values: Sequence[float | None], epochs: int) -> float:
        """Return the score that a stopped run would probably have had: its best, and the median gain from there."""
        full = self.of.get(epochs, [])
        best = float(_best_so_far(values, self.direction)[-1])
        gain = float(np.median([each.gains[len(values) - 1] for each in full])) if full else 0.0
        return self._sign * (best + gain)

    @property
    def _sign(self) -> int:
        return 1 if self.direction == "max" else -1


def _best_so_far(values: Sequence[float | None], direction: Literal["max", "min"]) -> np.ndarray:
    """Return the best of the values up to each epoch, the higher the better; -inf while there is none."""
    sign = 1 if direction == "max" else -1
    return np.maximum.accumulate([-math.inf if each is None else sign * each for each in values])
