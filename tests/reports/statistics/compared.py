"""A pair and its comparison, in a line."""

import numpy as np

from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.verdicts import Comparison, compare
from keras_suite.tasks.task import MARGIN

NOISE = np.array([1, -1, 2, -2, 1, -1, 0.5, -0.5])


def one(pairing: Pairing, comparisons: int | None = None) -> Comparison:
    [comparison] = compare([pairing], comparisons=comparisons)
    return comparison


def shifted(effect: float, spread: float = 0.001, n: int = 8, margin: float = MARGIN, **told: object) -> Pairing:
    """A variant that is better by `effect`, and whose differences scatter."""
    baseline = np.linspace(0.90, 0.92, n)
    noise = np.resize(NOISE, n) - np.resize(NOISE, n).mean()
    return Pairing(baseline + effect + spread * noise, baseline, margin, **told)  # type: ignore[arg-type]
