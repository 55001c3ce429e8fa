"""A journal is read up to its last complete line, and its trials become a table."""

import csv
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from keras_suite.reports.sweep.journal import chained, events_in, line_of, read, rows, whole_events, write_table
from keras_suite.tasks.files.damaged import DamagedFile
from tests.reports.sweep.conftest import MakeSweep

BEGUN = b'{"event": "begun", "terms": {}}\n'


def test_a_line_that_was_being_written_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(BEGUN + b'{"event": "cre')
    assert read(path) == [{"event": "begun", "terms": {}}]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[1]",
        b'{"trial": 1}',
        b'{"event": 1}',
        b'{"event": "slept"}',
        b'{"event": "created", "trial": "1", "values": {}, "overrides": {}}',
        b'{"event": "created", "trial": 1, "values": null, "overrides": {}}',
        b'{"event": "ended", "trial": 1, "score": "high", "reason": "", "runs": []}',
        b'{"event": "ended", "trial": 1, "score": 1.0, "reason": "", "runs": [{"seed": 1}]}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_event_is_named(line: bytes, tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="line 2 is no event of a sweep: restore it from a copy, or cut it off"):
        events_in(tmp_path / "journal.jsonl", BEGUN + line)


def sealed(events: Sequence[Mapping[str, Any]]) -> bytes:
    content = b""
    for event in events:
        content += line_of(event, chained(content))
    return content


def ended(trial: int, score: float) -> dict[str, Any]:
    return {"event": "ended", "trial": trial, "score": score, "reason": "", "runs": []}


EVENTS = [
    {"event": "begun", "schema": 2, "terms": {"space": "größer"}},
    ended(0, 0.5),
    {"event": "waited"},
    ended(1, 0.25),
]


def test_events_come_back_as_they_were_written_and_without_their_checksums(tmp_path: Path) -> None:
    assert events_in(tmp_path, sealed(EVENTS)) == EVENTS
    assert events_in(tmp_path, sealed(EVENTS).replace(b"\n", b"\r\n")) == EVENTS


def test_any_byte_that_is_changed_is_noticed(tmp_path: Path) -> None:
    content = sealed(EVENTS)
    for place, mask in itertools.product(range(len(content)), (0x01, 0x20, 0x80)):
        changed = content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :]
        assert whole_events(changed)[1] or whole_events(changed)[0] == EVENTS


def test_a_line_that_is_lost_doubled_or_moved_is_noticed(tmp_path: Path) -> None:
    lines = sealed(EVENTS).splitlines(keepends=True)
    for order in ([0, 2, 3], [1, 2, 3], [0, 1, 1, 2, 3], [0, 2, 1, 3], [0, 1, 3]):
        with pytest.raises(DamagedFile, match="or a line before it that is gone, is not what was written"):
            events_in(tmp_path, b"".join(lines[index] for index in order))
    for count in range(1, 5):  # a kill leaves no more than this
        assert events_in(tmp_path, b"".join(lines[:count])) == EVENTS[:count]


def test_a_journal_without_checksums_is_read_and_has_them_from_where_it_is_continued(tmp_path: Path) -> None:
    before = BEGUN + json.dumps(ended(0, 0.5)).encode() + b"\n"
    whole = before + line_of(ended(1, 0.25), chained(before))
    assert events_in(tmp_path, whole) == [json.loads(BEGUN), ended(0, 0.5), ended(1, 0.25)]
    with pytest.raises(DamagedFile, match="line 3, or a line before it"):
        events_in(tmp_path, whole.replace(b"0.5", b"0.6"))
    with pytest.raises(DamagedFile, match="line 4 has no checksum"):
        events_in(tmp_path, whole + b'{"event": "waited"}\n')


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


def test_a_value_that_the_space_did_not_read_is_not_in_the_table() -> None:
    values = {"kind": "mlp", "units": 8, "filters": 4}
    events: list[dict[str, Any]] = [
        {"event": "created", "trial": 0, "values": values, "overrides": {}, "unread": ["filters"]},
        {"event": "created", "trial": 1, "values": values, "overrides": {}},
    ]
    assert [(row["units"], row["filters"]) for row in rows(events)] == [(8, ""), (8, 4)]
