"""Digits of MNIST, each rotated by an angle that is to be predicted. The task "angle"."""

from pathlib import Path
from typing import Annotated, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import Share, SizeOptions, with_options
from keras_suite.data_pipeline.sampling import uniform

CANVAS = 40  # pixels a side: the diagonal of 28x28 fits, so nothing is cut off at any angle

_ANGLE, _WRONG, _INSTEAD = range(20, 23)  # purposes of random numbers, part of their keys

Degrees = Annotated[float, Field(gt=0, le=90)]


def rotated_digits(
    data_dir: Path | None,
    /,
    *,
    degrees: Degrees = 60.0,
    wrong_angles: Share = 0.0,
    **shared: Unpack[SizeOptions],
) -> Dataset:
    """Rotate the 60,000 + 10,000 digits of MNIST about the picture's centre, (40, 40, 1), each by an angle of its own.

    The target is that angle in radians: counter-clockwise, as seen, is positive, and 0 is how the digit was written,
    be that upright or not. Angles are keyed by the digit's position in MNIST. The class is the digit; a 0, a 1 and an
    8 look nearly the same upside down, and a rotated 6 may be a 9.

    Args:
        degrees: Angles are uniform from -degrees to degrees.
        wrong_angles: The share of the digits to train and validate with whose target is another angle of that range;
            test targets stay as they are.
        **shared: `image_size` must be square: another would change the angles.
    """
    image_size = shared.get("image_size")
    if image_size is not None and image_size[0] != image_size[1]:
        raise ValueError(f"rotated_digits: image_size={list(image_size)} would change the angles: give a square one")
    if wrong_angles and shared.get("folds") is not None:
        raise ValueError(
            f"folds={shared['folds']} with wrong_angles={wrong_angles:g} would test on wrong angles: leave one out"
        )
    source = mnist(data_dir)
    angles = sample_angles(len(source.images), 0, degrees)
    test_angles = sample_angles(len(source.test_images), 1, degrees)
    targets = with_wrong_angles(angles, wrong_angles, degrees)
    wrong = int(np.count_nonzero(targets != angles))
    notes = (f"wrong_angles={wrong_angles:g}: {wrong:,} of {len(angles):,} angles are wrong on purpose",)
    dataset = Dataset(
        name="rotated_digits",
        images=rotate(source.images, angles),
        labels=source.labels,
        test_images=rotate(source.test_images, test_angles),
        test_labels=source.test_labels,
        class_names=source.class_names,
        fingerprint=source.fingerprint,
        notes=source.notes + (notes if wrong else ()),
        task="angle",
        targets=targets,
        test_targets=test_angles,
    )
    return with_options(dataset, SizeOptions, **shared)


def sample_angles(count: int, part: int, degrees: float) -> np.ndarray:
    """Sample radians float32 (count, 1), uniform from -degrees to degrees, for the digits of MNIST's part 0 or 1."""
    numbers = 2 * uniform(_ANGLE, part, np.arange(count)) - 1
    return (np.deg2rad(degrees) * numbers).astype(np.float32)[:, np.newaxis]


def with_wrong_angles(angles: np.ndarray, share: float, degrees: float) -> np.ndarray:
    """Replace angles float32 (n, 1), each with probability `share`, by other ones from -degrees to degrees.

    The random numbers are keyed by the digit's position alone: a larger share keeps the wrong angles of a smaller one.
    """
    index = np.arange(len(angles))[:, np.newaxis]
    instead = np.deg2rad(degrees) * (2 * uniform(_INSTEAD, index) - 1)
    return np.where(uniform(_WRONG, index) < share, instead, angles).astype(np.float32)


def rotate(digits: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Rotate digits counter-clockwise about their centre. Pixels are interpolated bilinearly, on black.

    Args:
        digits: uint8 (n, h, w, 1).
        angles: Radians (n, 1).

    Returns:
        uint8 (n, CANVAS, CANVAS, 1)
    """
    import cv2  # 60 ms that `list` and `show` need not wait for

    height, width = digits.shape[1:3]
    middle, shift = ((width - 1) / 2, (height - 1) / 2), ((CANVAS - width) / 2, (CANVAS - height) / 2)
    images = np.zeros((len(digits), CANVAS, CANVAS, 1), np.uint8)
    for image, digit, angle in zip(images, digits, np.rad2deg(angles[:, 0]), strict=True):
        warp = cv2.getRotationMatrix2D(middle, float(angle), 1.0)
        warp[:, 2] += shift
        image[..., 0] = cv2.warpAffine(digit, warp, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR)
    return images
