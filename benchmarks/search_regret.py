"""One search of a landscape of hyperparameters, and its regret at each budget of epochs: see trials_needed.py."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

Regrets = list[float]  # after each trial, or the epochs of one


class Landscape(Protocol):
    """What is searched: hyperparameters by name, and what networks with them reach on several tasks."""

    @property
    def names(self) -> tuple[str, ...]:
        """The hyperparameters, in the order of their values."""

    @property
    def longest(self) -> int:
        """The epochs of a whole trial."""

    @property
    def title(self) -> str:
        """What it is, for the last line."""

    @property
    def tasks(self) -> list[str]:
        """The tasks."""

    def space(self, hp: Any) -> dict[str, Any]:
        """Return the hyperparameters, with ranges and scales."""

    def scored(
        self, task: str, values: Sequence[float], epoch: int, chance: np.random.Generator
    ) -> tuple[float, float]:
        """Return what a trial is told after so many epochs, and what is true, in percent."""

    def best(self, task: str) -> float:
        """Return the best that is true of any point."""


class Run:
    """One search: what it tried, and the regret of what looked best after each trial's worth of epochs."""

    def __init__(self, landscape: Landscape, task: str, seed: int, best: float) -> None:
        self.landscape, self._task, self._best = landscape, task, best
        self._chance = np.random.default_rng(seed)
        self.epochs = 0
        self._ended: list[tuple[int, float, float]] = []  # epochs so far, the noisy score, the true one

    def score(self, values: Sequence[float], epoch: int | None = None, since: int = 0) -> float:
        """Return the noisy score of a trial that is trained from epoch `since` to `epoch`, the last by default."""
        epoch = epoch or self.landscape.longest
        told, true = self.landscape.scored(self._task, values, epoch, self._chance)
        self.epochs += epoch - since
        self._ended.append((self.epochs, told, true))
        return told

    def regrets(self, trials: int) -> Regrets:
        """Return the regret after the epochs of each trial; before a first one has ended there is one of that."""
        regrets, longest = [], self.landscape.longest
        for budget in range(longest, trials * longest + 1, longest):
            ended = [each for each in self._ended if each[0] <= budget] or self._ended[:1]
            regrets.append(self._best - max(ended, key=lambda each: each[1])[2])
        return regrets
