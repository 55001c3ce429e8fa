"""ROC curves, and those of precision and recall."""

import math

import numpy as np
import pytest

from keras_suite.reports.figures.class_curves import Line, precision_recall_figure, roc_figure, with_area
from keras_suite.reports.results.class_balance import MeanCurve
from keras_suite.reports.results.variant_numbers import Spread

X = np.linspace(0, 1, 5)
AREA = Spread(3, 0.91234, 0.0123, None)


def test_a_line_has_its_area_and_spread_in_the_legend() -> None:
    lines = [Line(name, "#0072b2", MeanCurve(X, np.sqrt(X), np.full(5, 0.05), AREA)) for name in ("one", "x" * 40)]
    [axes] = roc_figure(lines).axes
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["one: 0.9123 (sd 0.0123)", f"{'x' * 25}…: 0.9123 (sd 0.0123)"]
    assert len(axes.collections) == 2, "a band each"
    assert axes.get_lines()[1].get_xydata()[0].tolist() == [0, 0], "it begins where nothing is found"
    assert with_area("one", Spread(1, 0.5, math.nan, None)) == "one: 0.5000"


def test_precision_is_plotted_against_recall_beside_that_of_knowing_nothing() -> None:
    curve = MeanCurve(X, 1 - X / 2, np.zeros(5), AREA)
    [axes] = precision_recall_figure([Line("one", "#0072b2", curve)], share=0.25).axes
    known_nothing, line = axes.get_lines()
    assert known_nothing.get_ydata() == pytest.approx([25, 25])
    assert line.get_ydata() == pytest.approx(100 - 50 * X)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("recall, %", "precision, %")
    assert not axes.collections, "one run has no spread"
