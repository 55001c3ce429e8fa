"""Decode image files on all cores, once; name what had to be converted and what is no image."""

import collections
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import cv2
import numpy as np
import PIL

from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.image_files import DecodedImage, decode
from keras_suite.data_pipeline.images.image_sources import Source, first_names
from keras_suite.tasks.reading.files import one_line

NamedFile = tuple[str, bytes]
OtherSize = tuple[int, int]  # (height, width)
Item = TypeVar("Item")
Result = TypeVar("Result")

_LAYOUT = 1  # raised whenever the same files would give other stored images
_FILES_A_TASK = 32  # few enough for even work, many enough that handing out tasks costs nothing
_BYTES_A_TASK = 32 * 2**20  # of files and of decoded images: what waits in memory

# The note on each conversion that `decode` may report; {} is the number of images.
_SENTENCES = {
    "grey": "{} grey image(s) repeated over 3 channels",
    "colour": "{} colour image(s) turned grey",
    "turned": "{} image(s) turned upright as their EXIF orientation says",
    "transparent": "{} image(s) with transparency laid on white",
    "several frames": "{} image(s) of several frames: the first was taken",
    "palette": "{} palette image(s) converted",
    "16-bit": "{} image(s) of 16 bits scaled to 8",
}


def storage_key(*parts: object) -> str:
    """Return the key of stored images: a hash of all that their pixels follow from, the decoders' versions included."""
    everything = [_LAYOUT, *parts, PIL.__version__, cv2.__version__]
    return hashlib.sha256(json.dumps(everything).encode()).hexdigest()[:32]


def decode_and_store(
    key: str,
    source: Source,
    files: Sequence[str],
    image_size: tuple[int, int] | None,
    channels: int,
    *,
    entry: Callable[[tuple[str, ...]], decoded_images.Entry],
    unchanged: Callable[[], bool],
    displayed: Callable[[str], str] = str,
) -> tuple[np.ndarray, decoded_images.Entry]:
    """Decode images and store them.

    Args:
        key: What to store them under.
        source: Where the files come from.
        files: Their names, in the order of the rows.
        image_size: (height, width) to stretch them to; None for the size of the first image, which all must have.
        channels: 1 for grey images, 3 for colour.
        entry: Creates what is stored beside the images from the notes on their decoding.
        unchanged: Whether the source is still what it was, asked when all files are read.
        displayed: Returns what a file is called in an error.

    Returns:
        Images uint8 (n, height, width, channels), and the entry.

    Raises:
        ValueError: If a file is no image, if the images have several sizes, or if the source has changed.
    """
    size = image_shape(source, files) if image_size is None else image_size

    def fill(put: decoded_images.Put) -> decoded_images.Entry:
        notes = decode_files(source, files, size, channels, put, stretch=image_size is not None, displayed=displayed)
        if not unchanged():
            raise ValueError(f"{source.path} changed while it was being read: start again when it is complete")
        return entry(notes)

    return decoded_images.build(key, (len(files), *size, channels), fill)


def image_shape(source: Source, files: Sequence[str]) -> tuple[int, int]:
    """Return (height, width) of the first image that can be read."""
    known = set(files)
    for name, content in source.contents():
        if name in known:
            try:
                height, width = decode(content, None, 3).pixels.shape[:2]
                return height, width
            except ValueError:
                continue
    raise ValueError(f"{source.path}: none of the {len(files):,} files is an image: give a tree of image files")


def decode_files(
    source: Source,
    files: Sequence[str],
    image_size: tuple[int, int],
    channels: int,
    put: decoded_images.Put,
    *,
    stretch: bool,
    displayed: Callable[[str], str] = str,
) -> tuple[str, ...]:
    """Decode images row by row; see `decode_and_store` for what is not said here.

    Args:
        image_size: (height, width) of all rows.
        put: Called with a row's number and its image, uint8 (height, width, channels), in any order.
        stretch: Whether images of another size are stretched; else they are an error.

    Returns:
        The notes: each conversion with how many images it was made of, and the first of them.

    Raises:
        ValueError: If the images have several sizes, or once for all files that are no images.
    """
    rows = {name: row for row, name in enumerate(files)}
    refused: dict[str, str] = {}
    converted: dict[str, list[str]] = {}

    def decoded(batch: list[NamedFile]) -> list[tuple[str, DecodedImage | OtherSize | str]]:
        return [(name, _decoded(content, image_size, channels, stretch)) for name, content in batch]

    contents = ((name, content) for name, content in source.contents() if name in rows)
    for batch in _in_parallel(decoded, _tasks(contents, image_size[0] * image_size[1] * channels)):
        for name, image in batch:
            if isinstance(image, str):
                refused[name] = image
                continue
            if isinstance(image, tuple):
                raise ValueError(
                    f"{source.path}: the images have several sizes, {image_size[0]}x{image_size[1]} and "
                    f"{image[0]}x{image[1]} ({displayed(name)}): give image_size=[height, width]"
                )
            put(rows[name], image.pixels)
            for conversion in image.conversions:
                converted.setdefault(conversion, []).append(name)
    if refused:
        named = [f"{displayed(name)} ({reason})" for name, reason in sorted(refused.items())]
        raise ValueError(
            f"{source.path}: {len(refused):,} of {len(files):,} files cannot be used: {first_names(named)}; "
            "repair or remove them"
        )
    return conversion_notes({kind: (len(names), min(names)) for kind, names in converted.items()})


def conversion_notes(converted: Mapping[str, tuple[int, str]]) -> tuple[str, ...]:
    """Say what images were converted: of each conversion that `decode` reports, how many images and which first."""
    return tuple(
        f"{_SENTENCES.get(kind, f'{{}} image(s) of mode {kind} converted').format(count)} (first: {one_line(first)})"
        for kind, (count, first) in sorted(converted.items())
    )


def _decoded(
    content: bytes, image_size: tuple[int, int], channels: int, stretch: bool
) -> DecodedImage | OtherSize | str:
    """Return the image, its (height, width) where that is another one than asked for, or what is wrong with it."""
    try:
        image = decode(content, image_size if stretch else None, channels)
    except ValueError as error:
        return str(error)
    height, width = image.pixels.shape[:2]
    return image if (height, width) == tuple(image_size) else (height, width)


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
