"""The experiments `steering_angle` and `homing_vector`: small runs, scored in degrees, and what is drawn of them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.catalog import homing_vector, steering_angle
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Run
from tests.experiments.typed import refused, type_here

SMALLER = {
    "steering_angle": ("dataset.limit=400", "dataset.test_limit=200", "epochs=4"),
    "homing_vector": ("dataset.scenes=300", "dataset.test_scenes=200", "epochs=2"),
}
VARIANTS = {"steering_angle": ("squared", "absolute_wrong"), "homing_vector": ("flatten", "place")}


@pytest.fixture(scope="module")
def folder(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a small run of two variants of each."""
    folder = tmp_path_factory.mktemp("heads")
    for name, settings in SMALLER.items():
        fewer = [word for setting in settings for word in ("--set", setting)]
        for variant in VARIANTS[name]:
            done = type_here(
                "run", name, "--variant", variant, "--seeds", "1", *fewer, "--data-dir", data_dir, cwd=folder
            )
            assert done.returncode == 0, done.stdout + done.stderr
    yield folder


def runs_of(folder: Path, name: str) -> list[Run]:
    return list(run_directory.read_experiment(folder / "runs" / name).runs)


@pytest.mark.needs_data
@pytest.mark.parametrize(("name", "numbers"), [("steering_angle", 1), ("homing_vector", 2)])
def test_a_run_gives_numbers_scored_in_degrees_and_the_report_shows_them(name: str, numbers: int, folder: Path) -> None:
    runs = runs_of(folder, name)
    assert {run.variant for run in runs} == set(VARIANTS[name])
    for run in runs:
        found = run_directory.target_predictions(run)
        assert found is not None and run.metrics is not None
        assert found.targets.shape == found.predictions.shape == (200, numbers)
        assert 0 < run.metrics["test"]["degrees"] < 180
    page = (folder / "runs" / name / "report.html").read_text("utf-8")
    assert "degrees" in page and "How far off" in page


@pytest.mark.needs_data
def test_the_slope_is_that_of_what_was_given_against_what_is_true(folder: Path) -> None:
    for run in runs_of(folder, "steering_angle"):
        found = run_directory.target_predictions(run)
        assert found is not None
        slope = np.polyfit(found.targets[:, 0].astype(float), found.predictions[:, 0].astype(float), 1)[0]
        assert steering_angle.slope_of(run) == pytest.approx(slope)
    (figure,) = steering_angle.draw(runs_of(folder, "steering_angle")).values()
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == list(VARIANTS["steering_angle"])


@pytest.mark.needs_data
def test_lengths_and_errors_are_those_of_each_vector_and_longer_ones_stand_to_the_right(folder: Path) -> None:
    runs = runs_of(folder, "homing_vector")
    for run in runs:
        answers = homing_vector.lengths_and_errors(run)
        assert answers is not None and run.metrics is not None
        lengths, errors = answers
        assert len(lengths) == 200 and (lengths > 0).all()
        assert errors.mean() == pytest.approx(run.metrics["test"]["degrees"], rel=1e-5)
    (figure,) = homing_vector.draw(runs).values()
    lines = {line.get_label(): line.get_xdata() for line in figure.axes[0].get_lines()}
    assert set(VARIANTS["homing_vector"]) <= set(lines)
    assert all((np.diff(np.asarray(lines[name])) > 0).all() for name in VARIANTS["homing_vector"])


@pytest.mark.parametrize(
    ("name", "setting", "line"),
    [
        ("steering_angle", "dataset.degrees=120", "dataset.degrees=120 is not possible"),
        ("steering_angle", "dataset.image_size=[20,28]", "give a square one"),
        ("homing_vector", "dataset.image_size=[20,28]", "give a square one"),
        ("homing_vector", "dataset.clutter=9", "dataset.clutter=9 is not possible"),
        ("homing_vector", "dataset.home=10", "dataset.home=10 is not possible"),
        ("homing_vector", "dataset.scenes=10", "dataset.scenes=10 is not possible"),
    ],
)
def test_an_option_out_of_range_is_refused_in_one_line(name: str, setting: str, line: str, tmp_path: Path) -> None:
    assert line in refused("run", name, "--set", setting, "--data-dir", tmp_path, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("loss.name=cross_entropy", "asks for a direction, and loss 'cross_entropy' is not for that"),
        ("augmentation.horizontal_flip=true", "asks for a direction, and augmentation.horizontal_flip would change"),
    ],
)
def test_what_does_not_go_with_directions_is_refused(setting: str, line: str, data_dir: Path, tmp_path: Path) -> None:
    few = ("--set", "dataset.scenes=100", "--set", "dataset.test_scenes=100")
    assert line in refused("run", "homing_vector", *few, "--set", setting, "--data-dir", data_dir, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()
