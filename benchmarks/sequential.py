"""Many simulated experiments of two variants at once, decided by the suite's rules look after look.

A verdict needs the sign-flip p only where Student's t is near its level, so thousands of experiments take seconds; the
tests compare the words with those of `reports.statistics.verdicts.compare`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.intervals import ALPHA, sign_flip_p
from keras_suite.reports.statistics.looks import nominal_level
from keras_suite.reports.statistics.planning import looks_that_count

OPEN, BETTER, WORSE, EQUIVALENT = 0, 1, 2, 3
NEAR, FAR = 6.0, 0.02  # times its level: outside of these Student's t and the sign flips never disagree
EXACT_UP_TO = 16  # seeds: with few, the sign flips are quick, and not near Student's t


@dataclass(frozen=True)
class Decided:
    """What became of each experiment: its word, and the seeds of the look at which it was decided, or of the last."""

    words: np.ndarray
    seeds: np.ndarray

    def rate(self, *words: int) -> float:
        """Return the share of experiments with one of these words."""
        return float(np.isin(self.words, words).mean())


def decide(differences: np.ndarray, looks: Sequence[int], margin: float, spend: bool = True) -> Decided:
    """Look at each experiment until it is decided.

    Args:
        differences: Variant minus other by seed (experiments, seeds).
        looks: The numbers of seeds at which one looks, ascending.
        margin: The largest difference that does not matter.
        spend: Whether the error rate is spent over the looks; else each look has all of it, as without a rule.
    """
    counted = looks_that_count(looks, 1) if spend else tuple(looks)
    words = np.full(len(differences), OPEN)
    seeds = np.full(len(differences), looks[-1])
    for place, n in enumerate(counted):
        levels = [nominal_level(counted[: place + 1], rate) if spend else rate for rate in (ALPHA, 2 * ALPHA)]
        still = np.flatnonzero(words == OPEN)
        found = _words(differences[still, :n], margin, *levels)
        words[still] = found
        seeds[still[found != OPEN]] = n
    return Decided(words, seeds)


def _words(differences: np.ndarray, margin: float, level: float, equivalence_level: float) -> np.ndarray:
    from scipy import stats

    n = differences.shape[1]
    mean, error = differences.mean(axis=1), differences.std(axis=1, ddof=1) / np.sqrt(n)
    half = stats.t.isf(equivalence_level / 2, n - 1) * error
    words = np.where(np.abs(mean) + half < margin, EQUIVALENT, OPEN)
    p = 2 * stats.t.sf(np.abs(mean) / np.maximum(error, 1e-300), n - 1)
    for place in np.flatnonzero((words == OPEN) & (p < NEAR * level)):
        clear = n > EXACT_UP_TO and p[place] < FAR * level
        if clear or sign_flip_p(differences[place]) <= level:
            words[place] = BETTER if mean[place] > 0 else WORSE
    return words
