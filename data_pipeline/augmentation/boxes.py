"""Boxes with centres anywhere in the image, cut at its border: what cutout erases and CutMix swaps."""

import numpy as np
import tensorflow as tf


def clipped_boxes(centre_x: np.ndarray, centre_y: np.ndarray, share: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return pixel boxes (top, bottom, left, right), int32 (b, 4), bottom and right exclusive.

    `centre_x`, `centre_y` (b,) are uniform numbers in [0, 1); `share` (b,) is the box's side as a share of the image's.
    """
    edges = []
    for centre, side in ((centre_y, height), (centre_x, width)):
        length = np.rint(share * side)
        start = np.rint(centre * side - length / 2)
        edges += [np.clip(start, 0, side), np.clip(start + length, 0, side)]
    return np.stack(edges, axis=-1).astype(np.int32)


def areas(boxes: np.ndarray) -> np.ndarray:
    """Return how many pixels are in each box (b,)."""
    return (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])


def erase(images: np.ndarray, boxes: np.ndarray) -> None:
    """Cutout: sets the box of each image (b, h, w, c) to 0, in place.

    DeVries, Taylor 2017, Improved regularization of convolutional neural networks with cutout, arXiv:1708.04552.
    """
    for image, (top, bottom, left, right) in zip(images, boxes, strict=True):
        image[top:bottom, left:right] = 0


def erase_tensorflow(images: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
    """Return images (b, h, w, c) of any type with the boxes (b, 4) set to 0, all as tensors."""
    return tf.where(
        within(boxes, images.shape[1], images.shape[2])[..., tf.newaxis], tf.zeros([], images.dtype), images
    )


def within(boxes: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """Return which pixels lie in the boxes (b, 4): bool (b, height, width)."""
    rows, columns = tf.range(height)[tf.newaxis, :, tf.newaxis], tf.range(width)[tf.newaxis, tf.newaxis, :]
    top, bottom, left, right = (edge[:, tf.newaxis, tf.newaxis] for edge in tf.unstack(boxes, num=4, axis=1))
    return (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
