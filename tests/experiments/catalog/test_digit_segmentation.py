"""The experiment `digit_segmentation`: a small run of it, its pictures and numbers, and what it refuses."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.catalog import digit_segmentation
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import TargetPredictions
from tests.end_to_end.typed import options, refused, run_small

SMALLER = ("dataset.scenes=100", "dataset.test_scenes=30", "epochs=2")


@pytest.fixture(scope="module")
def runs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a run of two contexts on 100 scenes."""
    folder = tmp_path_factory.mktemp("segmentation")
    run_small("digit_segmentation", SMALLER, variants=("dilated", "with_skips"), data_dir=data_dir, cwd=folder)
    yield folder


@pytest.mark.slow
@pytest.mark.needs_data
def test_every_pixel_is_classified_and_the_report_shows_scenes_side_by_side(runs: Path) -> None:
    experiment = run_directory.read_experiment(runs / "runs" / "digit_segmentation").runs
    assert {run.variant for run in experiment} == {"dilated", "with_skips"}
    assert len({run.metrics["parameters"] for run in experiment if run.metrics}) == 1
    for run in experiment:
        said, kept = run_directory.target_predictions(run), run_directory.measured(run)
        assert said is not None and said.targets.shape == said.predictions.shape == (30, 32, 32)
        assert kept is not None and np.shape(kept["scenes"]) == (digit_segmentation.SHOWN, 32, 32)
        assert digit_segmentation.overlaps(said).shape == (11,)
    page = (runs / "runs" / "digit_segmentation" / "report.html").read_text("utf-8")
    assert "IoU over all test scenes" in page and "The same scenes, and what each network says" in page


def test_overlaps_are_of_all_scenes_together_and_finding_a_digit_is_not_naming_it() -> None:
    true, given = np.zeros((2, 4, 4), np.uint8), np.zeros((2, 4, 4), np.uint8)
    true[0, 0], true[1, 0] = 3, 3  # eight pixels of twos,
    given[0, 0], given[1, 0] = 3, 8  # all of them found, half of them called sevens
    ious = digit_segmentation.overlaps(TargetPredictions(true, given, np.arange(2), np.arange(2)))
    assert ious[[0, 3, 8]].tolist() == [1, 0.5, 0] and np.isnan(ious[1])


@pytest.mark.slow
@pytest.mark.needs_data
def test_scenes_that_cannot_be_halved_and_data_without_masks_are_refused(runs: Path, data_dir: Path) -> None:
    data = ("--data-dir", data_dir, "--runs-dir", "others", "--variant", "plain")
    said = refused("run", "digit_segmentation", "--set", "dataset.name=digits", *data, cwd=runs)
    assert "segmenter" in said and "shape (8, 8, 10)" in said
    said = refused("run", "digit_segmentation", "--set", "dataset.overlap=2", *data, cwd=runs)
    assert "dataset.overlap" in said and "2" in said
    said = refused("run", "digit_segmentation", "--set", "dataset.digits=[3]", *data, cwd=runs)
    assert "dataset.digits=[3] is not possible: it has too few values" in said
    data = ("--data-dir", data_dir, "--runs-dir", "others", "--variant", "with_skips")
    chosen = options("--set", (*SMALLER, "dataset.side=34"))
    said = refused("run", "digit_segmentation", *chosen, *data, cwd=runs)
    assert "images of 34x34 pixels, which model.context=down_and_up cannot halve twice: give sides that 4" in said
    assert not (runs / "others").exists()
