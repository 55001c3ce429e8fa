"""The calibration table says in words on which side a variant errs, and its curves are of few variants."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports.page.calibration import calibration_picture, calibration_rows
from keras_suite.reports.page.pictures import Pictures
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.statistics.calibration import expected_calibration_error
from tests.reports.conftest import MakeRuns


def test_the_rows_are_means_over_runs_and_the_word_is_the_side(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=3))
    for row, variant in zip(calibration_rows(numbers), numbers.variants, strict=True):
        answers = [found for run in variant.runs if (found := run.answers())]
        errors = [expected_calibration_error(a.confidence, a.labels == a.predicted) for a in answers]
        confidence = np.mean([a.confidence.mean() for a in answers])
        assert row["raw"]["error"] == pytest.approx(np.mean(errors))
        assert row["error"] == f"{100 * np.mean(errors):.2f}"
        assert row["word"] == ("too sure" if confidence > variant.test_score.mean else "not sure enough")
    assert {row["word"] for row in calibration_rows(numbers)} == {"not sure enough"}, "strong penalties make timid"


def test_of_many_variants_the_baseline_and_the_best_are_drawn(make_runs: MakeRuns, tmp_path: Path) -> None:
    strength = {f"v{k}": 10.0 ** -(6 - k) for k in range(5)}
    numbers = experiment_numbers(make_runs({name: {} for name in strength}, seeds=1, strength=strength))
    picture = calibration_picture(numbers, Pictures(tmp_path))
    assert picture is not None
    best = max(numbers.variants, key=lambda variant: variant.test_score.mean).name
    assert picture.description.endswith(f"of v0, {best}")
    assert best != "v0"
