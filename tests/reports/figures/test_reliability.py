"""The calibration curve shows its bins; bins of few answers are left out; two colours are never the same."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from keras_suite.reports.figures.reliability import FEWEST, calibration_curves
from keras_suite.reports.figures.style import GREY
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.statistics.calibration import binned
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


def test_the_points_are_the_bins_of_all_seeds_answers(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=3))
    figure = calibration_curves(numbers, ["strong", "weak"], grey="strong")
    assert figure is not None
    _, strong, weak = figure.axes[0].get_lines()
    assert to_hex(strong.get_color()) == GREY != to_hex(weak.get_color())
    answers = [found for run in numbers.variant("weak").runs if (found := run.answers())]
    bins = binned(
        np.concatenate([a.confidence for a in answers]), np.concatenate([a.labels == a.predicted for a in answers])
    )
    shown = bins.counts >= FEWEST
    assert np.asarray(weak.get_xdata()) == pytest.approx(100 * bins.confidence[shown])
    assert np.asarray(weak.get_ydata()) == pytest.approx(100 * bins.accuracy[shown])


def test_without_predictions_there_is_no_picture(make_runs: MakeRuns) -> None:
    assert calibration_curves(experiment_numbers(make_runs(seeds=1, **FAILED)), ["strong", "weak"]) is None
