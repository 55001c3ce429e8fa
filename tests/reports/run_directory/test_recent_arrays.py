"""Arrays that are kept between two readings of a file: which are, and for how long."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports.run_directory.recent_arrays import RecentArrays


class Reading:
    """Reads a file, and counts how often."""

    def __init__(self, path: Path) -> None:
        self.path, self.times = path, 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.times += 1
        with np.load(self.path) as archive:
            return {name: archive[name] for name in archive.files}


def written(path: Path, *values: int) -> Path:
    with path.open("wb") as file:
        np.savez(file, values=np.array(values, np.int64))
    return path


def test_a_file_is_read_once_until_it_is_written_again(tmp_path: Path) -> None:
    recent, reading = RecentArrays(), Reading(written(tmp_path / "a.npz", 1, 2))
    for _ in range(3):
        arrays = recent.of(reading.path, "", reading)
        assert arrays is not None and arrays["values"].tolist() == [1, 2]
    assert reading.times == 1
    written(reading.path, 3, 4)
    arrays = recent.of(reading.path, "", reading)
    assert arrays is not None and arrays["values"].tolist() == [3, 4]
    assert reading.times == 2


def test_what_is_kept_cannot_be_changed_by_one_reader_for_the_next(tmp_path: Path) -> None:
    recent, reading = RecentArrays(), Reading(written(tmp_path / "a.npz", 1, 2))
    for _ in range(2):
        arrays = recent.of(reading.path, "", reading)
        assert arrays is not None
        with pytest.raises(ValueError, match="read-only"):
            arrays["values"][0] = 7


def test_the_files_read_longest_ago_are_given_up_for_others(tmp_path: Path) -> None:
    recent = RecentArrays(most_bytes=40)
    readings = [Reading(written(tmp_path / f"{name}.npz", 1, 2)) for name in "abc"]
    for reading in (*readings[:2], readings[0], readings[2], readings[0], readings[1]):
        recent.of(reading.path, "", reading)
        assert recent.bytes <= 40
    assert [reading.times for reading in readings] == [1, 2, 1]
    large = Reading(written(tmp_path / "large.npz", *range(6)))
    for _ in range(2):
        recent.of(large.path, "", large)
    assert large.times == 2 and recent.bytes == 32


def test_a_file_that_is_not_there_or_cannot_be_read_is_not_kept(tmp_path: Path) -> None:
    recent = RecentArrays()
    assert recent.of(tmp_path / "none.npz", "", lambda: None) is None
    reading = Reading(tmp_path / "cut.npz")
    reading.path.write_bytes(b"PK")
    for _ in range(2):
        with pytest.raises((OSError, ValueError)):
            recent.of(reading.path, "", reading)
    assert reading.times == 2 and recent.bytes == 0
    written(reading.path, 5)
    assert recent.of(reading.path, "", reading) is not None


def test_what_was_checked_by_another_seal_is_read_again(tmp_path: Path) -> None:
    recent, reading = RecentArrays(), Reading(written(tmp_path / "a.npz", 1))
    for checked in ("one", "another", "one"):
        recent.of(reading.path, checked, reading)
    assert reading.times == 2
