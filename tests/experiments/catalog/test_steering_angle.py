"""The experiment `steering_angle`: a small run, scored in degrees, what is plotted of it, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.catalog import steering_angle
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run
from tests.end_to_end.typed import refused, run_small

SMALLER = ("dataset.limit=400", "dataset.test_limit=200", "epochs=2")
VARIANTS = ("squared", "absolute_wrong")


@pytest.fixture(scope="module")
def runs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """A small run of two variants."""
    folder = tmp_path_factory.mktemp("steering_angle")
    experiment = run_small("steering_angle", SMALLER, variants=VARIANTS, data_dir=data_dir, cwd=folder)
    assert "degrees" in (experiment / "report.html").read_text("utf-8")
    return list(run_directory.read_experiment(experiment).runs)


@pytest.mark.slow
@pytest.mark.needs_data
def test_a_run_is_scored_in_degrees(runs: list[Run]) -> None:
    assert {run.variant for run in runs} == set(VARIANTS)
    for run in runs:
        stored = run_directory.target_predictions(run)
        assert stored is not None and run.metrics is not None
        assert stored.targets.shape == stored.predictions.shape == (200, 1)
        assert 0 < run.metrics["test"]["degrees"] < 180


@pytest.mark.slow
@pytest.mark.needs_data
def test_the_slope_is_that_of_the_predictions_against_the_targets(runs: list[Run]) -> None:
    for run in runs:
        stored = run_directory.target_predictions(run)
        assert stored is not None
        slope = np.polyfit(stored.targets[:, 0].astype(float), stored.predictions[:, 0].astype(float), 1)[0]
        assert steering_angle.slope_of(run) == pytest.approx(slope)
    (figure,) = steering_angle.draw(runs).values()
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == list(VARIANTS)


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("dataset.degrees=120", "dataset.degrees=120 is not possible"),
        ("dataset.image_size=[20,28]", "give a square one"),
    ],
)
def test_an_option_out_of_range_is_refused_in_one_line(setting: str, line: str, tmp_path: Path) -> None:
    assert line in refused("run", "steering_angle", "--set", setting, "--data-dir", tmp_path, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()
