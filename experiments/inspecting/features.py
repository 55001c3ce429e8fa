"""Feature maps along a network: what is left of an image, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.experiments.inspecting.calls import Call, calls_of, feature_maps, named, of_their_own
from keras_suite.experiments.inspecting.network import Network
from keras_suite.experiments.inspecting.panels import Panel, draw_panels
from keras_suite.experiments.inspecting.shown_images import ShownImage

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LAYERS, CHANNELS = 6, 8


@dataclass(frozen=True)
class Maps:
    """The strongest channels of a layer for one image: maps float32 (count, h, w), and which of `total` they are."""

    name: str
    maps: np.ndarray
    channels: tuple[int, ...]
    total: int


def maps_along(network: Network, pixels: np.ndarray, layers: Sequence[str] = (), count: int = CHANNELS) -> list[Maps]:
    """Maps of these layers, else of some spread over the network, for an image (H, W, C).

    Strongest are the channels with the largest mean absolute value. ValueError if a layer has no feature maps.
    """
    calls, _ = calls_of(network.model, pixels[np.newaxis])
    found = feature_maps(calls)
    if not found:
        raise ValueError(
            f"{network.model.name} has no feature maps to show, its layers have no positions: give a convolutional "
            "network, or look at `inspect filters`"
        )
    chosen = [named(found, name, network.model.name) for name in layers] if layers else spread(found)
    return [_strongest(call, count) for call in chosen]


def spread(maps: Sequence[Call], count: int = LAYERS) -> list[Call]:
    """The first, and the last of each size of maps; where there are few sizes, some at even distances instead."""
    own = of_their_own(maps)
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
    """A row for each layer, the image itself above them."""
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
    """The upper end of a map's colours; a map that is the same everywhere (a dead channel's zeros) is dark."""
    least, largest = float(one.min()), float(one.max())
    return largest if largest > least else least + 1
