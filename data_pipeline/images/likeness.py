"""What images look like in a few numbers, and whether a picture looks like those that trained a network.

A network answers whatever it is shown, and is sure of a dark digit on white paper, too, though it has seen white ones
on black only. Here are a dozen measures of brightness, contrast, polarity, colour, fine detail and place, and the shape
before it was stretched. Of the training images each has a range; a picture outside one of them looks unlike what the
network knows.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

FALSE_ALARMS = 0.01  # the share of training images outside the ranges
MOST_IMAGES, FEWEST_IMAGES = 2000, 20  # that the ranges follow from
_SIDE = 32  # pixels of the copies that most measures are taken of
_WIDER, _WIDER_OF_FEW = 0.05, 30.0  # of a range on each side of the median; few images know little of rare ones
_SHAPES_WIDER = 1.25  # of the range of width / height; 4:3 is not square, 5:4 nearly is
_OF_POLARITY = ("brightness", "darkest", "border", "polarity")  # what gives away a negative

# Each measure: its name, what a picture is whose value is too low and too high, and the width that is no matter.
_MEASURES: tuple[tuple[str, str, str, float], ...] = (
    ("brightness", "darker", "brighter", 2.0),
    ("contrast", "of less contrast", "of more contrast", 2.0),
    ("darkest", "with darker shadows", "without dark parts", 2.0),
    ("brightest", "without bright parts", "with brighter lights", 2.0),
    ("border", "with a darker border", "with a brighter border", 2.0),
    ("polarity", "with a darker middle against its border", "with a brighter middle against its border", 4.0),
    ("detail", "with less fine detail, as enlarged or blurred", "with more fine detail or noise", 0.01),
    ("across", "with its subject further to the left", "with its subject further to the right", 0.025),
    ("down", "with its subject further up", "with its subject further down", 0.025),
    ("extent", "with a smaller subject", "with a larger subject", 0.015),
    ("red", "less red", "redder", 1.0),
    ("blue", "less blue", "bluer", 1.0),
    ("colour", "less colourful", "more colourful", 2.0),
)
_OF_GREY = 10  # measures that grey images have, too


def measures(images: np.ndarray) -> np.ndarray:
    """Measure images uint8 (n, h, w, 1 or 3): float64 (n, 10 or 13), one column for each measure.

    The border is the outer eighth. Where the subject is, and how large, are the centre and the radius of how far pixels
    are from the border's level, so they are the same of a negative; -1 and 1 are the edges.
    """
    small, detail = zip(*map(_reduced, images), strict=True)
    colours = np.stack(small).astype(np.float32)
    grey = colours @ np.array([0.299, 0.587, 0.114], np.float32) if colours.shape[-1] == 3 else colours[..., 0]
    height, width = grey.shape[1:]
    edge, quarter = max(1, min(height, width) // 8), min(height, width) // 4
    flat = grey.reshape(len(grey), -1)
    brightness, contrast = flat.mean(axis=1), flat.std(axis=1)
    few = flat.shape[1] // 50
    ranked = np.partition(flat, (few, flat.shape[1] - 1 - few), axis=1)
    inner = grey[:, edge : height - edge, edge : width - edge].reshape(len(grey), -1)
    border = (flat.sum(axis=1) - inner.sum(axis=1)) / max(1, flat.shape[1] - inner.shape[1])
    middle = grey[:, quarter : height - quarter, quarter : width - quarter].mean(axis=(1, 2))
    columns = [brightness, contrast, ranked[:, few], ranked[:, -1 - few], border, middle - border]
    columns += [np.array(detail) / (contrast + 4), *_place(np.abs(grey - border[:, None, None]))]
    if colours.shape[-1] == 3:
        planes = [np.ascontiguousarray(colours[..., channel]).reshape(len(grey), -1) for channel in range(3)]
        red, green, blue = (plane.mean(axis=1) for plane in planes)
        apart = functools.reduce(np.maximum, planes) - functools.reduce(np.minimum, planes)
        columns += [red - green, blue - green, apart.mean(axis=1)]
    return np.stack(columns, axis=1).astype(np.float64)


def _reduced(image: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the image (at most 32, at most 32, c), and how much neighbouring pixels of it differ."""
    height, width, channels = image.shape
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if channels == 3 else np.ascontiguousarray(image[..., 0])
    across = cv2.norm(grey[:, 1:], grey[:, :-1], cv2.NORM_L1) if width > 1 else 0.0
    down = cv2.norm(grey[1:], grey[:-1], cv2.NORM_L1) if height > 1 else 0.0
    size = (min(_SIDE, height), min(_SIDE, width))
    small = image if size == (height, width) else cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
    return small.reshape(*size, channels), (across + down) / grey.size


def _place(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the centre, across and down, and the radius of weights (n, h, w)."""
    _, height, width = weights.shape
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    of_columns, of_rows = weights.sum(axis=1), weights.sum(axis=2)
    total = of_rows.sum(axis=1) + 1e-3 * height * width
    across, down = of_columns @ x / total, of_rows @ y / total
    squares = (of_columns @ (x * x) + of_rows @ (y * y)) / total - across**2 - down**2
    return across, down, np.sqrt(np.maximum(squares, 0))


@dataclass(frozen=True)
class Likeness:
    """The ranges of what training images look like.

    Attributes:
        low: The least value of each measure, float64 (10 or 13,).
        high: The largest one.
        images: How many training images they follow from.
        shapes: The least and the largest width / height before images were stretched; None if that is not known.
    """

    low: np.ndarray
    high: np.ndarray
    images: int
    shapes: tuple[float, float] | None = None

    @property
    def channels(self) -> int:
        """Of the images: 1 or 3."""
        return 1 if len(self.low) == _OF_GREY else 3

    def unlike(self, images: np.ndarray, sizes: Sequence[tuple[int, int]] = ()) -> list[str]:
        """Say of each image uint8 (n, h, w, c) what it is beside the training images ("darker"); "" where it is alike.

        Named is the measure that is furthest outside, beside the length of its range. Where a negative of the picture
        would be alike that is said, too. `sizes` are (height, width) of each before it was stretched, where known.
        """
        words = self._unlike_pixels(images)
        for row, (height, width) in enumerate(sizes if self.shapes else ()):
            assert self.shapes is not None
            shape = width / max(1, height)
            if not self.shapes[0] <= shape <= self.shapes[1]:
                stretched = f"{'taller' if shape < self.shapes[0] else 'wider'} before it was stretched"
                words[row] = f"{words[row]}; {stretched}" if words[row] else stretched
        return words

    def _unlike_pixels(self, images: np.ndarray) -> list[str]:
        found = measures(images)
        length = np.maximum(self.high - self.low, [each[3] for each in _MEASURES[: len(self.low)]])
        outside = np.maximum(self.low - found, found - self.high) / length
        words = []
        for row in range(len(images)):
            at = int(outside[row].argmax())
            if outside[row, at] <= 0:
                words.append("")
                continue
            name, low, high, _ = _MEASURES[at]
            text = low if found[row, at] < self.low[at] else high
            negative = name in _OF_POLARITY and self._holds(measures(255 - images[row : row + 1])[0])
            words.append(f"{text}; its negative would look like them" if negative else text)
        return words

    def _holds(self, found: np.ndarray) -> bool:
        """Return whether all measures of an image are in the ranges."""
        return bool(((found >= self.low) & (found <= self.high)).all())

    def to_json(self) -> dict[str, Any]:
        """Return the ranges as JSON values."""
        names = [name for name, *_ in _MEASURES[: len(self.low)]]
        ranges = {name: [float(low), float(high)] for name, low, high in zip(names, self.low, self.high, strict=True)}
        shapes = {} if self.shapes is None else {"width_to_height": list(self.shapes)}
        return {"images": self.images, "ranges": ranges, **shapes}


def likeness_from_json(value: Mapping[str, Any]) -> Likeness | None:
    """Return what `Likeness.to_json` returned; None if it is of other measures, as another version may write."""
    ranges = value.get("ranges")
    known = [name for name, *_ in _MEASURES]
    if not isinstance(ranges, dict) or list(ranges) not in (known[:_OF_GREY], known):
        return None
    try:
        low, high = np.array([ranges[name] for name in ranges], np.float64).T
        shapes = value.get("width_to_height")
        return Likeness(
            low, high, int(value["images"]), None if shapes is None else (float(shapes[0]), float(shapes[1]))
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def likeness_of(images: np.ndarray, sizes: np.ndarray | None = None) -> Likeness | None:
    """Return the ranges of training images uint8 (n, h, w, c), of at most 2,000 that are spread over them.

    Every measure leaves out the same share of images at each end, so that 1 % of all images are outside some range;
    then the ranges are widened, the more the fewer images there are. Returns None of other than 1 or 3 channels, and
    of fewer than 20 images. `sizes` are (height, width) before images were stretched, (n, 2), else those of the pixels.
    """
    if len(images) < FEWEST_IMAGES or images.shape[-1] not in (1, 3):
        return None
    chosen = np.unique(np.linspace(0, len(images) - 1, min(MOST_IMAGES, len(images))).astype(np.int64))
    found = np.concatenate([measures(images[rows]) for rows in np.array_split(chosen, max(1, len(chosen) // 64))])
    least, most = 0.0, 0.05
    for _ in range(20):  # the share left out at each end
        share = (least + most) / 2
        low, high = np.quantile(found, [share, 1 - share], axis=0)
        outside = ((found < low) | (found > high)).any(axis=1).mean()
        least, most = (share, most) if outside <= FALSE_ALARMS else (least, share)
    median, (low, high) = np.median(found, axis=0), np.quantile(found, [least, 1 - least], axis=0)
    no_matter = np.array([each[3] for each in _MEASURES[: found.shape[1]]])
    wider = _WIDER + _WIDER_OF_FEW / len(chosen)
    low -= np.maximum(wider * (median - low), no_matter)
    high += np.maximum(wider * (high - median), no_matter)
    return Likeness(low, high, len(chosen), _shapes(np.array([images.shape[1:3]]) if sizes is None else sizes))


def _shapes(sizes: np.ndarray) -> tuple[float, float]:
    """Return the range of width / height without 1 % of the images at both ends, widened."""
    shapes = np.quantile(sizes[:, 1] / np.maximum(1, sizes[:, 0]), [FALSE_ALARMS / 2, 1 - FALSE_ALARMS / 2])
    return float(shapes[0] / _SHAPES_WIDER), float(shapes[1] * _SHAPES_WIDER)
