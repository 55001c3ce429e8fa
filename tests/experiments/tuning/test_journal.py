"""The journal holds every whole line that was written, whatever happened to the rest."""

from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal

EVENTS = [
    {"event": "begun", "terms": {"seed": 1, "space": "größer"}},
    {"event": "created", "trial": 0, "values": {"rate": 0.1 + 0.2}, "overrides": {}},
    {"event": "ended", "trial": 0, "score": 1 / 3, "reason": "", "runs": []},
]


def written(path: Path) -> bytes:
    for event in EVENTS:
        journal.append(path, event)
    return path.read_bytes()


def test_events_come_back_with_every_bit(tmp_path: Path) -> None:
    written(tmp_path / "journal.jsonl")
    assert journal.recover(tmp_path / "journal.jsonl") == EVENTS


def test_a_journal_cut_at_any_byte_is_recovered_to_its_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    whole = written(path)
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        ends = whole[:cut].count(b"\n")
        assert journal.read(path) == EVENTS[:ends]
        assert path.stat().st_size == cut, "a reader leaves the file alone"
        assert journal.recover(path) == EVENTS[:ends]
        journal.append(path, EVENTS[-1])
        assert journal.recover(path) == [*EVENTS[:ends], EVENTS[-1]]


@pytest.mark.parametrize("line", [b"{\n", b"[1]\n", b'{"trial": 3}\n', b"\xff\xfe\n", b"\n"])
def test_a_whole_line_that_is_no_event_is_damage_and_refused(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    whole = written(path)
    path.write_bytes(line + whole)
    with pytest.raises(ValueError, match="line 1 is no event"):
        journal.recover(path)


def test_a_line_is_added_for_the_price_of_the_last_one_however_long_that_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    events = [EVENTS[0], *({**EVENTS[1], "fitted": "x" * length} for length in (10, 5_000, 1_000_000, 10))]
    for event in events:
        journal.append(path, event)
    assert journal.recover(path) == events


def test_a_score_that_is_no_number_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    whole = written(path)
    with pytest.raises(ValueError):
        journal.append(path, {"event": "ended", "score": float("nan")})
    assert path.read_bytes() == whole


def test_a_folder_without_a_journal_is_no_sweep(tmp_path: Path) -> None:
    assert journal.recover(tmp_path / "journal.jsonl") == []
    with pytest.raises(FileNotFoundError, match=r"holds no journal\.jsonl"):
        journal.read(tmp_path / "journal.jsonl")
