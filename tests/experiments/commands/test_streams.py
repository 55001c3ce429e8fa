"""Printing never ends a command: what can no longer be written is dropped."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.commands.streams import LastingStream, lasting_streams


def broken_pipe() -> Any:
    """A stream whose reader is gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "w", encoding="utf-8")


def test_a_stream_without_reader_drops_what_is_written() -> None:
    stream = broken_pipe()
    lasting = LastingStream(stream)
    for _ in range(100):
        assert lasting.write("x" * 10_000) == 10_000
        lasting.flush()
    os.write(stream.fileno(), b"what a library writes there itself")
    stream.close()  # what was still buffered is dropped, too


def test_a_full_disk_and_a_closed_stream_are_no_matter(tmp_path: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        lasting = LastingStream(full)
        lasting.write("x" * 100_000)
        lasting.flush()
    lasting.write("after it was closed")
    lasting.flush()


def test_all_else_is_the_streams_own(tmp_path: Path) -> None:
    with (tmp_path / "out.txt").open("w", encoding="utf-8") as stream:
        lasting = LastingStream(stream)
        lasting.write("kept")
        assert (lasting.encoding, lasting.fileno(), lasting.isatty()) == ("utf-8", stream.fileno(), False)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "kept"


def test_characters_that_an_encoding_lacks_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "out.txt").open("w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with lasting_streams():
            print("3 × 4 …")
        assert sys.stdout is stream
    assert (tmp_path / "out.txt").read_text(encoding="ascii") == "3 ? 4 ?\n"
