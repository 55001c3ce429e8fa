"""The experiment `autoencoder`: a small run of it, its pictures and numbers, and what it refuses."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.catalog import autoencoder
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import TargetPredictions
from tests.end_to_end.typed import options, refused, run_small

DIGITS = ("dataset.name=mnist", "dataset.task=image")  # the photographs take a minute to decode


@pytest.fixture(scope="module")
def runs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a run of two ways up on 100 digits."""
    folder = tmp_path_factory.mktemp("autoencoder")
    smaller = (*DIGITS, "dataset.limit=100", "dataset.test_limit=40", "epochs=2")
    run_small("autoencoder", smaller, variants=("nearest", "places_alone"), data_dir=data_dir, cwd=folder)
    yield folder


@pytest.mark.slow
@pytest.mark.needs_data
def test_images_are_given_back_and_the_report_shows_them_side_by_side(runs: Path) -> None:
    experiment = run_directory.read_experiment(runs / "runs" / "autoencoder").runs
    assert {run.variant for run in experiment} == {"nearest", "places_alone"}
    for run in experiment:
        said = run_directory.target_predictions(run)
        assert said is not None and said.targets.shape == said.predictions.shape == (40, 28, 28, 1)
    page = (runs / "runs" / "autoencoder" / "report.html").read_text("utf-8")
    for title in ("The same images, given back", "Error and sharpness of each run", "Where in a block of 4x4 pixels"):
        assert title in page


@pytest.mark.slow
@pytest.mark.needs_data
def test_images_that_cannot_be_halved_and_options_out_of_range_are_refused(runs: Path, data_dir: Path) -> None:
    chosen = options("--set", DIGITS)
    data = ("--data-dir", data_dir, "--runs-dir", "others", "--variant", "nearest")
    said = refused("run", "autoencoder", *chosen, "--set", "dataset.image_size=[30,28]", *data, cwd=runs)
    assert "images of 30x28 pixels, which cannot be halved 2 times: give sides that 4 divides" in said
    said = refused("run", "autoencoder", *chosen, "--set", "model.filters=[16,0]", *data, cwd=runs)
    assert "model.filters" in said and "0" in said
    said = refused("run", "autoencoder", *chosen, "--set", "model.activation=gelu", *data, cwd=runs)
    assert "model.activation" in said and "gelu" in said
    assert not (runs / "others").exists()


def of_images(given: np.ndarray, true: np.ndarray) -> TargetPredictions:
    numbers = np.arange(len(true))
    return TargetPredictions(true.astype(np.uint8), given.astype(np.uint8), numbers, numbers)


def test_a_blurred_image_is_less_sharp_and_a_grid_of_errors_is_seen() -> None:
    true = np.random.default_rng(0).integers(0, 200, (5, 16, 16, 3))
    assert autoencoder.sharpness(of_images(true, true)) == 1
    blurred = (true + np.roll(true, 1, axis=1) + np.roll(true, 1, axis=2)) / 3
    assert autoencoder.sharpness(of_images(blurred, true)) < 0.6
    assert autoencoder.sharpness(of_images(2 * (true // 2 > 50) * 100, true)) > 1
    gridded = true.copy()
    gridded[:, ::4, 1::4] += 8
    expected = np.zeros((4, 4))
    expected[0, 1] = 16
    np.testing.assert_allclose(autoencoder.error_in_blocks(of_images(gridded, true)), expected)
