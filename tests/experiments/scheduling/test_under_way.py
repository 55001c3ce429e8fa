"""What a run under way has come to: its epochs, its pace and its best epoch, from the files of its directory."""

from pathlib import Path

import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.scheduling.under_way import Course, course_of, doing
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.reports import run_directory

RECORD = {"experiment": "watched", "variant": "small", "seed": 1, "identity": "0" * 16, "threads": 1}


def directory_with(folder: Path, *accuracies: float) -> Path:
    run_directory.begin(folder, RECORD, {})
    rows = [
        {"epoch": i + 1, "seconds": 7.0 if i == 0 else 2.0, "val_accuracy": each} for i, each in enumerate(accuracies)
    ]
    run_directory.write_history(folder, rows)
    return folder


def test_a_run_that_has_not_begun_has_come_to_nothing(tmp_path: Path) -> None:
    assert course_of(tmp_path / "nowhere") == Course()
    assert Course().seconds_of_all(9) is None
    assert Course().best("val_accuracy", "max") is None


def test_the_first_epoch_is_no_measure_of_the_others(tmp_path: Path) -> None:
    assert course_of(directory_with(tmp_path / "one", 0.5)).seconds_of_all(4) is None
    assert course_of(directory_with(tmp_path / "two", 0.5, 0.6, 0.4)).seconds_of_all(4) == 7 + 3 * 2


@pytest.mark.parametrize(("direction", "expected"), [("max", (0.6, 2)), ("min", (0.4, 3))])
def test_the_best_epoch_is_the_first_of_its_value(direction: str, expected: tuple[float, int], tmp_path: Path) -> None:
    course = course_of(directory_with(tmp_path, 0.5, 0.6, 0.4, 0.6, 0.4))
    assert course.best("val_accuracy", direction) == expected  # type: ignore[arg-type]
    assert course.best("val_loss", "min") is None


def test_a_run_is_scored_after_its_last_epoch() -> None:
    config = Config(dataset=use("digits"), model=use("mlp"), epochs=3)
    job = Job("watched", "small", config, 1, RunOptions(1, Path("runs")))
    assert doing(job, 2) == "small seed 1 epoch 3/3"
    assert doing(job, 3) == "small seed 1 is scored"
