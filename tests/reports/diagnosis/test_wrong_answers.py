"""Where the labels stand that a network contradicts."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from keras_suite.reports.diagnosis.wrong_answers import wrong_answers
from keras_suite.reports.run_directory import ValidationLabels
from tests.reports.run_directory.test_results import RECORD


def seen(tmp_path: Path, labels: list[int], probabilities: list[list[float]]) -> run_directory.Run:
    run_directory.begin(tmp_path, RECORD, {})
    kept = ValidationLabels(
        index=np.arange(len(labels)),
        labels=np.array(labels),
        probabilities=np.array(probabilities, np.float32),
        labelling="0" * 16,
        total=100,
    )
    run_directory.write_validation(tmp_path, kept)
    return run_directory.read_run(tmp_path, needs=())


def test_the_place_of_a_label_is_counted_from_the_second_most_probable_class(tmp_path: Path) -> None:
    rows = [[0.7, 0.2, 0.06, 0.04]] * 3
    found = wrong_answers(seen(tmp_path, [0, 1, 3], rows))
    assert found is not None
    assert (found.images, found.wrong, found.rank) == (3, 2, 0.5)
    assert found.error == pytest.approx(np.sqrt(1 / 24))


def test_among_equal_probabilities_a_label_stands_in_the_middle(tmp_path: Path) -> None:
    found = wrong_answers(seen(tmp_path, [3], [[1.0, 0.0, 0.0, 0.0]]))
    assert found is not None and found.rank == 0.5


@pytest.mark.parametrize(("labels", "rows"), [([0], [[0.9, 0.1]]), ([0], [[0.7, 0.1, 0.1, 0.1]])])
def test_few_classes_and_right_answers_say_nothing(labels: list[int], rows: list[list[float]], tmp_path: Path) -> None:
    assert wrong_answers(seen(tmp_path, labels, rows)) is None
