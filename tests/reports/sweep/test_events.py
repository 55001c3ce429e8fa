"""A journal is read line by line; a damaged line is named."""

from pathlib import Path

import pytest

from keras_suite.reports.sweep.events import events_in, read


def test_a_line_that_was_being_written_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"event": "begun"}\n{"event": "cre')
    assert read(path) == [{"event": "begun"}]


@pytest.mark.parametrize("line", [b"{", b"[1]", b'{"trial": 1}', b'{"event": 1}'])
def test_a_line_that_is_no_event_is_named(line: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 2 is no event"):
        events_in(tmp_path / "journal.jsonl", b'{"event": "begun"}\n' + line)


def test_a_folder_without_a_journal_is_no_sweep(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="give the folder of a sweep"):
        read(tmp_path / "journal.jsonl")
