"""The kernels of a network's first layer: what it looks for in the pixels themselves."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.experiments.inspecting.calls import calls_of, kernel_of
from keras_suite.experiments.inspecting.network import Network
from keras_suite.experiments.inspecting.panels import Panel, draw_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 64
OPEN_SIZE = 64  # pixels a side of the image that passes through a network which leaves the size open


@dataclass(frozen=True)
class Filters:
    """Kernels float32 (count, height, width, 1 or 3) of the layer `name`, which has `total` of them."""

    name: str
    kernels: np.ndarray
    total: int


def first_filters(network: Network, most: int = MOST) -> Filters:
    """The first layer's kernels, those of the largest norm where there are more than `most`, in the layer's order.

    Of a dense layer on flattened images each unit's weights are a kernel as large as the image.
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
    strongest = np.sort(np.argsort(-np.square(kernels).sum(axis=(1, 2, 3)), kind="stable")[:most])
    return Filters(name, kernels[strongest], len(kernels))


def scaled(kernel: np.ndarray) -> np.ndarray:
    """A kernel as uint8 pixels of the same shape: 0 is mid-grey, its largest absolute weight black or white."""
    largest = np.abs(kernel).max()
    return np.round(127.5 + 127.5 * kernel / (largest if largest > 0 else 1)).astype(np.uint8)


def draw_filters(filters: Filters) -> "Figure":
    """All kernels as small images."""
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
