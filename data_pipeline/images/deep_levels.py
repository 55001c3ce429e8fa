"""Images of more than 256 levels, as X-rays and microscopes make them, brought to 8 bits on a recorded scale."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

FULL_16 = 65535
_BITS, _PHOTOMETRIC = 258, 262  # tags of TIFF
# The largest levels of 8, 10, 12, 14 and 16 bits: the least that holds all levels of a data set is taken for white.
_TOPS = (255, 1023, 4095, 16383, FULL_16)

# "dataset": one scale for all images, by the largest level of any; "full": all 16 bits; "image": each image from its
# darkest to its brightest pixel; two numbers: black and white.
Levels = Literal["dataset", "full", "image"] | tuple[float, float]


@dataclass(frozen=True)
class Range:
    """The levels of an image of more than 8 bits.

    Attributes:
        low: The lowest level.
        high: The highest.
        whole: Whether they are whole numbers.
    """

    low: float
    high: float
    whole: bool

    def joined(self, other: "Range | None") -> "Range":
        """Return the range of two images."""
        if other is None:
            return self
        return Range(min(self.low, other.low), max(self.high, other.high), self.whole and other.whole)


class NoScale(ValueError):
    """Levels that stand for no agreed brightness."""


def scale_of(found: Range, levels: Levels) -> tuple[float, float] | None:
    """Return what is black and what is white where images have these levels; None where each has its own scale.

    Raises:
        NoScale: If nobody could know.
    """
    if levels == "image":
        return None
    if not isinstance(levels, str):
        return float(levels[0]), float(levels[1])
    if found.low >= 0 and levels == "full" and found.whole and found.high <= FULL_16:
        return 0.0, float(FULL_16)
    tops = _TOPS if found.whole else (1, 255)
    top = next((top for top in tops if found.high <= top), None)
    if found.low < 0 or top is None:
        kind = "" if found.whole else "32-bit "
        raise NoScale(
            f"{kind}pixels from {found.low:g} to {found.high:g} have no agreed range: say what is black and white with "
            'levels=[low, high], or levels="image"'
        )
    return 0.0, float(top)


def to_8_bits(values: np.ndarray, scale: tuple[float, float] | None) -> np.ndarray:
    """Return levels as uint8, black at 0 and white at 255; what is darker or brighter is cut off.

    Opacity has a scale of its own: a camera's 12 bits go with an opacity of 16.

    Args:
        values: (h, w) or (h, w, 1 to 4), of any number type.
        scale: What is black and what is white; None for the lowest and the highest value.
    """
    if not _has_opacity(values):
        return _scaled(values, scale)
    opaque = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1
    return np.concatenate([_scaled(values[..., :-1], scale), _scaled(values[..., -1:], (0, opaque))], axis=2)


def _has_opacity(values: np.ndarray) -> bool:
    return values.ndim == 3 and values.shape[2] in (2, 4)


def _scaled(values: np.ndarray, scale: tuple[float, float] | None) -> np.ndarray:
    low, high = scale if scale is not None else (float(values.min()), float(values.max()))
    if values.dtype == np.uint16 and low == 0 and high == int(high):
        top = int(high)
        cut = np.minimum(values.astype(np.uint32), top)
        return ((cut * 255 + top // 2) // top).astype(np.uint8)
    if high == low:
        return np.zeros(values.shape, np.uint8)
    return np.rint(np.clip((values.astype(np.float64) - low) / (high - low), 0, 1) * 255).astype(np.uint8)


def range_of(values: np.ndarray) -> Range:
    """Return the levels of an image; NoScale if there is no number among them that says how bright it is."""
    values = values[..., :-1] if _has_opacity(values) else values
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise NoScale("pixels of NaN or infinity: give finite numbers")
    return Range(low, high, values.dtype.kind != "f")


def deep_values(content: bytes, image: Image.Image) -> np.ndarray | None:
    """Return the levels of an image that has more than 8 bits, (h, w) or (h, w, channels); None if it has not.

    Pillow keeps the upper 8 bits of colour of 16 bits without a word, so OpenCV reads those.

    Raises:
        ValueError: If it has more, and OpenCV cannot read it.
    """
    import cv2  # 60 ms that `list` and `show` need not wait for

    if image.mode.startswith("I;16"):
        levels = np.asarray(image).astype(np.uint16)
        return np.uint16((1 << _bits(image)) - 1) - levels if is_white_at_zero(image) else levels
    if image.mode in ("I", "F"):
        return np.asarray(image)
    if not _is_deep_colour(content, image):
        return None
    values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError("16 bits a colour in a form that cannot be read: convert it to PNG")
    if values.dtype == np.uint8:
        return None
    if values.ndim == 3 and values.shape[2] >= 3:
        values = values[..., [2, 1, 0, *range(3, values.shape[2])]]
    return np.ascontiguousarray(values)


def is_white_at_zero(image: Image.Image) -> bool:
    """Return whether it is a grey TIFF of 16 bits in which 0 means white, as X-rays have it: Pillow leaves it so."""
    return image.mode.startswith("I;16") and getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0


def _bits(image: Image.Image) -> int:
    """Return how many bits a level of a TIFF has."""
    bits = getattr(image, "tag_v2", {}).get(_BITS, (8,))
    return max(bits) if isinstance(bits, tuple) else int(bits)


def _is_deep_colour(content: bytes, image: Image.Image) -> bool:
    if image.format == "PNG":
        return len(content) > 25 and content[24] == 16 and content[25] in (2, 4, 6)
    if image.format == "TIFF":
        return _bits(image) > 8
    if image.format == "PPM":
        found = re.match(rb"P6\s+(?:#[^\n]*\n\s*)*\d+\s+(?:#[^\n]*\n\s*)*\d+\s+(?:#[^\n]*\n\s*)*(\d+)", content[:4096])
        return found is not None and int(found[1]) > 255
    if image.format == "JPEG2000":
        # the marker SIZ holds 36 bytes, the number of channels, and of each one less than its bits
        found = re.search(rb"\xff\x51..(?:.{36})(..)(.)", content, re.DOTALL)
        return found is not None and (found[2][0] & 0x7F) + 1 > 8
    return False


def as_image(levels: np.ndarray) -> Image.Image:
    """Return uint8 levels (h, w) or (h, w, 1 to 4) as an image of Pillow's."""
    if levels.ndim == 3 and levels.shape[2] == 1:
        levels = levels[..., 0]
    return Image.fromarray(levels)
