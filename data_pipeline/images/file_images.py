"""Images that stay in their files: decoded whenever they are read, for data larger than memory and disk."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from keras_suite.data_pipeline.images.deep_levels import Levels
from keras_suite.data_pipeline.images.file_contents import read_image_file, why_unreadable
from keras_suite.data_pipeline.images.image_files import DecodedImage, decode
from keras_suite.data_pipeline.images.image_sources import FolderSource, ListedFiles, Source
from keras_suite.data_pipeline.images.memory import check_fits
from keras_suite.tasks.reading.files import WrongFile

HOW, IN_FILES = "dataset.cache=false", "in files"  # how one asks for them; a part of the key of what is known of them


class ChangedFile(OSError):
    """An image file is not what it was when it was first read: no fault of what is trained on it."""


@dataclass(frozen=True, eq=False)
class FileImages:
    """Images uint8 (n, height, width, channels) in files, to be read as an array is.

    `images[3]`, and `images[rows]` for rows int64 (b,), are arrays, decoded now. A slice, and `take_rows`, hold files
    only. What is decoded is compared with what the file held when it was first read.

    Attributes:
        folder: Where the files lie.
        files: Their names, of those too that are not among the images.
        digests: The SHA-256 of each file's bytes.
        rows: Which of the files, int64 (n,).
        image_shape: (height, width, channels)
        stretch: Whether images are stretched to that; else they have it.
        levels: What is black and white of more than 8 bits; see `deep_levels.py`.
    """

    folder: Path
    files: tuple[str, ...]
    digests: tuple[bytes, ...]
    rows: np.ndarray
    image_shape: tuple[int, int, int]
    stretch: bool = True
    levels: Levels = "dataset"

    dtype = np.dtype(np.uint8)
    ndim = 4

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(n, height, width, channels)"""
        return len(self.rows), *self.image_shape

    @property
    def nbytes(self) -> int:
        """What they would take if all were decoded."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[np.ndarray]:
        return map(self._decoded, self.rows.tolist())

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return replace(self, rows=self.rows[key])
        if isinstance(key, tuple):
            return np.asarray(self)[key]
        rows = self.rows[key]
        if np.ndim(rows) == 0:
            return self._decoded(int(rows))
        images = np.empty((len(rows), *self.image_shape), np.uint8)
        for place, row in enumerate(rows.tolist()):
            images[place] = self._decoded(row)
        return images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        height, width, channels = self.image_shape
        what = f"{len(self):,} images of {height}x{width}x{channels}, which are decoded when they are read ({HOW}),"
        check_fits(self.nbytes, what, "this needs all of them at once: take fewer with dataset.limit")
        return cast(np.ndarray, self[np.arange(len(self))]).astype(dtype or np.uint8, copy=False)

    def _decoded(self, row: int) -> np.ndarray:
        path = self.folder / self.files[row]
        try:
            content = read_image_file(path)
        except (OSError, WrongFile) as error:
            reason = why_unreadable(path, error)
            raise ChangedFile(f"{path} can no longer be read ({reason}): restore it, and start again") from None
        if hashlib.sha256(content).digest() != self.digests[row]:
            raise ChangedFile(f"{path} has changed since the data were first read: restore it, or start again")
        return self._image(content).pixels

    def _image(self, content: bytes) -> DecodedImage:
        from keras_suite.data_pipeline.images.plain_jpeg import decode_plain_jpeg  # OpenCV, 60 ms of `list`

        height, width, channels = self.image_shape
        size = (height, width) if self.stretch else None
        plain = decode_plain_jpeg(content, size) if channels == 3 else None
        return plain or decode(content, size, channels, self.levels)


def folder_of(source: Source) -> Path:
    """Return the folder of a source's files. Raises ValueError if no single one of them can be read."""
    if isinstance(source, FolderSource):
        return source.path
    if isinstance(source, ListedFiles):
        return source.path.parent
    raise ValueError(f"{source.path} is an archive, and {HOW} reads single files: unpack it, or leave that out")


def images_in_files(
    folder: Path,
    files: Sequence[str],
    digests: Sequence[str],
    image_shape: tuple[int, ...],
    stretch: bool,
    levels: Levels,
) -> np.ndarray:
    """Return the images of all files, as what reads like an array: see `FileImages`; `digests` in hexadecimal."""
    height, width, channels = image_shape
    rows, shape = np.arange(len(files)), (height, width, channels)
    as_bytes = tuple(map(bytes.fromhex, digests))
    return cast(np.ndarray, FileImages(folder, tuple(files), as_bytes, rows, shape, stretch, levels))


def take_rows(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return some of the images, int64 or bool (n,): `images[rows]`, of files the files."""
    if isinstance(images, FileImages):
        return cast(np.ndarray, replace(images, rows=images.rows[rows]))
    return images[rows]


def are_in_files(images: np.ndarray) -> bool:
    """Return whether the images are decoded whenever they are read, and take no memory."""
    return isinstance(images, FileImages)
