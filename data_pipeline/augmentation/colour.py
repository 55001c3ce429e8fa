"""Brightness and contrast, as one table of 256 grey levels per image."""

from dataclasses import dataclass

import cv2
import numpy as np

from keras_suite.data_pipeline.augmentation.draws import Draw, between

_LEVELS = np.arange(256, dtype=np.float64)


@dataclass(frozen=True)
class Colour:
    """How much grey levels change; the fields are options of `standard`."""

    brightness: float
    contrast: float

    @property
    def changes(self) -> bool:
        """Whether any option is on."""
        return self.brightness > 0 or self.contrast > 0


def recolour(colour: Colour, numbers: np.ndarray, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Change brightness and contrast: levels v become mean + f (v - mean) + 255 d, rounded and cut to 0..255.

    f is uniform in 1 ± contrast, d in ± brightness, both one number an image; mean is over all its pixels and channels,
    so the hue stays (Keras's RandomContrast takes each channel's own mean).

    Args:
        colour: The ranges.
        numbers: Uniform numbers, (len(Draw), b).
        images: uint8 (b, h, w, c).

    Returns:
        New images, and what black became in each, uint8 (b,): what lies beyond the image must have that level, or its
        frame would show.
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
