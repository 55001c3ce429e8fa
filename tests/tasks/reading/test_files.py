"""Only files are opened, none that is too large, and whatever is wrong is said in one line."""

import ast
import io
import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_suite.tasks.reading.files import (
    WrongFile,
    damage_named,
    file_digest,
    one_line,
    open_file,
    read_at_most,
    read_file,
    say,
    size_of,
)
from tests.conftest import REPOSITORY


def test_a_file_and_a_link_to_one_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("file", "link"):
        assert read_file(tmp_path / name, at_most=3) == b"abc"
    assert file_digest(tmp_path / "link") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
def test_what_is_no_file_is_named_without_waiting_for_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "data.npz"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        bound = socket.socket(socket.AF_UNIX)
        bound.bind(str(path))
        bound.close()
    for read in (open_file, file_digest):
        with pytest.raises(WrongFile, match=rf"data\.npz is a {kind}: expected a file"):
            read(path)


def test_a_file_that_becomes_a_pipe_after_it_was_looked_at_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe")
    seen, looked = (tmp_path / "file").stat(), os.stat

    monkeypatch.setattr(
        os, "stat", lambda path, **options: seen if path == tmp_path / "pipe" else looked(path, **options)
    )
    ended = threading.Event()

    def opening() -> None:
        with pytest.raises(WrongFile, match="is a pipe"):
            open_file(tmp_path / "pipe")
        ended.set()

    threading.Thread(target=opening, daemon=True).start()
    assert ended.wait(20)


def test_a_missing_file_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "gone")


def test_a_larger_file_than_expected_is_named_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(2**41)  # holes: nothing is written
    with pytest.raises(WrongFile, match=r"large\.csv has 2,048 GiB: expected a CSV file, which has at most 256 MiB"):
        read_file(tmp_path / "large.csv", at_most=2**28, expected="a CSV file")


@pytest.mark.parametrize(("whole", "left"), [(True, b""), (False, b"def")])
def test_a_stream_is_read_to_its_limit(whole: bool, left: bytes) -> None:
    stream = io.BytesIO(b"abc" + left)
    assert read_at_most(stream, 3, whole=whole) == b"abc"
    assert stream.read() == left
    with pytest.raises(ValueError, match="it has more than 2 bytes"):
        read_at_most(io.BytesIO(b"abc"), 2)


@pytest.mark.parametrize(
    "error", [KeyError("x"), RecursionError("deep"), MemoryError(), OSError("cut"), ValueError("a\nb"), TypeError()]
)
def test_whatever_a_reader_raises_becomes_one_line(error: Exception) -> None:
    said = pytest.raises(ValueError, match=r"a\.npz cannot be read as an archive \(.*\): get it anew")
    with said as caught, damage_named(Path("a.npz"), "an archive", "get it anew"):
        raise error
    assert "\n" not in str(caught.value)


def test_errors_of_the_disk_and_what_is_named_already_stay_as_they_are() -> None:
    for error in (PermissionError(13, "Permission denied", "a.npz"), WrongFile("a.npz is a pipe")):
        with pytest.raises(type(error)) as caught, damage_named(Path("a.npz"), "an archive", "get it anew"):
            raise error
        assert caught.value is error


@given(st.text(max_size=20))
def test_any_text_becomes_one_line_that_can_be_written(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1 and line.encode().decode() == line
    assert one_line("photo é\u3000.jpg") == "photo é\u3000.jpg"


def test_a_closed_stderr_stops_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    say("two\nlines")
    assert capsys.readouterr().err == "two\\nlines\n"
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr("sys.stderr", closed)
    say("nobody reads this")


# Calls that read a file without looking at what it is, and where they may stand: the last maps what was checked.
UNGUARDED = (
    "read_bytes",
    "read_text",
    "fromfile",
    "loadtxt",
    "genfromtxt",
    "memmap",
    "imread",
    "decompress",
    "is_tarfile",
)
ALLOWED = {
    ("experiments/feature_cache/store.py", "memmap"),
    ("data_pipeline/images/memory.py", "read_text"),  # of the system's own control groups
}
ROOMS = ("data_pipeline", "models/transfer", "experiments/feature_cache", "tasks/reading")


def test_rooms_that_read_what_others_wrote_read_it_here() -> None:
    files = [path for room in ROOMS for path in (REPOSITORY / room).rglob("*.py")]
    found = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                modes = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if node.func.attr in UNGUARDED or (node.func.attr == "open" and "rb" in modes):
                    found.add((path.relative_to(REPOSITORY).as_posix(), node.func.attr))
    assert len(files) > 40 and found <= ALLOWED, found - ALLOWED


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size_of(size) for size in (0, 900, 2048, 1536 * 2**10, 2**40)] == [
        "0 bytes",
        "900 bytes",
        "2 KiB",
        "1.5 MiB",
        "1,024 GiB",
    ]
