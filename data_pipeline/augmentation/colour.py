"""Brightness and contrast, as one table of 256 grey levels an image."""

from dataclasses import dataclass

import cv2
import numpy as np

from keras_suite.data_pipeline.augmentation.draws import Draw, between

_LEVELS = np.arange(256, dtype=np.float64)


@dataclass(frozen=True)
class Colour:
    """How much grey levels change; see `standard`."""

    brightness: float
    contrast: float

    @property
    def changes(self) -> bool:
        """Whether anything is on."""
        return self.brightness > 0 or self.contrast > 0


def recolour(colour: Colour, numbers: np.ndarray, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return new images (b, h, w, c) uint8: levels v become mean + f (v - mean) + 255 d, rounded and cut to 0..255.

    Also gives what black became (b,) uint8: what lies beyond the image must change along, or its frame would show.
    f is uniform in 1 ± contrast, d in ± brightness, both one number an image; mean is over all its pixels and channels,
    so the hue stays (Keras's RandomContrast takes each channel's own mean).
    """
    factors = between(numbers[Draw.CONTRAST], 1 - colour.contrast, 1 + colour.contrast)
    added = 255 * between(numbers[Draw.BRIGHTNESS], -colour.brightness, colour.brightness)
    means = np.array([sum(cv2.sumElems(image)) for image in images]) / images[0].size
    levels = means[:, None] + factors[:, None] * (_LEVELS - means[:, None]) + added[:, None]
    tables = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    result = np.empty_like(images)
    for image, table, out in zip(images, tables, result, strict=True):
        cv2.LUT(image.reshape(len(image), -1), table, dst=out.reshape(len(out), -1))
    return result, tables[:, 0]
