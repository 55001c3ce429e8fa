"""Rows of frozen features on disk: an entry for each frozen network, a row for each image, whoever asks.

    rows.f32      float32 rows one after the other
    index         whose rows they are, with checksums (index.py)
    entry.json    what it is, in words

A row counts once its record stands in `index`, which is written and synced after the row. What a killed process left
beyond is overwritten by the next. Rows are computed under the entry's lock, about a second's work at a time: processes
that want the same rows compute each once, and share the work where they want more.
"""

import contextlib
import hashlib
import json
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from keras_suite.experiments.feature_cache import entries
from keras_suite.experiments.feature_cache.index import RECORD_BYTES, Index, add_records, read_index
from keras_suite.tasks.atomic_files import write_json

COMMIT_SECONDS, COMMIT_BYTES = 1.0, 64 * 2**20  # rows wait in memory for no longer than this

Compute = Callable[[np.ndarray], np.ndarray]  # int64 positions (b,) in what was asked for -> float32 rows (b, ...)


@dataclass(frozen=True)
class Rows:
    """`array` (N, ...) float32, memory-mapped, is the whole entry; `rows` (n,) int64 is where each image's row is.

    While `array` or a view of it lives, nobody removes the entry. `computed` rows were not there before; `notes` are
    lines about damage that was found and mended.
    """

    array: np.ndarray
    rows: np.ndarray
    computed: int
    notes: tuple[str, ...]


def image_digests(images: np.ndarray, indices: np.ndarray) -> list[bytes]:
    """16 bytes for the pixels of each image (h, w, c) of `images` at `indices`."""
    return [hashlib.blake2b(np.ascontiguousarray(images[i]).data, digest_size=16).digest() for i in indices.tolist()]


def key_of(decides: Mapping[str, Any]) -> str:
    """The name of the entry whose rows are decided by these JSON values and by the image."""
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:32]


def stored_rows(
    decides: Mapping[str, Any],
    row_shape: tuple[int, ...],
    digests: Sequence[bytes],
    compute: Compute,
    *,
    about: Mapping[str, Any],
    batch_size: int,
) -> Rows:
    """The rows of the images with these digests; those that are not there, or damaged, are computed.

    `compute` is asked for `batch_size` rows at a time or, last, for fewer. ValueError if the cache's limit does not
    allow them, OSError if the disk does not hold them; what was computed until then is kept.
    """
    with _disk():
        entry = _Entry(key_of(decides), row_shape, about)
    first_positions: dict[bytes, int] = {}
    for position, digest in enumerate(digests):
        first_positions.setdefault(digest, position)
    try:
        while True:
            with entries.locked(entry.key):
                with _disk():
                    index = entry.read()
                    missing = entry.missing(index, first_positions)
                if not missing:
                    array = entry.mapped(index.count)
                    break
                entries.make_room(entry.key, len(missing) * (entry.row_bytes + RECORD_BYTES))
                computed = _computed(missing, compute, batch_size)
                with _disk():
                    entry.add(index, computed)
        entries.use_while_alive(array, entry.use)
    except BaseException:
        entries.end_use(entry.use)
        raise
    rows = np.array([entry.sound[digest] for digest in digests], np.int64)
    return Rows(array, rows, entry.computed, tuple(entry.notes))


class _Entry:
    """An entry in use by this call, and what the call knows of it by now."""

    def __init__(self, key: str, row_shape: tuple[int, ...], about: Mapping[str, Any]) -> None:
        self.key, self.row_shape = key, row_shape
        self.row_bytes = 4 * int(np.prod(row_shape))
        self.folder = entries.features_folder() / key
        self.index, self.rows = self.folder / entries.INDEX, self.folder / entries.ROWS
        self.sound: dict[bytes, int] = {}  # where the rows are whose checksums were right
        self.computed, self.notes = 0, list[str]()
        with entries.locked(key):
            self._create(about)
            self.use = entries.begin_use(key)

    def _create(self, about: Mapping[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rows.touch()
        self.index.touch()
        path = self.folder / entries.ABOUT
        if not entries.read_about(path):
            write_json(path, {**about, "created": datetime.now(UTC).isoformat(timespec="seconds")})
        os.utime(path)

    def read(self) -> Index:
        index, notes = read_index(
            self.index, self.rows, self.row_bytes, alone=not entries.users(self.key, besides=self.use)
        )
        self._note(notes)
        return index

    def missing(self, index: Index, wanted: Mapping[bytes, int]) -> dict[bytes, int]:
        """Those of the wanted images whose rows are not there or not whole."""
        unseen = [digest for digest in wanted if digest not in self.sound]
        there = [digest for digest in unseen if digest in index.found]
        if there:
            array = self.mapped(index.count)
            rows = {digest: index.found[digest] for digest in there}
            self.sound |= {
                digest: row for digest, (row, checksum) in rows.items() if zlib.crc32(array[row]) == checksum
            }
        damaged = sum(digest not in self.sound for digest in there)
        if damaged:
            self._note([f"damaged cached features: {damaged:,}"])
        return {digest: wanted[digest] for digest in unseen if digest not in self.sound}

    def add(self, index: Index, computed: Mapping[bytes, np.ndarray]) -> None:
        """Writes rows, then their records. A damaged row keeps its place: its bits will be the same."""
        new = [digest for digest in computed if digest not in index.found]
        places = [*index.free, *range(index.end, index.end + len(new))]
        row_of = {digest: index.found[digest][0] for digest in computed if digest in index.found}
        row_of |= dict(zip(new, places, strict=False))
        with self.rows.open("r+b") as file:
            for digest, row in sorted(row_of.items(), key=lambda item: item[1]):
                file.seek(row * self.row_bytes)
                file.write(computed[digest].data)
            file.flush()
            os.fsync(file.fileno())
        add_records(self.index, {row: (digest, zlib.crc32(computed[digest].data)) for digest, row in row_of.items()})
        self.sound |= row_of
        self.computed += len(row_of)

    def mapped(self, count: int) -> np.ndarray:
        return np.memmap(self.rows, np.float32, "r", shape=(count, *self.row_shape))

    def _note(self, found: Sequence[str]) -> None:
        self.notes += [f"{line}, computed anew as they are asked for ({self.folder})" for line in found]


def _computed(missing: Mapping[bytes, int], compute: Compute, batch_size: int) -> dict[bytes, np.ndarray]:
    """Rows of the first of the missing images, as many as come within about a second."""
    digests, positions = [*missing], np.array([*missing.values()], np.int64)
    computed: dict[bytes, np.ndarray] = {}
    until = time.monotonic() + COMMIT_SECONDS
    for start in range(0, len(digests), batch_size):
        rows = np.ascontiguousarray(compute(positions[start : start + batch_size]), np.float32)
        computed |= dict(zip(digests[start:], rows, strict=False))
        if time.monotonic() > until or len(computed) * rows[0].nbytes > COMMIT_BYTES:
            break
    return computed


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """Says of what the disk refuses how to mend it."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f"features cannot be kept in {entries.features_folder()} ({error.strerror or error}): make room there "
            "(`keras-suite cache --clear`), or set CACHE_DIR to a writable folder with room"
        ) from None
