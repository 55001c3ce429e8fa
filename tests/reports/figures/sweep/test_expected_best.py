"""The curve of the best of fewer trials ends at the best of all."""

import pytest

from keras_suite.reports.figures.sweep.expected_best import expected_best_of_trials
from keras_suite.reports.sweep.expected_best import expected_best
from tests.reports.figures.sweep.lines import labelled
from tests.reports.sweep.conftest import MakeSweep, make_sweep

__all__ = ["make_sweep"]  # a fixture


def test_the_expected_best_ends_at_the_best_and_its_band_opens(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(20)
    figure = expected_best_of_trials(sweep, expected_best([trial.score for trial in sweep.trials], "max"))
    found = labelled(figure.axes[0])
    best = 100 * (sweep.best()[0].score or 0)
    assert found["expected best"].get_ydata()[-1] == pytest.approx(best)
    assert len(figure.axes[0].patches) == 20, "a column of the band for each number of trials"
