"""Rows of frozen features on disk: an entry for each frozen network, a row for each image, shared by all processes.

    rows.f32      float32 rows one after the other
    index         whose rows they are, with checksums (index.py)
    entry.json    a description for people

A row is valid once its record is in `index`, which is written and synced after the row. What a killed process left
beyond is overwritten by the next. Rows are computed under the entry's lock, about a second's work at a time: processes
that need the same rows compute each once, and share the work.
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

COMMIT_SECONDS, COMMIT_BYTES = 1.0, 64 * 2**20  # rows wait in memory for no longer than this

Compute = Callable[[np.ndarray], np.ndarray]  # int64 positions (b,) in the request -> float32 rows (b, ...)


@dataclass(frozen=True)
class Rows:
    """The rows of the requested images.

    Attributes:
        array: The whole entry, (N, ...) float32, memory-mapped. While a view of it lives, the entry stays.
        rows: Each image's row in it, (n,) int64.
        computed: How many rows were not there before.
        notes: Lines about damage that was found and repaired.
    """

    array: np.ndarray
    rows: np.ndarray
    computed: int
    notes: tuple[str, ...]


def image_digests(images: np.ndarray, indices: np.ndarray) -> list[bytes]:
    """Return 16 bytes for the pixels of each image (h, w, c) of `images` at `indices`."""
    return [hashlib.blake2b(np.ascontiguousarray(images[i]).data, digest_size=16).digest() for i in indices.tolist()]


def key_of(decides: Mapping[str, Any]) -> str:
    """Return the name of the entry whose rows depend on these JSON values and on the image."""
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
    """Return the rows of the images with these digests; missing and damaged ones are computed.

    Args:
        decides: All that the rows depend on besides the image, as JSON values.
        row_shape: The shape of a row.
        digests: The images' digests.
        compute: Called for `batch_size` rows at a time, at the end for fewer.
        about: A description of the entry, for people.
        batch_size: See `compute`.

    Raises:
        ValueError: If the cache's limit is too small. Rows computed until then are kept.
        OSError: If the disk is full or not writable. Rows computed until then are kept.
    """
    with _disk():
        entries.sweep()
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
    rows = np.array([entry.intact[digest] for digest in digests], np.int64)
    return Rows(array, rows, entry.computed, tuple(entry.notes))


class _Entry:
    """An entry in use by one call, and the state of it that the call knows."""

    def __init__(self, key: str, row_shape: tuple[int, ...], about: Mapping[str, Any]) -> None:
        self.key, self.row_shape = key, row_shape
        self.row_bytes = 4 * int(np.prod(row_shape))
        self.folder = entries.features_folder() / key
        self.index, self.rows = self.folder / entries.INDEX, self.folder / entries.ROWS
        self.intact: dict[bytes, int] = {}  # rows whose checksums were right
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
            if path.exists():
                self.notes.append(f"damaged description of cached features, written anew ({path})")
            entries.write_about(path, {**about, "created": datetime.now(UTC).isoformat(timespec="seconds")})
        os.utime(path)

    def read(self) -> Index:
        index, notes = read_index(
            self.index, self.rows, self.row_bytes, alone=not entries.users(self.key, besides=self.use)
        )
        self._note(notes)
        return index

    def missing(self, index: Index, requested: Mapping[bytes, int]) -> dict[bytes, int]:
        """Return those of the requested images whose rows are missing or damaged."""
        unseen = [digest for digest in requested if digest not in self.intact]
        there = [digest for digest in unseen if digest in index.rows]
        if there:
            array = self.mapped(index.count)
            rows = {digest: index.rows[digest] for digest in there}
            self.intact |= {
                digest: row for digest, (row, checksum) in rows.items() if zlib.crc32(array[row]) == checksum
            }
        damaged = sum(digest not in self.intact for digest in there)
        if damaged:
            self._note([f"damaged cached features: {damaged:,}"])
        return {digest: requested[digest] for digest in unseen if digest not in self.intact}

    def add(self, index: Index, computed: Mapping[bytes, np.ndarray]) -> None:
        """Write rows, then their records. A damaged row is replaced at its place: its bits will be the same."""
        new = [digest for digest in computed if digest not in index.rows]
        places = [*index.free, *range(index.end, index.end + len(new))]
        row_of = {digest: index.rows[digest][0] for digest in computed if digest in index.rows}
        row_of |= dict(zip(new, places, strict=False))
        with self.rows.open("r+b") as file:
            for digest, row in sorted(row_of.items(), key=lambda item: item[1]):
                file.seek(row * self.row_bytes)
                file.write(computed[digest].data)
            file.flush()
            os.fsync(file.fileno())
        add_records(self.index, {row: (digest, zlib.crc32(computed[digest].data)) for digest, row in row_of.items()})
        self.intact |= row_of
        self.computed += len(row_of)

    def mapped(self, count: int) -> np.ndarray:
        return np.memmap(self.rows, np.float32, "r", shape=(count, *self.row_shape))

    def _note(self, lines: Sequence[str]) -> None:
        self.notes += [f"{line}, computed again when they are requested ({self.folder})" for line in lines]


def _computed(missing: Mapping[bytes, int], compute: Compute, batch_size: int) -> dict[bytes, np.ndarray]:
    """Compute the rows of the first missing images, as many as fit into about a second."""
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
    """Add the remedy to errors of the disk."""
    try:
        yield
    except OSError as error:
        raise OSError(
            f"features cannot be kept in {entries.features_folder()} ({error.strerror or error}): make room there "
            "(`keras-suite cache --clear`), or set CACHE_DIR to a writable folder with room"
        ) from None
