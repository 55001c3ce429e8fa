"""Which images an exported file is measured on: never test images that nobody has looked at."""

import json
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.dataset import DRAWN, Dataset, Origin
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.inspection.copies import LEFT_OUT
from keras_suite.data_pipeline.splits import split
from keras_suite.experiments.exporting import images as module
from keras_suite.experiments.exporting.images import images_of_files, images_of_run
from keras_suite.experiments.inspecting.predict import trained
from keras_suite.reports import run_directory
from tests.experiments.conftest import run_of


def dataset(**changed: object) -> Dataset:
    known = digits(None, limit=300, test_limit=100)
    return Dataset(**{**vars(known), **changed})  # type: ignore[arg-type]


def test_a_finished_run_is_measured_on_its_test_images(four_runs: Path) -> None:
    found = images_of_run(run_of(four_runs, "narrow", 2), None)
    known = dataset()
    assert len(found.measured) == 100 and found.measured.called == "test image" and not found.measured.trained
    assert np.array_equal(np.concatenate(list(found.measured.batches(33))), known.test_images)
    assert np.array_equal(found.measured.truth, known.test_labels) and found.shape == (8, 8, 1)
    assert np.array_equal(found.training.rows, split(known, 2).train)


def test_test_images_that_nobody_looked_at_stay_unseen(four_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = run_directory.read_run(run_of(four_runs, "narrow", 1), needs=())
    found = module._of_training(read, dataset())
    assert found.measured.called == "test image"
    trial = type(read)(**{**vars(read), "metrics": {"epochs": 2}})
    found = module._of_training(trial, dataset())
    assert found.measured.called == "validation image"
    assert np.array_equal(found.measured.rows, split(dataset(), 1).validation)


def test_a_fold_is_measured_on_what_it_held_out(four_runs: Path) -> None:
    read = run_directory.read_run(run_of(four_runs, "narrow", 2), needs=())
    known = dataset(folds=3)
    found = module._of_training(read, known)
    held_out = split(known, 2).test
    assert held_out is not None and np.array_equal(found.measured.rows, held_out)
    assert not set(found.training.rows) & set(held_out)


def test_a_classifier_that_all_images_trained_says_so() -> None:
    count = len(dataset().labels)
    groups = np.arange(count)
    groups[:7] = LEFT_OUT
    apart = module._of_classify(dataset(groups=groups))
    assert len(apart.training) == count - 7 and len(apart.measured) == 100 and not apart.measured.trained
    drawn = module._of_classify(dataset(groups=groups, origin=Origin(layout=f"a folder for each class, {DRAWN}")))
    assert len(drawn.training) == len(drawn.measured) == count + 93 and drawn.measured.trained
    assert np.array_equal(drawn.measured.truth[-100:], dataset().test_labels)


def test_other_data_and_runs_of_other_code_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(folder, "wide", 1)
    monkeypatch.setattr(module, "dataset_of", lambda *arguments: pytest.fail("not reached"))
    record = json.loads((run / "run.json").read_text())
    read = run_directory.read_run(run, needs=())
    elsewhere = type(read)(**{**vars(read), "record": {**record, "trained": "elsewhere"}})
    monkeypatch.setattr(run_directory, "read_run", lambda path, needs: elsewhere)
    with pytest.raises(ValueError, match="was trained by other code, whose images are not known here"):
        images_of_run(run, None)


def test_photographs_of_ones_own_are_measured_by_their_folders_names(four_runs: Path, tmp_path: Path) -> None:
    from PIL import Image

    run = run_of(four_runs, "wide", 1)
    for name, grey in (("3", 10), ("7", 200), ("unknown", 90)):
        (tmp_path / name).mkdir()
        Image.new("L", (20, 30), grey).save(tmp_path / name / "a.png")
    model, names = trained(run)
    found = images_of_files(run, str(tmp_path), model, names)
    assert found.truth.tolist() == [3, 7] and not found.trained
    assert [int(batch[0, 0, 0, 0]) for batch in found.batches()] == [10, 200]
    with pytest.raises(ValueError, match="holds no image whose class is known: give a folder with a folder for each"):
        images_of_files(run, str(tmp_path / "unknown"), model, names)
    with pytest.raises(ValueError, match="a folder without an image"):
        (tmp_path / "empty").mkdir()
        images_of_files(run, str(tmp_path / "empty"), model, names)
    (tmp_path / "3" / "b.png").write_bytes(b"\x89PNG cut off")
    with pytest.raises(ValueError, match=r"b\.png"):
        images_of_files(run, str(tmp_path), model, names)
