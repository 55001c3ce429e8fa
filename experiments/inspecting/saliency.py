"""Which places of an image raise the score of a class: Grad-CAM by gradients, occlusion by covering them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import tensorflow as tf

from keras_suite.experiments.inspecting.images import Panel, ShownImage, draw_pairs
from keras_suite.experiments.inspecting.network import BATCH, Network, calls_of, computing, feature_maps, named
from keras_suite.reports.wording import sureness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREY_LEVEL = 128  # of the square that covers a place


@dataclass(frozen=True)
class Heat:
    """A class activation map float32 (h, w), 0 or more, of the class `index` at the positions of `layer`."""

    values: np.ndarray
    index: int
    probability: float
    layer: str


def gradcam(network: Network, pixels: np.ndarray, index: int | None = None, layer: str | None = None) -> Heat:
    """Return the Grad-CAM map of an image (Selvaraju et al. 2017, "Grad-CAM", equations 1 and 2).

    With the maps A_k of a layer and the score s (before the softmax) of the class,

        alpha_k = mean over positions (i, j) of ds / dA_ijk,     L_ij = max(0, sum_k alpha_k A_ijk).

    Where s is a sum of average-pooled maps, s = sum_k w_k mean_ij A_ijk, that is L = max(0, sum_k w_k A_k) / (h * w):
    the class activation map of Zhou et al. (2016).

    Args:
        network: The network.
        pixels: The image, (H, W, C), 0..255.
        index: The class; by default the predicted one.
        layer: By default the last layer with positions that does more than pool.

    Raises:
        ValueError: If the network has no layer with positions, or `layer` is not one.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        calls, logits = calls_of(network.model, pixels[np.newaxis], tape.watch)
        chosen = int(np.argmax(logits[0])) if index is None else index
        score = logits[0, chosen]
    maps = feature_maps(calls)
    if not maps:
        raise ValueError(
            f"{network.model.name} has no feature maps, its layers have no positions: Grad-CAM needs a convolutional "
            "network; `inspect occlusion` takes any"
        )
    read = named(maps, layer, network.model.name) if layer else computing(maps)[-1]
    slope = tape.gradient(score, read.output, unconnected_gradients="zero")
    alpha = tf.reduce_mean(tf.cast(slope, tf.float32), axis=(1, 2))
    heat = tf.nn.relu(tf.einsum("bhwc,bc->bhw", tf.cast(read.output, tf.float32), alpha))[0]
    probability = float(tf.nn.softmax(tf.cast(logits, tf.float64))[0, chosen])
    return Heat(np.asarray(heat), chosen, probability, read.name)


def overlay(shown: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Return an image uint8 (h, w, 1 or 3) as RGB, overlaid by the map, which is stretched to its size.

    The largest values are dark red and cover six tenths of the image; where the map is 0, pixels stay.
    """
    import matplotlib

    height, width = shown.shape[:2]
    colour = np.repeat(shown, 3, axis=2) if shown.shape[2] == 1 else shown
    most = heat.max()
    share = np.clip(cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR) / (most if most > 0 else 1), 0, 1)
    hot = 255 * matplotlib.colormaps["turbo"](share)[..., :3]
    cover = 0.6 * share[..., np.newaxis]
    return np.round((1 - cover) * colour + cover * hot).astype(np.uint8)


def draw_heats(images: Sequence[ShownImage], heats: Sequence[Heat], class_names: Sequence[str]) -> "Figure":
    """Plot each image beside its overlay."""
    pairs = []
    for image, heat in zip(images, heats, strict=True):
        label = f"{class_names[heat.index]} {sureness(heat.probability)}"
        seen = label if heat.values.any() else f"{label}\nno place speaks for it"
        pairs.append((Panel(image.shown, image.title), Panel(overlay(image.shown, heat.values), seen)))
    height, width = heats[0].values.shape
    heading = (
        f"Grad-CAM at the {height}x{width} positions of {heats[0].layer}: the redder, the more it speaks for the class"
    )
    return draw_pairs(pairs, heading)


@dataclass(frozen=True)
class Drops:
    """For each pixel (H, W), the mean drop of the class's probability over the squares that covered it, -1..1."""

    values: np.ndarray
    index: int
    probability: float
    least: float  # the lowest probability that any square left
    size: int
    stride: int


def occlusion(
    network: Network, pixels: np.ndarray, index: int | None = None, size: int | None = None, stride: int | None = None
) -> Drops:
    """Cover each place of an image in turn with a grey square and measure the probability (Zeiler and Fergus 2014).

    Squares at the right and lower border stay inside the image, so every pixel is covered.

    Args:
        network: The network.
        pixels: The image in the network's input size, (H, W, C).
        index: The class; by default the predicted one.
        size: The square's side in pixels; by default a fifth of the image's shorter side.
        stride: By how many pixels it is moved; by default half its side.
    """
    height, width = pixels.shape[:2]
    size, stride = chosen_square((height, width), size, stride)
    uncovered = network.probabilities(pixels[np.newaxis])[0]
    chosen = int(uncovered.argmax()) if index is None else index
    corners = [(top, left) for top in starts(height, size, stride) for left in starts(width, size, stride)]
    sums, counts, least = np.zeros((height, width)), np.zeros((height, width)), float(uncovered[chosen])
    for first in range(0, len(corners), BATCH):
        places = corners[first : first + BATCH]
        covered = np.repeat(pixels[np.newaxis], len(places), axis=0)
        for image, (top, left) in zip(covered, places, strict=True):
            image[top : top + size, left : left + size] = GREY_LEVEL
        remaining = network.probabilities(covered)[:, chosen]
        least = min(least, float(remaining.min()))
        for (top, left), probability in zip(places, remaining, strict=True):
            square = np.s_[top : top + size, left : left + size]
            sums[square] += float(uncovered[chosen]) - float(probability)
            counts[square] += 1
    return Drops((sums / counts).astype(np.float32), chosen, float(uncovered[chosen]), least, size, stride)


def chosen_square(shape: tuple[int, int], size: int | None, stride: int | None) -> tuple[int, int]:
    """Return the square's size and stride in pixels; ValueError if they do not fit, or would leave gaps."""
    chosen = max(1, round(min(shape) / 5)) if size is None else size
    if not 1 <= chosen < min(shape):
        raise ValueError(f"--size {chosen} is not possible: expected 1 to {min(shape) - 1} pixels, less than the image")
    moved = max(1, chosen // 2) if stride is None else stride
    if not 1 <= moved <= chosen:
        raise ValueError(f"--stride {moved} would leave places uncovered: expected 1 to {chosen}, the square's size")
    return chosen, moved


def starts(length: int, size: int, stride: int) -> list[int]:
    """Return where the squares begin along a side; the last one ends with it."""
    return [*range(0, length - size, stride), length - size]


def draw_drops(images: Sequence[ShownImage], drops: Sequence[Drops], class_names: Sequence[str]) -> "Figure":
    """Plot each image beside its map, all maps on one scale."""
    most = max(max(float(np.abs(each.values).max()) for each in drops), 0.01)
    pairs = []
    for image, drop in zip(images, drops, strict=True):
        height, width = image.shown.shape[:2]
        stretched = cv2.resize(drop.values, (width, height), interpolation=cv2.INTER_NEAREST)
        label = f"{class_names[drop.index]} {sureness(drop.probability)}\n{sureness(drop.least)} at the least"
        pairs.append(
            (Panel(image.shown, image.title), Panel(stretched, label, colours="RdBu_r", least=-most, most=most))
        )
    heading = f"each place covered by a grey square of {drops[0].size} pixels, moved by {drops[0].stride}"
    return draw_pairs(pairs, heading, "mean drop of the class's probability")
