"""Folders are tried before anything expensive starts, and trying leaves nothing behind."""

import errno
import os
import tempfile
from pathlib import Path

import pytest

from keras_suite.experiments.commands.folders import check_input, check_output


def test_what_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    check_output(tmp_path, "--runs-dir")
    check_output(tmp_path / "a" / "b" / "c", "--runs-dir")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_deep_inside_leaves_nothing_either(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"file name too long\): give another folder with --runs-dir"):
        check_output(tmp_path / "a" / "b" / ("x" * 300), "--runs-dir")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    for path in (tmp_path / "taken", tmp_path / "taken" / "a" / "b"):
        with pytest.raises(ValueError, match=r"taken is a file\): give another folder with --output"):
            check_output(path, "--output")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT])
def test_a_folder_in_which_no_file_can_be_made_is_refused(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**given: object) -> None:
        raise OSError(number, os.strerror(number), str(given["dir"]))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(ValueError, match=os.strerror(number).lower()):
        check_output(tmp_path / "new", "--runs-dir")
    assert list(tmp_path.iterdir()) == []


def test_a_parent_in_which_no_folder_can_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing can be written in '/proc/nowhere/a'"):
        check_output(Path("/proc/nowhere/a"), "--runs-dir")


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(ValueError, match="nothing can be written"):
        check_output(tmp_path / "link", "--runs-dir")
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_a_folder_to_read_from_may_be_missing_but_nothing_else(tmp_path: Path) -> None:
    check_input(None, "--data-dir")
    check_input(tmp_path, "--data-dir")
    check_input(tmp_path / "missing", "--data-dir")
    (tmp_path / "taken").write_text("", encoding="utf-8")
    for path in (tmp_path / "taken", tmp_path / "taken" / "a", tmp_path / ("x" * 300)):
        with pytest.raises(ValueError, match="give a folder with --data-dir"):
            check_input(path, "--data-dir")
