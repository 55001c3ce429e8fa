"""Decodes image files on all cores, once, and says what had to be converted and what is no image."""

import collections
import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import cv2
import numpy as np
import PIL

from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.image_files import DecodedImage, decode
from keras_suite.data_pipeline.images.image_sources import Source
from keras_suite.data_pipeline.images.image_tree import listed

Item = TypeVar("Item")
Result = TypeVar("Result")

_LAYOUT = 1  # raised whenever the same files would give other stored images
_FILES_A_TASK = 32  # few enough for even work, many enough that handing out tasks costs nothing

# What `decode` may have done, as the note's sentence; {} is the number of images.
_SENTENCES = {
    "grey": "{} grey image(s) repeated over 3 channels",
    "colour": "{} colour image(s) turned grey",
    "turned": "{} image(s) turned upright as their EXIF orientation says",
    "transparent": "{} image(s) with transparency laid on white",
    "several frames": "{} image(s) of several frames: the first was taken",
    "palette": "{} palette image(s) converted",
    "16-bit": "{} image(s) of 16 bits scaled to 8",
}


def storage_key(*decides: object) -> str:
    """Name stored images by all that decides them. Other decoders may give other pixels, so they count too."""
    everything = [_LAYOUT, *decides, PIL.__version__, cv2.__version__]
    return hashlib.sha256(json.dumps(everything).encode()).hexdigest()[:32]


def decode_and_keep(
    key: str,
    source: Source,
    files: Sequence[str],
    image_size: tuple[int, int] | None,
    channels: int,
    *,
    entry: Callable[[tuple[str, ...]], decoded_images.Entry],
    unchanged: Callable[[], bool],
    spoken: Callable[[str], str] = str,
) -> tuple[np.ndarray, decoded_images.Entry]:
    """Return the images of `files`, row by row, kept under `key` with the `entry` made of the notes; see
    `decode_files`.

    `image_size` None takes that of the first image. ValueError unless the source is `unchanged` when all are read.
    """
    size = image_shape(source, files) if image_size is None else image_size

    def fill(put: decoded_images.Put) -> decoded_images.Entry:
        notes = decode_files(source, files, size, channels, put, stretch=image_size is not None, spoken=spoken)
        if not unchanged():
            raise ValueError(f"{source.path} changed while it was being read: start again when it is complete")
        return entry(notes)

    return decoded_images.build(key, (len(files), *size, channels), fill)


def image_shape(source: Source, files: Sequence[str]) -> tuple[int, int]:
    """(height, width) of one image: what all must have when no `image_size` is given."""
    wanted = set(files)
    for name, content in source.contents():
        if name in wanted:
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
    spoken: Callable[[str], str] = str,
) -> tuple[str, ...]:
    """Put the image of `files[i]` into row i, and returns the notes: each conversion, counted, its first file named.

    Images are stretched to `image_size` (height, width) if `stretch`; else another size is an error. Files that are no
    images raise one ValueError that counts and names them. `spoken` is what a file is called in an error.
    """
    rows = {name: row for row, name in enumerate(files)}
    refused: dict[str, str] = {}
    converted: dict[str, list[str]] = {}

    def decoded(batch: list[tuple[str, bytes]]) -> list[tuple[str, DecodedImage | str]]:
        return [(name, _decoded(content, image_size, channels, stretch)) for name, content in batch]

    wanted = ((name, content) for name, content in source.contents() if name in rows)
    for batch in _in_parallel(decoded, wanted):
        for name, image in batch:
            if isinstance(image, str):
                refused[name] = image
                continue
            if (found := image.pixels.shape[:2]) != tuple(image_size):
                raise ValueError(
                    f"{source.path}: the images have several sizes, {image_size[0]}x{image_size[1]} and "
                    f"{found[0]}x{found[1]} ({spoken(name)}): give image_size=[height, width]"
                )
            put(rows[name], image.pixels)
            for conversion in image.conversions:
                converted.setdefault(conversion, []).append(name)
    if refused:
        named = [f"{spoken(name)} ({reason})" for name, reason in sorted(refused.items())]
        raise ValueError(
            f"{source.path}: {len(refused):,} of {len(files):,} files cannot be used: {listed(named)}; "
            "repair or remove them"
        )
    return tuple(
        f"{_SENTENCES.get(kind, f'{{}} image(s) of mode {kind} converted').format(len(names))} (first: {min(names)})"
        for kind, names in sorted(converted.items())
    )


def _decoded(content: bytes, image_size: tuple[int, int], channels: int, stretch: bool) -> DecodedImage | str:
    """Return the image, or what is wrong with it."""
    try:
        return decode(content, image_size if stretch else None, channels)
    except ValueError as error:
        return str(error)


def _in_parallel(work: Callable[[list[Item]], Result], items: Iterator[Item]) -> Iterator[Result]:
    """`work` on lists of items in threads, results in order; few items are in memory at a time."""
    workers = os.cpu_count() or 1
    waiting: collections.deque[Future[Result]] = collections.deque()
    with ThreadPoolExecutor(workers) as pool:
        while batch := list(itertools.islice(items, _FILES_A_TASK)):
            waiting.append(pool.submit(work, batch))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
