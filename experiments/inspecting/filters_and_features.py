"""The kernels of a network's first layer, and the feature maps of an image along the network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.experiments.inspecting.images import Panel, ShownImage, draw_panels
from keras_suite.experiments.inspecting.network import (
    Call,
    Network,
    calls_of,
    computing,
    feature_maps,
    kernel_of,
    named,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KERNELS, LAYERS, CHANNELS = 64, 6, 8  # shown at most
OPEN_SIZE = 64  # side of the image, in pixels, that passes through a network which leaves the size open


@dataclass(frozen=True)
class Filters:
    """Kernels float32 (count, height, width, 1 or 3) of the layer `name`, which has `total` of them."""

    name: str
    kernels: np.ndarray
    total: int


def first_filters(network: Network, limit: int = KERNELS) -> Filters:
    """Return the first layer's kernels in their order, of more than `limit` those of the largest norm.

    In a dense layer on flattened images, each unit's weights are a kernel as large as the image.

    Raises:
        ValueError: If the kernels are no images.
    """
    size = network.size or (OPEN_SIZE, OPEN_SIZE)
    calls, _ = calls_of(network.model, np.zeros((1, *size, network.channels), np.float32))
    layer, name = next(((call.layer, call.name) for call in calls if kernel_of(call.layer) is not None), (None, ""))
    kernel: np.ndarray = np.asarray(0.0 if layer is None else kernel_of(layer), np.float32)
    image = (*size, network.channels)
    if kernel.ndim == 2 and kernel.shape[0] == math.prod(image):
        kernel = kernel.reshape(*image, -1)
    if kernel.ndim != 4 or kernel.shape[2] not in (1, 3):
        raise ValueError(
            f"{network.model.name} has no first layer whose kernels are images: expected a convolution, or a dense "
            "layer, on grey or RGB pixels"
        )
    kernels = np.moveaxis(kernel, -1, 0)
    strongest = np.sort(np.argsort(-np.square(kernels).sum(axis=(1, 2, 3)), kind="stable")[:limit])
    return Filters(name, kernels[strongest], len(kernels))


def scaled(kernel: np.ndarray) -> np.ndarray:
    """Return a kernel as uint8 pixels: 0 is mid-grey, its largest absolute weight black or white."""
    largest = np.abs(kernel).max()
    return np.round(127.5 + 127.5 * kernel / (largest if largest > 0 else 1)).astype(np.uint8)


def draw_filters(filters: Filters) -> "Figure":
    """Plot all kernels as small images."""
    count, height, width, channels = filters.kernels.shape
    columns = min(8, count)
    panels = [Panel(scaled(kernel)) for kernel in filters.kernels]
    rows = [panels[k : k + columns] for k in range(0, count, columns)]
    which = f"the {count} largest of {filters.total}" if count < filters.total else f"all {count}"
    heading = (
        f"{filters.name}: {which} kernels, {height}x{width}x{channels}\n"
        "each scaled by its own largest weight; mid-grey is 0"
    )
    return draw_panels(rows, heading, 4.6, 0.6 + 0.56 * len(rows))


@dataclass(frozen=True)
class Maps:
    """The strongest channels of a layer for one image: maps float32 (count, h, w), and their indices out of `total`."""

    name: str
    maps: np.ndarray
    channels: tuple[int, ...]
    total: int


def maps_along(network: Network, pixels: np.ndarray, layers: Sequence[str] = (), count: int = CHANNELS) -> list[Maps]:
    """Return the feature maps of an image.

    Args:
        network: The network.
        pixels: The image, (H, W, C).
        layers: Names of layers; by default some are chosen along the network.
        count: Channels of each layer, those with the largest mean absolute value.

    Raises:
        ValueError: If a layer has no feature maps.
    """
    return [_strongest(call, count) for call in calls_to_show(network, pixels, layers)]


def calls_to_show(network: Network, pixels: np.ndarray, layers: Sequence[str] = ()) -> list[Call]:
    """Return the calls of these layers on an image (H, W, C), or of some along the network; errors as above."""
    calls, _ = calls_of(network.model, pixels[np.newaxis].astype(np.float32))
    maps = feature_maps(calls)
    if not maps:
        raise ValueError(
            f"{network.model.name} has no feature maps to show, its layers have no positions: give a convolutional "
            "network, or use `inspect filters`"
        )
    return [named(maps, name, network.model.name) for name in layers] if layers else spread(maps)


def spread(maps: Sequence[Call], count: int = LAYERS) -> list[Call]:
    """Return the first maps and the last of each size; with few sizes, maps at even distances instead."""
    own = computing(maps)
    last_of_size = {tuple(call.output.shape[1:3]): number for number, call in enumerate(own)}
    chosen = sorted({0, *last_of_size.values()})
    candidates = chosen if len(last_of_size) > 2 else range(len(own))
    places = np.linspace(0, len(candidates) - 1, min(count, len(candidates)))
    return [own[candidates[round(place)]] for place in places]


def _strongest(call: Call, count: int) -> Maps:
    maps = np.moveaxis(np.asarray(call.output[0], np.float32), -1, 0)
    order = np.argsort(-np.abs(maps).mean(axis=(1, 2)), kind="stable")[:count]
    return Maps(call.name, maps[order], tuple(map(int, order)), len(maps))


def draw_features(image: ShownImage, rows: Sequence[Maps]) -> "Figure":
    """Plot a row for each layer, the image itself above them."""
    columns = max(len(row.maps) for row in rows)
    panels = [[Panel(image.pixels, title=image.title)]]
    for row in rows:
        _, height, width = row.maps.shape
        label = "\n".join([*row.name.split("/"), f"{height}x{width}x{row.total}"])
        panels.append(
            [
                Panel(one, label="" if place else label, colours="magma", least=float(one.min()), most=_top(one))
                for place, one in enumerate(row.maps)
            ]
        )
    heading = "the channels with the largest mean absolute value, strongest first\neach from its least to its largest"
    longest = max(len(part) for row in rows for part in row.name.split("/"))
    return draw_panels(panels, heading, 0.3 + 0.08 * longest + 0.72 * columns, 0.5 + 0.78 * len(panels))


def _top(one: np.ndarray) -> float:
    """Return the upper end of a map's colours; a constant map (a dead channel's zeros) is dark."""
    least, largest = float(one.min()), float(one.max())
    return largest if largest > least else least + 1
