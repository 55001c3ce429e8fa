"""Is a difference real, and does it matter? Pure functions on arrays; `compare_scores` is for notebooks."""

from keras_suite.reports.statistics.arrays import Verdicts, compare_scores

__all__ = ["Verdicts", "compare_scores"]
