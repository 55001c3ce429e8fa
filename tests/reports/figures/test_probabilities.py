"""Figures of confidence show the bins and error rates of the runs."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from keras_suite.reports.figures.probabilities import FEWEST, POINTS, reliability_diagram, risk_coverage_figure
from keras_suite.reports.figures.style import GREY, SERIES
from keras_suite.reports.results.probabilities import RunProbabilities
from keras_suite.reports.statistics.calibration import binned


def runs(seeds: int, temperature: float | None = None) -> list[RunProbabilities]:
    found = []
    for seed in range(seeds):
        chance = np.random.default_rng(seed)
        confidence = chance.uniform(0.3, 1, 300)
        right = chance.random(300) < confidence
        scaled = None if temperature is None else confidence**temperature
        found.append(RunProbabilities(confidence, right, 1.0, temperature, scaled, 1.0))
    return found


def test_the_points_are_the_bins_of_all_seeds_answers_dashed_with_the_temperature() -> None:
    three = runs(3, 2.0)
    figure = reliability_diagram({"strong": (runs(1), GREY), "weak": (three, SERIES[0])})
    assert figure is not None
    _, strong, weak, dashed = figure.axes[0].get_lines()
    assert to_hex(strong.get_color()) == GREY != to_hex(weak.get_color()) == to_hex(dashed.get_color())
    for line, sure in ((weak, [r.confidence for r in three]), (dashed, [r.sure for r in three])):
        bins = binned(np.concatenate(sure), np.concatenate([r.right for r in three]))
        shown = bins.counts >= FEWEST
        assert np.asarray(line.get_xdata()) == pytest.approx(100 * bins.confidence[shown])
        assert np.asarray(line.get_ydata()) == pytest.approx(100 * bins.accuracy[shown])


def test_the_error_rate_ends_at_that_of_all_answers() -> None:
    two = runs(2)
    figure = risk_coverage_figure({"only": (two, SERIES[0])})
    assert figure is not None
    (line,) = figure.axes[0].get_lines()
    assert len(np.asarray(line.get_ydata())) == POINTS
    assert np.asarray(line.get_ydata())[-1] == pytest.approx(100 * np.mean([1 - run.right.mean() for run in two]))
    assert np.asarray(line.get_ydata())[POINTS // 4] < np.asarray(line.get_ydata())[-1]


def test_without_answers_or_without_a_wrong_one_there_is_no_picture() -> None:
    assert reliability_diagram({"none": ([], GREY)}) is None
    right = RunProbabilities(np.ones(30), np.ones(30, bool))
    assert risk_coverage_figure({"perfect": ([right], GREY)}) is None
