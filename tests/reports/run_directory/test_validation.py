"""How a run saw its validation images comes back as written, is sealed, and is named where it was damaged."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import ValidationLabels
from keras_suite.reports.run_directory.verification import faults_of_run
from keras_suite.tasks.files.damaged import DamagedFile
from tests.reports.run_directory.conftest import RECORD

SEEN = ValidationLabels(
    index=np.array([1, 4, 7]),
    labels=np.array([0, 1, 1]),
    probabilities=np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]], np.float32),
    labelling="0123456789abcdef",
    total=9,
    names={4: "cat/ü \udcff.png"},
    test_names={2: "test/dog/2.png"},
    are_files=True,
    pictured=np.array([4]),
    pictures=np.zeros((1, 2, 3, 1), np.uint8),
    made_wrong=np.array([False, True, False]),
)


def written(folder: Path, seen: ValidationLabels) -> Path:
    run_directory.begin(folder, RECORD, {})
    run_directory.write_validation(folder, seen)
    run_directory.complete(folder, {"epochs": 1})
    return folder


def test_it_comes_back_as_it_was_written(tmp_path: Path) -> None:
    read = run_directory.validation(run_directory.read_run(written(tmp_path, SEEN)))
    assert read is not None and read.made_wrong is not None
    for name in ("index", "labels", "probabilities", "pictured", "pictures", "made_wrong"):
        assert np.array_equal(getattr(read, name), getattr(SEEN, name))
    assert (read.names, read.test_names, read.labelling) == (SEEN.names, SEEN.test_names, SEEN.labelling)
    assert read.total == 9
    assert read.are_files is True


def test_runs_from_before_it_have_none_and_nothing_wrong(completed: Path) -> None:
    assert run_directory.validation(run_directory.read_run(completed)) is None
    assert faults_of_run(completed) == []


def test_it_is_sealed(tmp_path: Path) -> None:
    directory = written(tmp_path, SEEN)
    assert faults_of_run(directory) == []
    run_directory.write_validation(directory, ValidationLabels(SEEN.index, SEEN.labels, SEEN.probabilities, "other", 9))
    assert "validation.npz is not the file" in faults_of_run(directory)[0]
    with pytest.raises(DamagedFile, match=r"validation\.npz is not the file"):
        run_directory.validation(run_directory.read_run(directory))


@pytest.mark.parametrize(
    ("labels", "probabilities"),
    [
        (np.array([0, 1]), SEEN.probabilities),
        (np.array([0, 1, 2]), SEEN.probabilities),
        (SEEN.labels, np.full((3, 2), np.nan, np.float32)),
    ],
)
def test_arrays_that_do_not_belong_together_are_named(
    tmp_path: Path, labels: np.ndarray, probabilities: np.ndarray
) -> None:
    directory = written(tmp_path, ValidationLabels(SEEN.index, labels, probabilities, "0", 9))
    with pytest.raises(DamagedFile, match="its arrays do not belong together"):
        run_directory.validation(run_directory.read_run(directory))
