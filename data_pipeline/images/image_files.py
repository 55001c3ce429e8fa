"""Read image files of any mode and size. Datasets and predictions read them here, so they see the same pixels."""

import contextlib
import functools
import io
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from keras_suite.data_pipeline.images.deep_levels import (
    Levels,
    NoScale,
    Range,
    as_image,
    deep_values,
    is_white_at_zero,
    range_of,
    scale_of,
    to_8_bits,
)
from keras_suite.data_pipeline.images.file_contents import read_image_file
from keras_suite.tasks.reading.files import reason

# Larger images are refused by their header, before anything is decoded: a few kilobytes can stand for gigabytes of one
# colour. The largest cameras' photographs of 102 megapixels have room; at 16 bytes a pixel while it is converted, an
# image takes 2 GiB at most.
MOST_PIXELS = 2**27
_LARGE = 2**24  # pixels; such images are decoded one at a time, however many threads there are
_one_large = threading.Lock()
Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # Pillow refuses only twice as many; `_room_for` refuses all that are more
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # lines of its own beside ours

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")  # what telephones write


@dataclass(frozen=True)
class DecodedImage:
    """A decoded image file.

    Attributes:
        pixels: uint8 (height, width, channels), 0..255.
        conversions: What was done to get them, for instance "transparent"; see `conversions.py`.
        size: (height, width) upright, before it was stretched.
        deep: The levels that an image of more than 8 bits had; None for 8 bits.
        scale: What of those is black and what is white; None for 8 bits, or where each image has its own scale.
    """

    pixels: np.ndarray
    conversions: tuple[str, ...]
    size: tuple[int, int] = (0, 0)
    deep: Range | None = None
    scale: tuple[float, float] | None = None


def read_image(path: Path, image_size: tuple[int, int] | None, channels: int, levels: Levels = "dataset") -> np.ndarray:
    """Read an image file.

    EXIF orientation is applied, transparency laid on white, more than 8 bits are scaled to 8, of an animation the first
    frame is taken.

    Args:
        path: The file.
        image_size: (height, width) to stretch it to; None leaves its size.
        channels: 1 for a grey image, 3 for RGB.
        levels: How more than 8 bits are scaled; see `deep_levels.py`.

    Returns:
        uint8 (height, width, channels), 0..255.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no image.
    """
    return read_decoded(path, image_size, channels, levels).pixels


def read_decoded(
    path: Path, image_size: tuple[int, int] | None, channels: int, levels: Levels = "dataset"
) -> DecodedImage:
    """Read an image file as `read_image` does, with what is known of it beside its pixels."""
    if Path(path).is_dir() or not Path(path).exists():
        raise FileNotFoundError(f"{path} is not a file: give the path of an image file")
    content = read_image_file(path)
    try:
        return decode(content, image_size, channels, levels)
    except ValueError as error:
        raise ValueError(f"{path} is no readable image ({error}): give a JPEG, PNG, WebP, GIF, BMP or TIFF") from None


def decode(
    content: bytes, image_size: tuple[int, int] | None, channels: int, levels: Levels = "dataset"
) -> DecodedImage:
    """Decode the bytes of an image file, as `read_image` does. Raises ValueError, in a few words, if they are none."""
    try:
        with Image.open(io.BytesIO(content), formats=_formats()) as image, _room_for(image):
            return _pixels(content, image, image_size, channels, levels)
    except UnidentifiedImageError:
        if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
            raise ValueError("a HEIC photograph, which Pillow cannot read: convert it to JPEG") from None
        if content[:4] in _TIFF:
            raise ValueError(
                "a TIFF of a kind that Pillow cannot read: convert it to one of 8, 16 or 32 bits"
            ) from None
        raise ValueError("not an image" if content else "an empty file") from None
    except (_TooLarge, NoScale) as error:
        raise ValueError(str(error)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(f"more than the {_megapixels(MOST_PIXELS)} that are read: make it smaller") from None
    except Exception as error:  # Pillow's decoders raise nearly anything about a damaged file
        raise ValueError(f"damaged: {reason(error)}") from error


class _TooLarge(ValueError):
    """An image has too many pixels."""


@contextlib.contextmanager
def _room_for(image: Image.Image) -> Iterator[None]:
    """Let an image be decoded if it is not too large, and large ones one after the other."""
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise _TooLarge(
            f"{image.width:,}x{image.height:,} are {_megapixels(pixels)}, more than the {_megapixels(MOST_PIXELS)} "
            "that are read: make it smaller"
        )
    with _one_large if pixels > _LARGE else contextlib.nullcontext():
        yield


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1e6:,.0f} megapixels"


@functools.cache
def _formats() -> tuple[str, ...]:
    """Return the formats of images that Pillow decodes by itself; for EPS it would run a program.

    Pillow tries them in order, and those without a signature at length: the ones that photographs have come first.
    """
    Image.init()
    others = [name for name in Image.ID if name not in ("EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG")]
    return tuple(sorted(others, key=lambda name: name not in ("JPEG", "PNG")))


def _pixels(
    content: bytes, image: Image.Image, image_size: tuple[int, int] | None, channels: int, levels: Levels
) -> DecodedImage:
    done: list[str] = []
    width, height = image.size
    if getattr(image, "is_animated", False):  # n_frames would walk through all of them
        done.append("several frames")
    if image_size is not None:
        # A JPEG is decoded at 1/2, 1/4 or 1/8 when that is still larger than `image_size`: 12 megapixels in a tenth
        # of the time. Twice the size leaves the last step to `resize`. The side's maximum serves turned images too.
        image.draft(None, (2 * max(image_size), 2 * max(image_size)))
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    values = deep_values(content, image)
    deep = scale = None
    if values is not None:
        deep = range_of(values)
        scale = scale_of(deep, levels)
        done.append("deep" if values.ndim == 2 else "deep colour")
        done += ["inverted"] if is_white_at_zero(image) else []
        image = as_image(to_8_bits(values, scale))
        image.getexif()[ExifTags.Base.Orientation] = orientation
    if orientation in range(2, 9):
        done.append("turned")
        height, width = (width, height) if orientation > 4 else (height, width)
        image = ImageOps.exif_transpose(image)
    image = _grey_or_rgb(image, done)
    if channels == 3 and image.mode == "L":
        done.append("grey")
    elif channels == 1 and image.mode == "RGB":
        done.append("colour")
    pixels = np.asarray(image.convert("L" if channels == 1 else "RGB")).reshape(image.height, image.width, channels)
    pixels = pixels if image_size is None else resize(pixels, image_size)
    return DecodedImage(pixels, tuple(done), (height, width), deep, scale)


def _grey_or_rgb(image: Image.Image, done: list[str]) -> Image.Image:
    """Return the image in mode L or RGB, opaque and of 8 bits; conversions are appended to `done`."""
    if image.mode == "P":
        done.append("palette")
    if image.has_transparency_data:
        done.append("transparent")
        white = Image.new("RGBA", image.size, "white")
        flat = Image.alpha_composite(white, image.convert("RGBA"))
        return flat.convert("L" if image.mode in ("LA", "La") else "RGB")
    if image.mode in ("L", "RGB"):
        return image
    if image.mode != "P":
        done.append("black-and-white" if image.mode == "1" else image.mode)
    return image.convert("L" if image.mode == "1" else "RGB")


def resize(image: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
    """Stretch an image uint8 (h, w, c) to (height, width).

    Areas of pixels are averaged where both sides shrink; else pixels are interpolated bilinearly.
    """
    import cv2  # 60 ms that `list` and `show` need not wait for

    height, width = image_size
    if image.shape[:2] == (height, width):
        return image
    shrinks = height <= image.shape[0] and width <= image.shape[1]
    result = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return result.reshape(height, width, image.shape[2])
