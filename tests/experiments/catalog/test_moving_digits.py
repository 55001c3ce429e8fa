"""The experiment `moving_digits`: a small run of it, its pictures, and what commands on photographs say of clips."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.experiments.catalog import moving_digits
from keras_suite.reports import run_directory
from tests.end_to_end.typed import refused, run_small


@pytest.fixture(scope="module")
def runs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a run of each network on 160 clips, but not of the longer one."""
    folder = tmp_path_factory.mktemp("moving")
    smaller = ("dataset.clips=400", "dataset.test_clips=200", "dataset.limit=200", "batch_size=100")
    run_small("moving_digits", smaller, variants=("stacked", "3d"), data_dir=data_dir, cwd=folder)
    yield folder


@pytest.mark.slow
@pytest.mark.needs_data
def test_both_networks_train_and_the_report_shows_their_wrong_clips(runs: Path) -> None:
    experiment = run_directory.read_experiment(runs / "runs" / "moving_digits").runs
    assert {run.variant for run in experiment} == {"stacked", "3d"}
    assert len({run.metrics["parameters"] for run in experiment if run.metrics}) == 1
    page = (runs / "runs" / "moving_digits" / "report.html").read_text("utf-8")
    assert "How far off wrong answers are" in page and "Misclassified clips, frame by frame" in page


@pytest.mark.slow
@pytest.mark.needs_data
def test_degrees_off_are_those_between_the_answer_and_the_truth(runs: Path) -> None:
    run = run_directory.read_experiment(runs / "runs" / "moving_digits").runs[0]
    off, said = moving_digits.degrees_off(run), run_directory.predictions(run)
    assert said is not None and run.metrics is not None
    assert set(off.tolist()) <= {0, *moving_digits.OFF}
    assert np.mean(off == 0) == pytest.approx(run.metrics["test"]["accuracy"])
    true, answered = said.labels[off == 45][0], said.probabilities[off == 45][0].argmax()
    assert abs(int(true) - int(answered)) in (1, 7)


@pytest.mark.slow
@pytest.mark.needs_data
def test_a_network_of_clips_refuses_a_photograph(runs: Path) -> None:
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(runs / "photo.png")
    (run,) = (runs / "runs" / "moving_digits").glob("3d-*/seed-1")
    said = refused("predict", run, runs / "photo.png", cwd=runs)
    assert "was trained on images of 6 channels, which image files have not: expected 1 or 3" in said
