"""What the channels of a network respond to: the strongest patches of real images, and images made by optimisation.

The optimised images are gradient ascent on the unit in the middle of a channel's map, with a little blur against noise
in layers that have pooled (Simonyan et al. 2013; Olah, Mordvintsev and Schubert 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from keras_suite.experiments.inspecting.filters_and_features import calls_to_show
from keras_suite.experiments.inspecting.images import Panel, draw_panels
from keras_suite.experiments.inspecting.network import BATCH, Call, Network, calls_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PATCHES = 9
STEPS, STEP = 64, 6.0  # of the ascent; a step in grey levels, on average over what the unit sees
LAST_STEPS = 8  # without blur
SEED = 1


@dataclass(frozen=True)
class Patch:
    """A part of an image, uint8 (h, w, 1 or 3), and the activation of the unit that saw it."""

    pixels: np.ndarray
    activation: float


@dataclass(frozen=True)
class Unit:
    """A channel: its strongest patches, of as many images, the strongest first, and its optimised patch uint8."""

    channel: int
    patches: tuple[Patch, ...]
    optimised: np.ndarray


@dataclass(frozen=True)
class LayerUnits:
    """Channels of the layer `name`, which has `total`, and how many of those answered to no image at all."""

    name: str
    total: int
    silent: int
    units: tuple[Unit, ...]


def units_along(network: Network, images: np.ndarray, layers: Sequence[str] = (), count: int = 6) -> list[LayerUnits]:
    """Return what channels along a network respond to.

    Args:
        network: The network.
        images: uint8 (n, H, W, C), of the data that it was trained on.
        layers: Names of layers; by default some are chosen along the network.
        count: Channels of each layer, those with the strongest answers.

    Raises:
        ValueError: If a layer has no feature maps.
    """
    chosen = calls_to_show(network, images[0], layers)
    strongest = _strongest_places(network, images, [call.name for call in chosen])
    return [_layer_units(network, images, call, *strongest[call.name], count) for call in chosen]


def _strongest_places(
    network: Network, images: np.ndarray, names: Sequence[str]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return for each layer the strongest activation (n, channels) in every image, and its place in the map."""
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in names}
    for start in range(0, len(images), BATCH):
        calls, _ = calls_of(network.model, images[start : start + BATCH].astype(np.float32))
        for call in calls:
            if call.name in parts:
                flat = np.asarray(call.output, np.float32).reshape(len(call.output), -1, call.output.shape[-1])
                places = flat.argmax(axis=1)
                parts[call.name].append((np.take_along_axis(flat, places[:, None], 1)[:, 0], places))
    return {
        name: (np.concatenate([values for values, _ in each]), np.concatenate([places for _, places in each]))
        for name, each in parts.items()
    }


def _layer_units(
    network: Network, images: np.ndarray, call: Call, values: np.ndarray, places: np.ndarray, count: int
) -> LayerUnits:
    """Return the channels of a layer whose `PATCHES` strongest answers are largest on average."""
    best = np.argsort(-values, axis=0, kind="stable")[:PATCHES]  # (patches, channels) of images
    strength = np.take_along_axis(values, best, 0).mean(axis=0)
    silent = int((values.max(axis=0) <= 0).sum())
    channels = np.argsort(-strength, kind="stable")[:count]
    first = [_centred(images[best[0, k]], call, int(places[best[0, k], k])) for k in channels]
    made, boxes = _optimised(network, call, channels, np.stack(first).astype(np.float32))
    units = []
    for channel, image, box in zip(channels, made, boxes, strict=True):
        shown = best[:, channel]
        patches = _patches(network, images[shown], call, int(channel), places[shown, channel])
        activations = values[shown, channel]
        optimised = _cropped(image, box, *patches[0].shape[:2])
        units.append(Unit(int(channel), tuple(map(Patch, patches, map(float, activations))), optimised))
    return LayerUnits(call.name, values.shape[1], silent, tuple(units))


def _patches(network: Network, images: np.ndarray, call: Call, channel: int, places: np.ndarray) -> list[np.ndarray]:
    """Return of each image the part that a unit's value changes with, all of one size, around its middle."""
    pixels = tf.constant(images, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        calls, _ = calls_of(network.model, pixels)
        maps = next(each.output for each in calls if each.name == call.name)
        flat = tf.reshape(maps, [len(images), -1, maps.shape[-1]])[..., channel]
        answer = tf.reduce_sum(tf.gather(flat, places, batch_dims=1))
    gradient = np.abs(np.asarray(tape.gradient(answer, pixels))).max(axis=-1)
    boxes = [_box(each) for each in gradient]
    height = max(bottom - top for top, bottom, _, _ in boxes)
    width = max(right - left for _, _, left, right in boxes)
    return [_cropped(image, box, height, width) for image, box in zip(images, boxes, strict=True)]


def _centred(image: np.ndarray, call: Call, place: int) -> np.ndarray:
    """Return an image moved so that a place of the layer's map lies in the middle; what leaves it comes in again."""
    height, width = call.output.shape[1:3]
    row, column = divmod(place, width)
    down = (height // 2 - row) * image.shape[0] // height
    return np.roll(image, (down, (width // 2 - column) * image.shape[1] // width), (0, 1))


def _box(gradient: np.ndarray) -> tuple[int, int, int, int]:
    """Return (top, bottom, left, right) around what is not 0; the whole image where nothing is."""
    rows, columns = np.flatnonzero(gradient.any(axis=1)), np.flatnonzero(gradient.any(axis=0))
    if not rows.size:
        return 0, gradient.shape[0], 0, gradient.shape[1]
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _cropped(image: np.ndarray, box: tuple[int, int, int, int], height: int, width: int) -> np.ndarray:
    top, bottom, left, right = box
    first_row = min(max((top + bottom - height) // 2, 0), image.shape[0] - height)
    first_column = min(max((left + right - width) // 2, 0), image.shape[1] - width)
    return image[first_row : first_row + height, first_column : first_column + width]


def _optimised(
    network: Network, call: Call, channels: np.ndarray, strongest: np.ndarray
) -> tuple[np.ndarray, list[tuple[int, int, int, int]]]:
    """Return an image for each channel, uint8 (channels, H, W, C), and the part of it that the unit saw.

    Args:
        network: The network.
        call: Of the layer.
        channels: Of the layer.
        strongest: For each channel the image that it answered to most, with the unit in its middle: where no noise has
            a gradient, the ascent starts from there.
    """
    starts = _starts(strongest.shape[1:])
    parts = [_middle(network, call, tf.constant(part)) for part in np.split(starts, len(starts) // BATCH)]
    images = starts[np.concatenate(parts)[:, channels].argmax(axis=0)]
    deaf = ~_gradient(network, call, images, channels).any(axis=(1, 2, 3))
    images[deaf] = strongest[deaf]
    has_pooled = 1.5 * call.output.shape[1] < images.shape[1]
    for step in range(STEPS):
        gradient = _gradient(network, call, images, channels)
        seen = (gradient != 0).mean(axis=(1, 2, 3), keepdims=True)
        size = np.sqrt(np.square(gradient).mean(axis=(1, 2, 3), keepdims=True) / np.maximum(seen, 1e-12))
        images = np.clip(images + STEP * gradient / np.maximum(size, 1e-12), 0, 255).astype(np.float32)
        if has_pooled and step % 4 == 3 and step < STEPS - LAST_STEPS:
            images = _blurred(images)
    boxes = [_box(np.abs(each).max(axis=-1)) for each in gradient]
    return np.round(images).astype(np.uint8), boxes


def _middle(network: Network, call: Call, pixels: tf.Tensor) -> tf.Tensor:
    """Return what the units in the middle of a layer's maps answer to images, (n, channels)."""
    calls, _ = calls_of(network.model, pixels)
    maps = next(each.output for each in calls if each.name == call.name)
    return maps[:, maps.shape[1] // 2, maps.shape[2] // 2]


def _gradient(network: Network, call: Call, images: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """Return the gradient of one channel's middle unit with respect to each image, in the images' shape."""
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        answer = tf.reduce_sum(tf.linalg.diag_part(tf.gather(_middle(network, call, pixels), channels, axis=1)))
    return np.asarray(tape.gradient(answer, pixels))


def _starts(shape: Sequence[int]) -> np.ndarray:
    """Return noise of several contrasts, fine and coarse: a unit behind a ReLU that answers to none has no gradient."""
    random = np.random.default_rng(SEED)
    fine = random.normal(0, 1, (2 * BATCH, *shape)).astype(np.float32)
    coarse = _blurred(_blurred(fine))
    kinds = [128 + contrast * each for each in (fine, coarse / coarse.std()) for contrast in (20, 70)]
    return np.clip(np.concatenate(kinds), 0, 255).astype(np.float32)


def _blurred(images: np.ndarray) -> np.ndarray:
    """Return images under the filter 1 2 1 in both directions; their borders are repeated."""
    for axis in (1, 2):
        padded = np.pad(images, [(1, 1) if k == axis else (0, 0) for k in range(4)], "edge")
        count = images.shape[axis]
        before, there, after = (np.take(padded, range(k, k + count), axis) for k in range(3))
        images = (before + 2 * there + after) / 4
    return images


def draw_units(layer: LayerUnits, images: int) -> "Figure":
    """Plot a row for each channel: its optimised image, then its strongest patches."""
    rows = []
    for number, unit in enumerate(layer.units):
        made = Panel(unit.optimised, title="" if number else "optimised", label=f"channel\n{unit.channel}")
        patches = [
            Panel(patch.pixels, title="" if number or place else "strongest")
            for place, patch in enumerate(unit.patches)
        ]
        rows.append([made, *patches])
    size = "x".join(map(str, layer.units[0].patches[0].pixels.shape[:2]))
    heading = (
        f"{layer.name}: {len(layer.units)} of {layer.total} channels, those with the strongest answers to {images:,} "
        f"images\npatches are the {size} pixels that a value changes with"
        + (f"; {layer.silent} channels answered to no image" if layer.silent else "")
    )
    return draw_panels(rows, heading, 8.6, 0.6 + 0.84 * len(rows))
