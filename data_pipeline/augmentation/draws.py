"""The random numbers of a batch's augmentation: one keyed uniform number for each image and each purpose."""

from enum import IntEnum

import numpy as np

from keras_suite.data_pipeline.sampling import uniform

_AUGMENTATION = 5  # purpose of these numbers, part of their keys


class Draw(IntEnum):
    """What a number is used for. The values are part of the key: new purposes are added at the end."""

    FLIP_HORIZONTAL = 0
    FLIP_VERTICAL = 1
    SHIFT_X = 2
    SHIFT_Y = 3
    CROP_X = 4
    CROP_Y = 5
    ROTATION = 6
    ZOOM = 7
    SHEAR = 8
    BRIGHTNESS = 9
    CONTRAST = 10
    CUTOUT_X = 11
    CUTOUT_Y = 12
    MIX_KIND = 13
    MIX_SHARE = 14
    CUTMIX_X = 15
    CUTMIX_Y = 16


def draw(seed: int, epoch: int, indices: np.ndarray) -> np.ndarray:
    """Draw uniform numbers in [0, 1), float64 (len(Draw), b), for the images with these indices (b,) in the dataset.

    An image gets the same numbers in an epoch wherever it stands in a batch, and others in another epoch.
    """
    purposes = np.arange(len(Draw))[:, np.newaxis]
    return uniform(_AUGMENTATION, seed, epoch, np.asarray(indices)[np.newaxis, :], purposes)


def between(numbers: np.ndarray, low: float, high: float) -> np.ndarray:
    """Stretch uniform numbers in [0, 1) to [low, high)."""
    return low + (high - low) * numbers
