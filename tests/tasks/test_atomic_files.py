"""A file is the old one or the new one, never half of each."""

import math
import os
from pathlib import Path

import pytest

from keras_suite.tasks.atomic_files import replacing, replacing_folder, sha256, write_json, write_text
from keras_suite.tasks.files.sealed_json import read_json_text


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    write_text(path, "old")
    with replacing(path) as temporary:
        temporary.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
        assert temporary.suffix == ".txt"
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_kill_left_of_a_file_is_removed_by_who_writes_it_an_hour_later(tmp_path: Path) -> None:
    left, other, fresh = (tmp_path / f".{name}-0123abcd.txt" for name in ("kept", "kept-too", "new"))
    for path in (left, other, fresh):
        path.write_text("half", encoding="utf-8")
        os.utime(path, (0, 0))
    write_text(tmp_path / "kept.txt", "whole")
    assert not left.exists() and other.exists()
    os.utime(fresh)
    write_text(tmp_path / "new.txt", "whole")
    assert fresh.exists(), "somebody else may be writing it"


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces no open file")
def test_who_is_reading_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    write_text(tmp_path / "kept.txt", "old")
    with (tmp_path / "kept.txt").open(encoding="utf-8") as reader:
        write_text(tmp_path / "kept.txt", "new")
        assert reader.read() == "old"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize(
    ("umask", "file", "folder"), [(0o077, 0o600, 0o700), (0o022, 0o644, 0o755), (0o002, 0o664, 0o775)]
)
def test_permissions_are_those_that_the_umask_asks_for(tmp_path: Path, umask: int, file: int, folder: int) -> None:
    before = os.umask(umask)
    try:
        write_text(tmp_path / "deep" / "kept.txt", "for some")
        write_text(tmp_path / "deep" / "kept.txt", "again")
    finally:
        os.umask(before)
    assert (tmp_path / "deep" / "kept.txt").stat().st_mode & 0o777 == file
    assert (tmp_path / "deep").stat().st_mode & 0o777 == folder


def test_text_is_utf8_with_plain_line_ends_on_every_system(tmp_path: Path) -> None:
    write_text(tmp_path / "text", "é\n−\n")
    assert (tmp_path / "text").read_bytes() == "é\n−\n".encode()


def test_json_comes_back_equal_and_what_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    value = {"text": "é", "number": 0.1 + 0.2, "none": None, "list": [1, 2.5]}
    write_json(path, value)
    assert read_json_text(path, path.read_bytes(), "restore it from a copy") == value
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"loss": math.nan})
    assert read_json_text(path, path.read_bytes(), "restore it from a copy") == value


@pytest.mark.parametrize("damaged", [b'{"half": ', b"", b"\xff\xfe\x00"])
def test_what_is_not_json_is_named_in_one_line(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "value.json"
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match=r"value\.json is not readable JSON \(.*\): restore it from a copy") as caught:
        read_json_text(path, path.read_bytes(), "restore it from a copy")
    assert "\n" not in str(caught.value)


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_folder_is_the_old_one_until_the_new_one_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    for content in ("old", "new"):
        with replacing_folder(folder) as temporary:
            (temporary / "part").mkdir()
            (temporary / "part" / "a.txt").write_text(content)
            assert folder.exists() == (content == "new")
        assert (folder / "part" / "a.txt").read_text() == content
    with pytest.raises(OSError), replacing_folder(folder) as temporary:
        (temporary / "half.txt").write_text("")
        raise OSError
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert [path.name for path in folder.iterdir()] == ["part"]
