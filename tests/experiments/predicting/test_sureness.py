"""Temperature and threshold come from a run's own validation images, or from those that its folds held out."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.predicting.sureness import Sureness, chosen_sureness
from keras_suite.reports.run_directory import predictions
from keras_suite.reports.statistics.calibration import fitted_temperature, with_temperature
from keras_suite.reports.statistics.selective import threshold_for
from tests.reports.conftest import MakeRuns, make_runs
from tests.reports.judged_runs import validated_by

__all__ = ["make_runs"]


@pytest.fixture
def judged(make_runs: MakeRuns) -> tuple[Path, np.ndarray, np.ndarray]:
    """A run directory, and the labels and probabilities that it keeps of validation images."""
    run = make_runs({"only": {}}, seeds=1).runs[0]
    labels, probabilities, _ = predictions(run) or pytest.fail("no predictions")
    validated_by(run, labels, probabilities)
    return run.path, labels, probabilities


def test_what_nobody_asked_for_is_not_changed(tmp_path: Path) -> None:
    assert chosen_sureness(tmp_path / "nowhere", False, None) == Sureness(1.0, 0.0, ())


def test_both_follow_from_the_validation_images(judged: tuple[Path, np.ndarray, np.ndarray]) -> None:
    run, labels, probabilities = judged
    found = chosen_sureness(run, True, 0.05)
    temperature = fitted_temperature(labels, probabilities)
    scaled = with_temperature(probabilities, temperature)
    threshold = threshold_for(scaled.astype(np.float32).max(axis=1), scaled.argmax(axis=1) == labels, 0.05)
    assert threshold is not None
    assert (found.temperature, found.reject) == (temperature, threshold.confidence)
    assert f"temperature {temperature:.2f}: by 360 validation images the run is not sure enough" in found.said
    assert f"of 360 validation images {threshold.answered} reach it, {threshold.wrong} of them wrong" in found.said[1]
    alone = chosen_sureness(run, False, 0.05)
    assert alone.temperature == 1.0 and alone.reject != found.reject and len(alone.said) == 1


def test_a_classifiers_folds_are_its_validation_images(make_runs: MakeRuns) -> None:
    run = make_runs({"classifier": {}}, seeds=1, trained="classify").runs[0]
    labels, probabilities, _ = predictions(run) or pytest.fail("no predictions")
    found = chosen_sureness(run.path, True, None)
    assert found.temperature == fitted_temperature(labels, probabilities) and "held-out images" in found.said[0]


def test_an_error_rate_that_nothing_shows_is_answered_with_what_it_takes(
    judged: tuple[Path, np.ndarray, np.ndarray],
) -> None:
    with pytest.raises(ValueError, match="that takes 2,995 images at least, and it has 360 validation images"):
        chosen_sureness(judged[0], False, 0.001)
    (judged[0] / "validation.npz").unlink()
    with pytest.raises(ValueError, match=r"--max-error 0\.05 needs .* validation images, and .* keeps none"):
        chosen_sureness(judged[0], False, 0.05)


def test_a_network_that_is_wrong_where_it_is_surest_gets_no_threshold(make_runs: MakeRuns) -> None:
    run = make_runs({"only": {}}, seeds=1).runs[0]
    labels, probabilities, _ = predictions(run) or pytest.fail("no predictions")
    validated_by(run, (labels + 1) % 10, probabilities)
    with pytest.raises(ValueError, match="too many of its surest answers to 360 validation images are wrong"):
        chosen_sureness(run.path, False, 0.05)


def test_a_file_apart_from_its_run_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "copied.keras").write_bytes(b"a network")
    with pytest.raises(ValueError, match="which lie in a run directory: give that"):
        chosen_sureness(tmp_path / "copied.keras", True, None)
