"""Recall and precision of each class, against scikit-learn's own over the same predictions."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from keras_suite.reports.results.classes import by_class
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import predictions
from tests.reports.conftest import MakeRuns


def test_recall_and_precision_are_scikit_learns_averaged_over_seeds(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=3)
    found = by_class(experiment_numbers(runs).variants[0].runs, 10)
    expected = []
    for run in runs.runs:
        read = predictions(run)
        assert read is not None
        expected.append(precision_recall_fscore_support(read[0], read[1].argmax(axis=1), zero_division=np.nan)[:2])
    precision, recall = np.mean(expected, axis=0)
    assert [each.recall.mean for each in found] == pytest.approx(list(recall))
    assert [each.precision.mean for each in found] == pytest.approx(list(precision))
    assert sum(each.images for each in found) == 360
    for each in found:
        assert each.recall.interval is not None
        assert 0 <= each.recall.interval.low <= each.recall.mean <= each.recall.interval.high <= 1


def test_a_class_that_is_never_named_has_no_precision() -> None:
    labels, predicted = np.array([0, 0, 1]), np.array([0, 0, 0], dtype=np.int32)
    said = {"labels": labels, "predicted": predicted, "confidence": np.ones(3), "places": np.arange(3)}
    [zero, one] = by_class([RunNumbers("only", 1, "completed", None, **said)], 2)
    assert (zero.recall.mean, zero.precision.mean) == (1, pytest.approx(2 / 3))
    assert (one.recall.mean, one.precision.n) == (0, 0)


def test_without_predictions_there_are_no_classes() -> None:
    assert by_class([RunNumbers("only", 1, "failed", None)], 2) == []
