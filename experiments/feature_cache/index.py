"""The index of a feature entry: 24 bytes for each row, which say whose it is and that it is whole.

A record holds the image's digest, the CRC-32 of the row, and a CRC-32 of both and of the record's place; zeros mark a
row that is free. What is wrong with the file is mended when it is read, under the entry's lock.
"""

import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_RECORD = struct.Struct("<16sII")
RECORD_BYTES = _RECORD.size
_FREE = bytes(RECORD_BYTES)


@dataclass(frozen=True)
class Index:
    """`found` gives each image's row and its CRC-32, `count` the rows up to the last record.

    New rows go to the `free` ones, then to `end` and beyond.
    """

    found: dict[bytes, tuple[int, int]]
    count: int
    free: tuple[int, ...]
    end: int


def read_index(path: Path, rows: Path, row_bytes: int, *, alone: bool) -> tuple[Index, list[str]]:
    """The index as far as it is sound, and a line for each kind of damage that was found.

    What a killed process left of rows and records without the other is cut off, and free rows are used again. But where
    this process does not use the entry `alone`, others may have mapped those rows: they stay as they are.
    """
    content, rows_size, notes = path.read_bytes(), rows.stat().st_size, []
    count = len(content) // RECORD_BYTES
    if count > rows_size // row_bytes:
        notes.append(f"cached features cut off: {count - rows_size // row_bytes:,}")
        count = rows_size // row_bytes
    found, free, damaged = {}, [], []
    for row, (digest, checksum, check) in enumerate(_RECORD.iter_unpack(content[: count * RECORD_BYTES])):
        if check == _check(digest, checksum, row):
            found[digest] = row, checksum
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
        if rows_size != count * row_bytes:
            os.truncate(rows, count * row_bytes)
        return Index(found, count, tuple(free), count), notes
    return Index(found, count, (), max(count, -(-rows_size // row_bytes))), notes


def add_records(path: Path, records: Mapping[int, tuple[bytes, int]]) -> None:
    """Writes and syncs the records, image digest and CRC-32, of these rows."""
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
