"""Digits of MNIST, each turned by an angle that a network is to read off: the task "angle"."""

from pathlib import Path
from typing import Annotated, Unpack

import cv2
import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import Classes, ImageSize, Share, SplitOptions, with_options
from keras_suite.data_pipeline.sampling import uniform

CANVAS = 40  # pixels a side: the diagonal of 28x28 fits, so nothing is cut off at any angle

_ANGLE, _WRONG, _INSTEAD = range(20, 23)  # what a draw is for; part of its key

Degrees = Annotated[float, Field(gt=0, le=90)]


def rotated_digits(
    data_dir: Path | None,
    /,
    *,
    degrees: Degrees = 60.0,
    wrong_angles: Share = 0.0,
    image_size: ImageSize = None,
    classes: Classes = None,
    **shared: Unpack[SplitOptions],
) -> Dataset:
    """60,000 + 10,000 digits of MNIST, (40, 40, 1), each turned about the picture's centre by an angle of its own.

    The target is that angle in radians: counter-clockwise, as seen, is positive, and 0 is how the digit was written, be
    that upright or not. Angles are uniform from -`degrees` to `degrees` and keyed by the digit's place in MNIST. The
    class is the digit; a 0, a 1 and an 8 look nearly the same upside down, and a turned 6 may be a 9.

    `wrong_angles` is the share of the digits to train and validate with whose target is another angle of that range;
    test targets stay as they are. `image_size` must be square: another would change the angles.
    """
    if image_size is not None and image_size[0] != image_size[1]:
        raise ValueError(f"rotated_digits: image_size={list(image_size)} would change the angles: give a square one")
    if wrong_angles and shared.get("folds") is not None:
        raise ValueError(
            f"folds={shared['folds']} with wrong_angles={wrong_angles:g} would test on wrong angles: leave one out"
        )
    source = mnist(data_dir)
    angles, test_angles = angles_of(len(source.images), 0, degrees), angles_of(len(source.test_images), 1, degrees)
    targets = with_wrong_angles(angles, wrong_angles, degrees)
    wrong = int(np.count_nonzero(targets != angles))
    notes = (f"wrong_angles={wrong_angles:g}: {wrong:,} of {len(angles):,} angles are wrong on purpose",)
    made = Dataset(
        name="rotated_digits",
        images=turned(source.images, angles),
        labels=source.labels,
        test_images=turned(source.test_images, test_angles),
        test_labels=source.test_labels,
        class_names=source.class_names,
        fingerprint=source.fingerprint,
        notes=source.notes + (notes if wrong else ()),
        task="angle",
        targets=targets,
        test_targets=test_angles,
    )
    return with_options(made, image_size=image_size, classes=classes, **shared)


def angles_of(count: int, part: int, degrees: float) -> np.ndarray:
    """Return radians float32 (count, 1), uniform from -degrees to degrees, of the digits of MNIST's part 0 or 1."""
    drawn = 2 * uniform(_ANGLE, part, np.arange(count)) - 1
    return (np.deg2rad(degrees) * drawn).astype(np.float32)[:, np.newaxis]


def with_wrong_angles(angles: np.ndarray, share: float, degrees: float) -> np.ndarray:
    """Return angles float32 (n, 1), each replaced with probability `share` by another one from -degrees to degrees.

    The draw is keyed by the digit's place alone: a larger share keeps the wrong angles of a smaller one.
    """
    index = np.arange(len(angles))[:, np.newaxis]
    instead = np.deg2rad(degrees) * (2 * uniform(_INSTEAD, index) - 1)
    return np.where(uniform(_WRONG, index) < share, instead, angles).astype(np.float32)


def turned(digits: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Return digits uint8 (n, h, w, 1), turned counter-clockwise by radians (n, 1) about their centre: (n, CANVAS,
    CANVAS, 1).

    Pixels are interpolated bilinearly; black lies around.
    """
    height, width = digits.shape[1:3]
    middle, shift = ((width - 1) / 2, (height - 1) / 2), ((CANVAS - width) / 2, (CANVAS - height) / 2)
    images = np.zeros((len(digits), CANVAS, CANVAS, 1), np.uint8)
    for image, digit, angle in zip(images, digits, np.rad2deg(angles[:, 0]), strict=True):
        warp = cv2.getRotationMatrix2D(middle, float(angle), 1.0)
        warp[:, 2] += shift
        image[..., 0] = cv2.warpAffine(digit, warp, (CANVAS, CANVAS), flags=cv2.INTER_LINEAR)
    return images
