"""An index says whose each row is; what a killed process or a bad disk left behind is cut off and named."""

from pathlib import Path

import pytest

from keras_suite.experiments.feature_cache.index import RECORD_BYTES, Index, add_records, read_index

ROW = 8
RECORDS = {row: (bytes([row] * 16), 100 + row) for row in range(3)}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    index, rows = tmp_path / "index", tmp_path / "rows"
    index.touch()
    rows.write_bytes(bytes(3 * ROW))
    add_records(index, RECORDS)
    return index, rows


def read(files: tuple[Path, Path], alone: bool = True) -> tuple[Index, list[str]]:
    return read_index(*files, ROW, alone=alone)


def test_records_are_read_as_they_were_added(files: tuple[Path, Path]) -> None:
    index, notes = read(files)
    assert index.rows == {digest: (row, checksum) for row, (digest, checksum) in RECORDS.items()}
    assert (index.count, index.free, index.end, notes) == (3, (), 3, [])


def test_a_flipped_byte_frees_its_row_alone_and_is_named(files: tuple[Path, Path]) -> None:
    content = bytearray(files[0].read_bytes())
    content[RECORD_BYTES + 3] ^= 1
    files[0].write_bytes(content)
    index, notes = read(files)
    assert sorted(row for row, _ in index.rows.values()) == [0, 2]
    assert index.free == (1,) and len(notes) == 1


def test_records_of_rows_that_were_never_written_are_cut_off(files: tuple[Path, Path]) -> None:
    files[1].write_bytes(bytes(2 * ROW))
    index, notes = read(files)
    assert len(index.rows) == 2 and notes == ["cached features cut off: 1"]
