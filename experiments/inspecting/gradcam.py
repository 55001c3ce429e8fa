"""Grad-CAM: where an image speaks for a class (Selvaraju et al. 2017, "Grad-CAM", equations 1 and 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import tensorflow as tf

from keras_suite.experiments.inspecting.calls import calls_of, feature_maps, named, of_their_own
from keras_suite.experiments.inspecting.network import Network
from keras_suite.experiments.inspecting.panels import Panel, draw_pairs
from keras_suite.experiments.inspecting.shown_images import ShownImage
from keras_suite.reports.wording import sureness

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Heat:
    """Where an image speaks for the class `index`: float32 (h, w) from 0 up, at the positions of `layer`."""

    values: np.ndarray
    index: int
    probability: float
    layer: str


def gradcam(network: Network, pixels: np.ndarray, index: int | None = None, layer: str | None = None) -> Heat:
    """The class activation map of an image (H, W, C) 0..255, for the predicted class where none is given.

    With the maps A_k of a layer and the score s (before the softmax) of the class,

        alpha_k = mean over positions (i, j) of ds / dA_ijk,     L_ij = max(0, sum_k alpha_k A_ijk).

    Where s is a sum of average-pooled maps, s = sum_k w_k mean_ij A_ijk, that is L = max(0, sum_k w_k A_k) / (h * w):
    the class activation map of Zhou et al. (2016). The layer is by default the last one with positions, of those that
    do more than pool. ValueError if there is none, or if `layer` is none of them.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        calls, logits = calls_of(network.model, pixels[np.newaxis], tape.watch)
        chosen = int(np.argmax(logits[0])) if index is None else index
        score = logits[0, chosen]
    maps = feature_maps(calls)
    if not maps:
        raise ValueError(
            f"{network.model.name} has no feature maps, its layers have no positions: Grad-CAM needs a convolutional "
            "network; `inspect occlusion` asks any"
        )
    read = named(maps, layer, network.model.name) if layer else of_their_own(maps)[-1]
    slope = tape.gradient(score, read.output, unconnected_gradients="zero")
    alpha = tf.reduce_mean(tf.cast(slope, tf.float32), axis=(1, 2))
    heat = tf.nn.relu(tf.einsum("bhwc,bc->bhw", tf.cast(read.output, tf.float32), alpha))[0]
    probability = float(tf.nn.softmax(tf.cast(logits, tf.float64))[0, chosen])
    return Heat(np.asarray(heat), chosen, probability, read.name)


def overlay(shown: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The image uint8 (h, w, 1 or 3) as RGB with the heat, stretched to its size, laid over it: the more, the denser.

    The hottest place is dark red and covers six tenths of the image, places without heat keep their pixels.
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
    """Each image beside its overlay."""
    pairs = []
    for image, heat in zip(images, heats, strict=True):
        said = f"{class_names[heat.index]} {sureness(heat.probability)}"
        seen = said if heat.values.any() else f"{said}\nno place speaks for it"
        pairs.append((Panel(image.shown, image.title), Panel(overlay(image.shown, heat.values), seen)))
    height, width = heats[0].values.shape
    heading = (
        f"Grad-CAM at the {height}x{width} positions of {heats[0].layer}: the redder, the more it speaks for the class"
    )
    return draw_pairs(pairs, heading)
