"""Whether classes are even, which metrics are shown of them, and the mean curves."""

import numpy as np
import pytest

from keras_suite.reports.results.class_balance import alike_metrics, class_curves, uneven
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.run_directory import predictions
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.classification.scores import curves, pr_auc
from tests.reports.conftest import MakeRuns
from tests.reports.uneven import thinned


@pytest.fixture
def numbers(make_runs: MakeRuns) -> Numbers:
    return experiment_numbers(thinned(make_runs(seeds=3)))


def test_even_classes_show_no_more_than_they_did(make_runs: MakeRuns) -> None:
    even = experiment_numbers(make_runs(seeds=2))
    assert not uneven(even.runs())
    assert alike_metrics(even) == []
    assert even.variants[0].test_metrics["balanced_accuracy"].n == 2, "it is in comparison.csv all the same"


def test_uneven_classes_show_the_metrics_in_which_each_counts_alike(numbers: Numbers) -> None:
    assert uneven(numbers.runs())
    assert alike_metrics(numbers) == list(CLASSES.on_request)
    assert not any("does not follow" in line for line in numbers.problems)
    for run in numbers.runs():
        assert run.source is not None
        found = predictions(run.source)
        assert found is not None
        assert run.test_metrics["pr_auc"] == pr_auc(found.labels, found.probabilities)


def test_a_curve_is_the_mean_over_seeds_and_has_the_spread_of_the_area(numbers: Numbers) -> None:
    variant = numbers.variants[0]
    found = class_curves(variant)
    assert found is not None
    of_runs = [run.curves for run in variant.runs if run.curves]
    assert found.roc.mean == pytest.approx(np.mean([each.roc for each in of_runs], axis=0))
    assert found.precision.sd == pytest.approx(np.std([each.precision for each in of_runs], axis=0, ddof=1))
    assert found.roc.area == variant.test_metrics["roc_auc"]
    assert len(found.classes) == 8 and {number for number, _, _ in found.classes} > {5, 6, 7, 8, 9}
    number, _, precision = found.classes[0]
    assert precision.area.mean == pytest.approx(
        np.mean([each.areas[each.classes.index(number)][1] for each in of_runs])
    )


def test_two_classes_have_the_curve_of_the_rarer_one(make_runs: MakeRuns) -> None:
    two = experiment_numbers(thinned(make_runs(seeds=2), classes=2))
    found, [run, *_] = class_curves(two.variants[0]), two.runs()
    assert found is not None and found.classes == ()
    assert run.labels is not None
    assert found.of == int(np.bincount(run.labels)[1] <= np.bincount(run.labels)[0])
    assert run.curves is not None and run.source is not None
    loaded = predictions(run.source)
    assert loaded is not None
    assert run.curves.share == pytest.approx(np.mean(loaded.labels == found.of))
    assert curves(loaded.labels, loaded.probabilities) is not None
