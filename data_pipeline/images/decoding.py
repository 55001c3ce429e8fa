"""Decode image files on all cores, once; name what had to be converted and what is no image."""

import collections
import functools
import hashlib
import json
import os
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import PIL

from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.conversions import conversion_notes, scaling_note
from keras_suite.data_pipeline.images.deep_levels import FULL_16, Levels, NoScale, Range, scale_of
from keras_suite.data_pipeline.images.file_contents import Content, readable
from keras_suite.data_pipeline.images.image_files import DecodedImage, decode
from keras_suite.data_pipeline.images.image_sources import Source, first_names
from keras_suite.data_pipeline.images.problem_files import RefusedFiles
from keras_suite.data_pipeline.inspection.copies import content_of

NamedFile = tuple[str, Content]
OtherSize = tuple[int, int]  # (height, width)
Item = TypeVar("Item")
Result = TypeVar("Result")

_LAYOUT = 3  # raised whenever the same files would give other stored images
_FILES_A_TASK = 32  # few enough for even work, many enough that handing out tasks costs nothing
_BYTES_A_TASK = 32 * 2**20  # of files and of decoded images: what waits in memory


def storage_key(*parts: object) -> str:
    """Return the key of stored images: a hash of all that their pixels follow from, the decoders' versions included."""
    import cv2  # 60 ms that `list` and `show` need not wait for

    everything = [_LAYOUT, *parts, PIL.__version__, cv2.__version__]
    return hashlib.sha256(json.dumps(everything).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class DecodedFiles:
    """What is known of decoded files beside their pixels, in the order of the rows.

    Attributes:
        notes: Each conversion with how many images it was made of, and the first of them.
        scaled: What became of more than 8 bits, a sentence; "" where there was none.
        sizes: The (height, width) of each before it was stretched, int64 (n, 2).
        contents: The hash of each image's pixels, uint64 (n, 2).
        scale: What was black and what white in images of more than 8 bits; None where there was none, or each had its
            own.
        marks: What earlier versions decoded otherwise; see `dataset.read_otherwise`.
    """

    notes: tuple[str, ...]
    sizes: np.ndarray
    contents: np.ndarray
    scale: tuple[float, float] | None = None
    marks: tuple[str, ...] = ()
    scaled: str = ""


def decode_and_store(
    key: str,
    source: Source,
    files: Sequence[str],
    image_size: tuple[int, int] | None,
    channels: int,
    *,
    entry: Callable[[DecodedFiles], decoded_images.Entry],
    unchanged: Callable[[], bool],
    displayed: Callable[[str], str] = str,
    levels: Levels = "dataset",
    cache: bool = True,
) -> tuple[np.ndarray, decoded_images.Entry]:
    """Decode images and store them, or without `cache` only what is known of them: then (0, ...) are returned.

    Args:
        key: What to store them under.
        source: Where the files come from.
        files: Their names, in the order of the rows.
        image_size: (height, width) to stretch them to; None for the size of the first image, which all must have.
        channels: 1 for grey images, 3 for colour.
        entry: Creates what is stored beside the images; nothing is stored if it raises.
        unchanged: Whether the source is still what it was, asked when all files are read.
        displayed: Returns what a file is called in an error.
        levels: How more than 8 bits are scaled; see `deep_levels.py`.
        cache: Whether the images are stored.

    Returns:
        Images uint8 (n, height, width, channels), and the entry.

    Raises:
        RefusedFiles: Once for all files that are no images.
        ValueError: If the images have several sizes, or if the source has changed.
    """
    size = image_shape(source, files) if image_size is None else image_size

    def fill(put: decoded_images.Put) -> decoded_images.Entry:
        stretch = image_size is not None
        put = put if cache else _leave_out
        found = decode_files(source, files, size, channels, put, stretch=stretch, displayed=displayed, levels=levels)
        if not unchanged():
            raise ValueError(f"{source.path} changed while it was being read: start again when it is complete")
        return entry(found)

    return decoded_images.build(key, (len(files) if cache else 0, *size, channels), fill)


def _leave_out(row: int, image: np.ndarray) -> None:
    pass


def image_shape(source: Source, files: Sequence[str]) -> tuple[int, int]:
    """Return (height, width) of the first image that can be read."""
    known, refused = set(files), dict[str, str]()
    for name, content in source.contents(known):
        try:
            return decode(readable(content), None, 3, "image").size
        except ValueError as error:
            refused[name] = str(error)
    raise RefusedFiles(
        f"{source.path}: none of the {len(files):,} files can be used: {_named(refused, str)}; give image files",
        refused,
    )


def _named(refused: Mapping[str, str], displayed: Callable[[str], str]) -> str:
    """Name the first files that are refused, each with its reason, or with the one that all have."""
    if len(refused) > 1 and len(set(refused.values())) == 1:
        return f"{first_names([displayed(name) for name in sorted(refused)])} ({next(iter(refused.values()))})"
    return first_names([f"{displayed(name)} ({reason})" for name, reason in sorted(refused.items())])


def decode_files(
    source: Source,
    files: Sequence[str],
    image_size: tuple[int, int],
    channels: int,
    put: decoded_images.Put,
    *,
    stretch: bool,
    displayed: Callable[[str], str] = str,
    levels: Levels = "dataset",
) -> DecodedFiles:
    """Decode images row by row, twice where those of more than 8 bits turn out to need one scale of all.

    Args:
        image_size: (height, width) of all rows.
        put: Called with a row's number and its image, uint8 (height, width, channels), in any order.
        stretch: Whether images of another size are stretched; else they are an error.

    See `decode_and_store` for the others, and for what is raised.
    """
    return _Decoding(source, files, image_size, channels, put, stretch, displayed, levels).decoded()


@dataclass
class _Decoding:
    source: Source
    files: Sequence[str]
    image_size: tuple[int, int]
    channels: int
    put: decoded_images.Put
    stretch: bool
    displayed: Callable[[str], str]
    levels: Levels

    def decoded(self) -> DecodedFiles:
        self._rows = {name: row for row, name in enumerate(self.files)}
        self._refused: dict[str, str] = {}
        self._converted: dict[str, set[str]] = {}
        self._sizes = np.zeros((len(self.files), 2), np.int64)
        self._contents = np.zeros((len(self.files), 2), np.uint64)
        self._deep: dict[str, Range] = {}
        one_scale = self.levels if self.levels != "dataset" else "image"  # until the darkest and brightest are known
        self._pass(self._rows, one_scale)
        scale = self._scale()
        if self.levels == "dataset" and scale is not None:
            self._pass(self._deep, scale)
        if self._refused:
            raise RefusedFiles(
                f"{self.source.path}: {len(self._refused):,} of {len(self.files):,} files cannot be used: "
                f"{_named(self._refused, self.displayed)}; repair or remove them, or list them with "
                "`data NAME --problems FILE.csv` and leave them out with `--skip FILE.csv`",
                self._refused,
            )
        scaled = scaling_note(self._deep, scale) if self._deep else ""
        notes = (*self._notes(), scaled) if scaled else self._notes()
        return DecodedFiles(notes, self._sizes, self._contents, scale, self._marks(scale), scaled)

    def _pass(self, names: Container[str], levels: Levels) -> None:
        def decoded(batch: list[NamedFile]) -> list[tuple[str, Row | OtherSize | str]]:
            return [
                (name, _row(content, self.image_size, self.channels, self.stretch, levels)) for name, content in batch
            ]

        contents = self.source.contents(names)
        pixels = self.image_size[0] * self.image_size[1] * self.channels
        for batch in _in_parallel(decoded, _tasks(contents, pixels)):
            for name, row in batch:
                self._take(name, row)

    def _take(self, name: str, row: "Row | OtherSize | str") -> None:
        if isinstance(row, str):
            self._refused[name] = row
            return
        if isinstance(row, tuple):
            height, width = self.image_size
            raise ValueError(
                f"{self.source.path}: the images have several sizes, {height}x{width} and {row[0]}x{row[1]} "
                f"({self.displayed(name)}): give image_size=[height, width]"
            )
        image, number = row.image, self._rows[name]
        self.put(number, image.pixels)
        self._sizes[number], self._contents[number] = image.size, row.content
        for conversion in image.conversions:
            self._converted.setdefault(conversion, set()).add(name)
        if image.deep is not None:
            self._deep[name] = image.deep

    def _scale(self) -> tuple[float, float] | None:
        """Return what is black and what is white; where that can't be known the files are refused."""
        if not self._deep:
            return None
        joined = functools.reduce(lambda one, other: one.joined(other), self._deep.values())
        try:
            return scale_of(joined, self.levels)
        except NoScale as error:
            self._refused.update(dict.fromkeys(self._deep, str(error)))
            return None

    def _marks(self, scale: tuple[float, float] | None) -> tuple[str, ...]:
        """Return a mark unless all was grey of 16 bits with all of them in use, which was read in the same way."""
        as_before = scale == (0, FULL_16) and not {"deep colour", "inverted"} & set(self._converted)
        return ("levels",) if self._deep and not as_before else ()

    def _notes(self) -> tuple[str, ...]:
        converted = {kind: (len(names), min(names)) for kind, names in self._converted.items()}
        return conversion_notes({kind: found for kind, found in converted.items() if not kind.startswith("deep")})


@dataclass(frozen=True)
class Row:
    """A decoded image and the hash of its pixels, uint64 (2,)."""

    image: DecodedImage
    content: np.ndarray


def _row(
    content: Content, image_size: tuple[int, int], channels: int, stretch: bool, levels: Levels
) -> Row | OtherSize | str:
    """Return the image, its (height, width) where that is another one than asked for, or what is wrong with it."""
    try:
        image = decode(readable(content), image_size if stretch else None, channels, levels)
    except ValueError as error:
        return str(error)
    height, width = image.pixels.shape[:2]
    if (height, width) != tuple(image_size):
        return height, width
    return Row(image, content_of(image.pixels))


def _tasks(files: Iterator[NamedFile], image_bytes: int) -> Iterator[list[NamedFile]]:
    """Yield lists of files that have a bounded number of bytes together, decoded and not, unless they are one alone."""
    task: list[NamedFile] = []
    taken = 0
    for name, content in files:
        size = max(len(content), image_bytes)
        if task and (len(task) == _FILES_A_TASK or taken + size > _BYTES_A_TASK):
            yield task
            task, taken = [], 0
        task.append((name, content))
        taken += size
    if task:
        yield task


def _in_parallel(work: Callable[[Item], Result], items: Iterator[Item]) -> Iterator[Result]:
    """Yield the results of `work`, in order, from threads; few items are in memory at a time."""
    workers = os.cpu_count() or 1
    waiting: collections.deque[Future[Result]] = collections.deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
