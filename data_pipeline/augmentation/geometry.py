"""Flips, crops, shear, zoom, rotation and shifts, composed into one affine warp per image.

The warp maps output pixels to source pixels: source = matrix @ (x, y, 1), with pixel centres at whole numbers, x to the
right and y down. OpenCV and TensorFlow share that convention; `fill` is what lies beyond the image:

    fill       OpenCV            TensorFlow   beyond the image a b c d
    zeros      BORDER_CONSTANT   CONSTANT     0 0 | a b c d | 0 0
    reflect    BORDER_REFLECT    REFLECT      b a | a b c d | d c
    edge       BORDER_REPLICATE  NEAREST      a a | a b c d | d d
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.augmentation.draws import Draw, between

Fill = Literal["zeros", "reflect", "edge"]

_OPENCV_BORDER = {"zeros": cv2.BORDER_CONSTANT, "reflect": cv2.BORDER_REFLECT, "edge": cv2.BORDER_REPLICATE}
_TENSORFLOW_FILL = {"zeros": "CONSTANT", "reflect": "REFLECT", "edge": "NEAREST"}


@dataclass(frozen=True)
class Geometry:
    """How far images are moved; the fields are options of `standard`."""

    horizontal_flip: bool
    vertical_flip: bool
    shift: float
    crop: float
    rotation: float
    zoom: float
    shear: float

    @property
    def moves(self) -> bool:
        """Whether any option is on."""
        return self != Geometry(False, False, 0.0, 1.0, 0.0, 0.0, 0.0)


def matrices(geometry: Geometry, numbers: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return output-to-source matrices, float32 (b, 2, 3), from uniform numbers (len(Draw), b).

    An image is flipped, a window of it cropped and enlarged, sheared along x, zoomed, rotated about the centre and
    shifted, in this order. With c the centre, F flip, k = crop, o the window's centre, L shear, z zoom, R rotation and
    s shift, out = c + s + z R L (F (source - c) - o) / k, so

        source = c + F (k L⁻¹ R⁻¹ (out - c - s) / z + o)
    """
    angle = np.deg2rad(geometry.rotation) * between(numbers[Draw.ROTATION], -1, 1)
    slant = np.tan(np.deg2rad(geometry.shear) * between(numbers[Draw.SHEAR], -1, 1))
    scale = geometry.crop / between(numbers[Draw.ZOOM], 1 - geometry.zoom, 1 + geometry.zoom)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    # L⁻¹ R⁻¹ with L = [[1, slant], [0, 1]] and R = [[cos, -sin], [sin, cos]]
    linear = np.array([[cos + slant * sin, sin - slant * cos], [-sin, cos]]).transpose(2, 0, 1)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    sides = ((geometry.horizontal_flip, Draw.FLIP_HORIZONTAL), (geometry.vertical_flip, Draw.FLIP_VERTICAL))
    flip = np.stack([np.where(on & (numbers[purpose] < 0.5), -1.0, 1.0) for on, purpose in sides], axis=-1)
    # The window's outermost pixel centres stay within the image's, so a crop alone never shows the fill.
    window = (1 - geometry.crop) * centre * between(numbers[[Draw.CROP_X, Draw.CROP_Y]].T, -1, 1)
    offset = np.stack(
        [
            _whole_shift(geometry.shift, width, numbers[Draw.SHIFT_X]),
            _whole_shift(geometry.shift, height, numbers[Draw.SHIFT_Y]),
        ],
        axis=-1,
    )
    start = centre + flip * (window - np.einsum("bij,bj->bi", linear, centre + offset))
    return np.concatenate([flip[..., np.newaxis] * linear, start[..., np.newaxis]], axis=2).astype(np.float32)


def _whole_shift(shift: float, side: int, numbers: np.ndarray) -> np.ndarray:
    """Return -n..n pixels, each equally likely, with n = shift * side rounded, but 1 at least where `shift` is on."""
    most = max(1, round(shift * side)) if shift else 0
    return np.floor(between(numbers, -most, most + 1))


def warp_opencv(image: np.ndarray, matrix: np.ndarray, fill: Fill, black: int, out: np.ndarray) -> None:
    """Warp an image uint8 (h, w, c) into `out`. Releases Python's lock meanwhile.

    `black` is the grey level that fill "zeros" fills with.
    """
    height, width, channels = image.shape
    warped = cv2.warpAffine(
        image,
        matrix,
        (width, height),
        dst=out if channels > 1 else out[:, :, 0],
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=_OPENCV_BORDER[fill],
        borderValue=(black, black, black),
    )
    if not np.shares_memory(warped, out):  # OpenCV took memory of its own
        out[...] = warped.reshape(out.shape)


def warp_tensorflow(images: tf.Tensor, matrices: tf.Tensor, fill: Fill, blacks: tf.Tensor) -> tf.Tensor:
    """Return the warped images, float32 (b, h, w, c), equal to OpenCV's to within its rounding to whole grey levels.

    `blacks` (b,) uint8 as in `warp_opencv`. The op has one fill value for all images, so each image's black is shifted
    to zero before and back after.
    """
    rows = tf.reshape(matrices, [-1, 6])
    zero = tf.cast(blacks, tf.float32)[:, tf.newaxis, tf.newaxis, tf.newaxis]
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32) - zero,
        transforms=tf.concat([rows, tf.zeros_like(rows[:, :2])], axis=1),
        output_shape=images.shape[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode=_TENSORFLOW_FILL[fill],
    )
    return warped + zero
