"""Occlusion: how much less probable a class becomes when a place of the image is covered (Zeiler and Fergus 2014)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from keras_suite.experiments.inspecting.network import BATCH, Network
from keras_suite.experiments.inspecting.panels import Panel, draw_pairs
from keras_suite.experiments.inspecting.shown_images import ShownImage
from keras_suite.reports.wording import sureness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREY_LEVEL = 128


@dataclass(frozen=True)
class Drops:
    """For each pixel (H, W) the mean drop of the class's probability over the squares that covered it, -1..1."""

    values: np.ndarray
    index: int
    probability: float
    least: float  # the lowest probability that any square left
    size: int
    stride: int


def occlusion(
    network: Network, pixels: np.ndarray, index: int | None = None, size: int | None = None, stride: int | None = None
) -> Drops:
    """Covers each place of an image (H, W, C) in turn with a grey square of `size` pixels, moved by `stride`.

    Pixels are those of the network's own input size. Without `size` the square is a fifth of the shorter side, without
    `stride` it moves by half of itself. Squares at the right and lower border stay inside the image, so every pixel is
    covered. The class is the predicted one where none is given.
    """
    height, width = pixels.shape[:2]
    size, stride = chosen_square((height, width), size, stride)
    whole = network.probabilities(pixels[np.newaxis])[0]
    chosen = int(whole.argmax()) if index is None else index
    corners = [(top, left) for top in starts(height, size, stride) for left in starts(width, size, stride)]
    sums, counts, least = np.zeros((height, width)), np.zeros((height, width)), float(whole[chosen])
    for first in range(0, len(corners), BATCH):
        places = corners[first : first + BATCH]
        covered = np.repeat(pixels[np.newaxis], len(places), axis=0)
        for image, (top, left) in zip(covered, places, strict=True):
            image[top : top + size, left : left + size] = GREY_LEVEL
        left_over = network.probabilities(covered)[:, chosen]
        least = min(least, float(left_over.min()))
        for (top, left), probability in zip(places, left_over, strict=True):
            square = np.s_[top : top + size, left : left + size]
            sums[square] += float(whole[chosen]) - float(probability)
            counts[square] += 1
    return Drops((sums / counts).astype(np.float32), chosen, float(whole[chosen]), least, size, stride)


def chosen_square(shape: tuple[int, int], size: int | None, stride: int | None) -> tuple[int, int]:
    """The square's size and stride in pixels; ValueError if they do not fit, or would leave places uncovered."""
    chosen = max(1, round(min(shape) / 5)) if size is None else size
    if not 1 <= chosen < min(shape):
        raise ValueError(f"--size {chosen} is not possible: expected 1 to {min(shape) - 1} pixels, less than the image")
    moved = max(1, chosen // 2) if stride is None else stride
    if not 1 <= moved <= chosen:
        raise ValueError(f"--stride {moved} would leave places uncovered: expected 1 to {chosen}, the square's size")
    return chosen, moved


def starts(length: int, size: int, stride: int) -> list[int]:
    """Where the squares begin along a side; the last one ends with it."""
    return [*range(0, length - size, stride), length - size]


def draw_drops(images: Sequence[ShownImage], drops: Sequence[Drops], class_names: Sequence[str]) -> "Figure":
    """Each image beside its map, all maps on one scale."""
    most = max(max(float(np.abs(each.values).max()) for each in drops), 0.01)
    pairs = []
    for image, found in zip(images, drops, strict=True):
        height, width = image.shown.shape[:2]
        stretched = cv2.resize(found.values, (width, height), interpolation=cv2.INTER_NEAREST)
        said = f"{class_names[found.index]} {sureness(found.probability)}\n{sureness(found.least)} at the least"
        pairs.append(
            (Panel(image.shown, image.title), Panel(stretched, said, colours="RdBu_r", least=-most, most=most))
        )
    heading = f"each place covered by a grey square of {drops[0].size} pixels, moved by {drops[0].stride}"
    return draw_pairs(pairs, heading, "mean drop of the class's probability")
