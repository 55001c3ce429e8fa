"""The standard augmentation: geometry as one warp per image, colour, cutout, mixup, CutMix."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import numpy as np
import tensorflow as tf
from pydantic import Field

from keras_suite.data_pipeline.augmentation.colour import Colour, recolour
from keras_suite.data_pipeline.augmentation.draws import Draw, draw
from keras_suite.data_pipeline.augmentation.geometry import Fill, Geometry, matrices, warp_opencv, warp_tensorflow
from keras_suite.data_pipeline.augmentation.mixing import (
    clipped_boxes,
    erase,
    erase_tensorflow,
    mix,
    shares_and_boxes,
)
from keras_suite.data_pipeline.numpy_calls import numpy_call

Backend = Literal["auto", "opencv", "tensorflow"]
Probability = Annotated[float, Field(ge=0, lt=1)]

# "auto" warps images of more values (height x width x channels) than this by OpenCV. Measured on 2 cores, batches of
# 128: TensorFlow is the faster at 28x28x1 (154,000 images/s against 109,000), OpenCV at 48x48x1 (94,000 against 71,000)
# and at 160x160x3 (7,300 against 3,300).
OPENCV_VALUES = 1024


@dataclass(frozen=True)
class Augmentation:
    """Augments batches: colour, the warp, cutout, and mixing, in this order. The fields are options of `standard`."""

    image_shape: tuple[int, int, int]
    geometry: Geometry
    fill: Fill
    colour: Colour
    cutout: float
    mixup: float
    cutmix: float
    backend: Backend

    @property
    def soft_labels(self) -> bool:
        """Whether labels become mixtures, which not every loss allows."""
        return self.mixup > 0 or self.cutmix > 0

    def __call__(
        self, images: tf.Tensor, labels: tf.Tensor, seed: int, epoch: tf.Tensor, indices: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Augment a batch.

        Args:
            images: uint8 (b, h, w, c).
            labels: One-hot (b, classes).
            seed: The run's seed.
            epoch: int64 ().
            indices: The images' positions in the whole dataset, int64 (b,).

        Returns:
            Images uint8 or float32 in 0..255, and labels, mixed where mixup or CutMix is on.
        """
        if self.backend == "opencv":
            augmented = numpy_call(partial(self._by_opencv, seed), [images, epoch, indices], images.dtype)
            augmented = tf.ensure_shape(augmented, images.shape)
        else:
            augmented = self._by_tensorflow(images, seed, epoch, indices)
        if not self.soft_labels:
            return augmented, labels
        shares, boxes = numpy_call(partial(self._mixture, seed), [epoch, indices], (tf.float32, tf.int32))
        return mix(augmented, labels, tf.ensure_shape(shares, [None]), tf.ensure_shape(boxes, [None, 4]))

    def _by_opencv(self, seed: int, images: np.ndarray, epoch: np.ndarray, indices: np.ndarray) -> np.ndarray:
        coloured, blacks, moved, erased = self._prepared(seed, images, epoch, indices)
        result = np.array(coloured)  # TensorFlow's own memory must not be written to
        if self.geometry.moves:
            for image, matrix, black, out in zip(coloured, moved, blacks.tolist(), result, strict=True):
                warp_opencv(image, matrix, self.fill, black, out)
        if self.cutout:
            erase(result, erased)
        return result

    def _by_tensorflow(self, images: tf.Tensor, seed: int, epoch: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
        types = (images.dtype, tf.uint8, tf.float32, tf.int32)
        coloured, blacks, moved, erased = numpy_call(partial(self._prepared, seed), [images, epoch, indices], types)
        result = tf.ensure_shape(coloured, images.shape)
        if self.geometry.moves:
            result = warp_tensorflow(result, moved, self.fill, tf.ensure_shape(blacks, [None]))
        return erase_tensorflow(result, tf.ensure_shape(erased, [None, 4])) if self.cutout else result

    def _prepared(
        self, seed: int, images: np.ndarray, epoch: np.ndarray, indices: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return recoloured images, what black became in each, and the matrices to warp and the boxes to erase by."""
        height, width, _ = self.image_shape
        numbers = draw(seed, int(epoch), indices)
        moved = matrices(self.geometry, numbers, height, width)
        erased, blacks = np.zeros((len(indices), 4), np.int32), np.zeros(len(indices), np.uint8)
        if self.cutout:
            sides = np.full(len(indices), self.cutout)
            erased = clipped_boxes(numbers[Draw.CUTOUT_X], numbers[Draw.CUTOUT_Y], sides, height, width)
        if self.colour.changes:
            images, blacks = recolour(self.colour, numbers, images)
        return images, blacks, moved, erased

    def _mixture(self, seed: int, epoch: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        height, width, _ = self.image_shape
        return shares_and_boxes(self.mixup, self.cutmix, draw(seed, int(epoch), indices), height, width)


def standard(
    image_shape: tuple[int, int, int],
    classes: int,
    /,
    *,
    horizontal_flip: bool = False,
    vertical_flip: bool = False,
    shift: Probability = 0.0,
    crop: Annotated[float, Field(gt=0, le=1)] = 1.0,
    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0,
    zoom: Probability = 0.0,
    shear: Annotated[float, Field(ge=0, le=60)] = 0.0,
    fill: Fill = "zeros",
    brightness: Annotated[float, Field(ge=0, le=1)] = 0.0,
    contrast: Annotated[float, Field(ge=0, le=1)] = 0.0,
    cutout: Probability = 0.0,
    mixup: Annotated[float, Field(ge=0, le=10)] = 0.0,
    cutmix: Annotated[float, Field(ge=0, le=10)] = 0.0,
    backend: Backend = "auto",
) -> Augmentation | None:
    """Return the standard augmentation, or None when nothing is on.

    Each image gets its own random numbers, uniform in the ranges below, keyed by (seed, epoch, sample index).

    Args:
        image_shape: (height, width, channels)
        horizontal_flip: Left and right are swapped, with probability one half; `vertical_flip` likewise.
        shift: Whole pixels along x and y, up to this share of the side (rounded, 1 at least).
        crop: A window of this share of each side, anywhere in the image, enlarged to the image's size.
        rotation: Degrees about the centre, either way; `shear` along x likewise.
        zoom: Magnified by a factor in 1 ± zoom.
        fill: What lies beyond the image: black (recoloured as the image is), its mirror image, or its edge.
        brightness: Up to this share of 255 is added or subtracted.
        contrast: Differences from the image's mean are multiplied by a factor in 1 ± contrast.
        cutout: A black square with sides of this share of the image's, its centre anywhere.
        mixup: The alpha of Beta(alpha, alpha), as `cutmix`; both make soft labels.
        backend: What warps; both agree to within one grey level. "auto" takes the faster for the size.
    """
    geometry = Geometry(horizontal_flip, vertical_flip, shift, crop, rotation, zoom, shear)
    colour = Colour(brightness, contrast)
    if not (geometry.moves or colour.changes or cutout or mixup or cutmix):
        return None
    if backend == "auto":
        backend = "opencv" if math.prod(image_shape) > OPENCV_VALUES else "tensorflow"
    return Augmentation(image_shape, geometry, fill, colour, cutout, mixup, cutmix, backend)
