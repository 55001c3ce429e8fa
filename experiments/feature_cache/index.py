"""The index of a feature entry: 24 bytes for each row, with its image's digest and checksums.

A record holds the image's digest, the CRC-32 of the row, and a CRC-32 of both and of the record's place; zeros mark a
row that is free. Damage in the file is repaired when it is read, under the entry's lock.
"""

import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keras_suite.tasks.reading.files import open_file

_RECORD = struct.Struct("<16sII")
RECORD_BYTES = _RECORD.size
_FREE = bytes(RECORD_BYTES)


@dataclass(frozen=True)
class Index:
    """The rows of an entry.

    Attributes:
        rows: Each image's row and its CRC-32, by the image's digest.
        count: Rows up to the last record.
        free: Rows that may be used again, before those from `end` on.
        end: The first row after all others.
    """

    rows: dict[bytes, tuple[int, int]]
    count: int
    free: tuple[int, ...]
    end: int


def read_index(path: Path, rows: Path, row_bytes: int, *, alone: bool) -> tuple[Index, list[str]]:
    """Read the intact part of an index, and return it with a line for each kind of damage.

    Rows and records that a killed process left without the other are cut off, and free rows are used again; unless
    other processes use the entry, which may have mapped those rows.

    Args:
        path: The index.
        rows: The file of rows.
        row_bytes: The size of a row.
        alone: Whether no other process uses the entry.
    """
    with open_file(path) as file:
        content, rows_size, notes = file.read(), rows.stat().st_size, list[str]()
    count = len(content) // RECORD_BYTES
    if count > rows_size // row_bytes:
        notes.append(f"cached features cut off: {count - rows_size // row_bytes:,}")
        count = rows_size // row_bytes
    intact, free, damaged = {}, [], []
    for row, (digest, checksum, check) in enumerate(_RECORD.iter_unpack(content[: count * RECORD_BYTES])):
        if check == _check(digest, checksum, row):
            intact[digest] = row, checksum
        else:
            free.append(row)
            if content[row * RECORD_BYTES : (row + 1) * RECORD_BYTES] != _FREE:
                damaged.append(row)
    if damaged:
        notes.append(f"damaged records of cached features: {len(damaged):,}")
        _write(path, dict.fromkeys(damaged, _FREE))
    if len(content) != count * RECORD_BYTES:
        os.truncate(path, count * RECORD_BYTES)
    if alone:
        if unknown := -(-(rows_size - count * row_bytes) // row_bytes):
            if count == len(content) // RECORD_BYTES:  # else it is the rest of a row that was cut
                notes.append(f"rows of features without a record, of a killed process perhaps: {unknown:,}")
            os.truncate(rows, count * row_bytes)
        return Index(intact, count, tuple(free), count), notes
    return Index(intact, count, (), max(count, -(-rows_size // row_bytes))), notes


def add_records(path: Path, records: Mapping[int, tuple[bytes, int]]) -> None:
    """Write and sync the records, image digest and CRC-32, of these rows."""
    _write(path, {row: _RECORD.pack(*record, _check(*record, row)) for row, record in records.items()})


def _write(path: Path, content: Mapping[int, bytes]) -> None:
    with path.open("r+b") as file:
        for row in sorted(content):
            file.seek(row * RECORD_BYTES)  # beyond the end this leaves zeros: free rows
            file.write(content[row])
        file.flush()
        os.fsync(file.fileno())


def _check(digest: bytes, checksum: int, row: int) -> int:
    return zlib.crc32(digest + checksum.to_bytes(4, "little") + row.to_bytes(8, "little"))
