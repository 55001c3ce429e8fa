"""Which answers choose a run's sureness: those to its validation images, or to what a classifier's folds held out."""

import numpy as np
import pytest

from keras_suite.reports.results.held_out import held_out
from keras_suite.reports.run_directory import predictions
from tests.reports.conftest import MakeRuns
from tests.reports.judged_runs import validated_by


def test_validation_images_come_first_and_other_runs_have_nothing(make_runs: MakeRuns) -> None:
    run = make_runs({"only": {}}, seeds=1).runs[0]
    assert held_out(run) is None
    labels, probabilities, _ = predictions(run) or pytest.fail("no predictions")
    validated_by(run, labels[:50], probabilities[:50])
    found = held_out(run)
    assert found is not None and found.count == "50 validation images"
    confidence, right = found.judged()
    assert np.array_equal(right, probabilities[:50].argmax(axis=1) == labels[:50])
    assert confidence == pytest.approx(probabilities[:50].max(axis=1), abs=1e-6)
    assert (found.judged(5.0)[0] <= confidence).all() and np.array_equal(found.judged(5.0)[1], right)


def test_a_classifier_of_classify_has_the_images_that_it_held_out(make_runs: MakeRuns) -> None:
    run = make_runs({"classifier": {}}, seeds=1, trained="classify").runs[0]
    found = held_out(run)
    assert found is not None and found.count == "360 held-out images"
