"""The experiment `homing_vector`: a small run, scored in degrees, what is plotted of it, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.catalog import homing_vector
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run
from tests.end_to_end.typed import options, refused, run_small

SMALLER = ("dataset.scenes=300", "dataset.test_scenes=200", "epochs=2")
VARIANTS = ("flatten", "place")


@pytest.fixture(scope="module")
def runs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """A small run of two variants."""
    folder = tmp_path_factory.mktemp("homing_vector")
    experiment = run_small("homing_vector", SMALLER, variants=VARIANTS, data_dir=data_dir, cwd=folder)
    assert "degrees" in (experiment / "report.html").read_text("utf-8")
    return list(run_directory.read_experiment(experiment).runs)


@pytest.mark.slow
@pytest.mark.needs_data
def test_a_run_is_scored_in_degrees(runs: list[Run]) -> None:
    assert {run.variant for run in runs} == set(VARIANTS)
    for run in runs:
        stored = run_directory.target_predictions(run)
        assert stored is not None and run.metrics is not None
        assert stored.targets.shape == stored.predictions.shape == (200, 2)
        assert 0 < run.metrics["test"]["degrees"] < 180


@pytest.mark.slow
@pytest.mark.needs_data
def test_lengths_and_errors_are_those_of_each_vector_and_longer_ones_stand_to_the_right(runs: list[Run]) -> None:
    for run in runs:
        answers = homing_vector.lengths_and_errors(run)
        assert answers is not None and run.metrics is not None
        lengths, errors = answers
        assert len(lengths) == 200 and (lengths > 0).all()
        assert errors.mean() == pytest.approx(run.metrics["test"]["degrees"], rel=1e-5)
    (figure,) = homing_vector.draw(runs).values()
    lines = {line.get_label(): line.get_xdata() for line in figure.axes[0].get_lines()}
    assert set(VARIANTS) <= set(lines)
    assert all((np.diff(np.asarray(lines[name])) > 0).all() for name in VARIANTS)


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("dataset.image_size=[20,28]", "give a square one"),
        ("dataset.clutter=9", "dataset.clutter=9 is not possible"),
        ("dataset.home=10", "dataset.home=10 is not possible"),
        ("dataset.scenes=10", "dataset.scenes=10 is not possible"),
    ],
)
def test_an_option_out_of_range_is_refused_in_one_line(setting: str, line: str, tmp_path: Path) -> None:
    assert line in refused("run", "homing_vector", "--set", setting, "--data-dir", tmp_path, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("loss.name=cross_entropy", "is a direction, and loss 'cross_entropy' is not for that"),
        ("augmentation.horizontal_flip=true", "is a direction, and augmentation.horizontal_flip would change"),
    ],
)
def test_what_does_not_go_with_directions_is_refused(setting: str, line: str, data_dir: Path, tmp_path: Path) -> None:
    chosen = options("--set", ("dataset.scenes=100", "dataset.test_scenes=100", setting))
    assert line in refused("run", "homing_vector", *chosen, "--data-dir", data_dir, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()
