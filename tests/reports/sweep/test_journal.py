"""A journal is read up to its last complete line, and its trials become a table."""

import csv
from pathlib import Path

import pytest

from keras_suite.reports.sweep.journal import events_in, read, rows, write_table
from tests.reports.sweep.conftest import MakeSweep


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


def test_each_run_has_a_row_with_the_settings_of_its_trial_and_the_base_comes_first(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(3, failed={1: "loss became nan"}, running=1)
    table = rows(sweep.events)
    assert table[0]["trial"] == "base"
    assert {row["status"] for row in table} == {"completed", "failed", "not ended"}
    assert all(row["learning_rate"] != "" for row in table[1:])


def test_numbers_are_written_with_all_their_digits(make_sweep: MakeSweep, tmp_path: Path) -> None:
    sweep = make_sweep(2)
    write_table(tmp_path / "trials.csv", sweep.events)
    with (tmp_path / "trials.csv").open(encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert [float(row["mean_score"]) for row in written[1:]] == [trial.score for trial in sweep.trials]
