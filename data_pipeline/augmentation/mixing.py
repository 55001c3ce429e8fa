"""Cutout, mixup and CutMix: boxes erased, and images and labels mixed with those of the next image in the batch.

cutout: DeVries, Taylor 2017, Improved regularization of convolutional neural networks with cutout, arXiv:1708.04552.
mixup: Zhang, Cissé, Dauphin, Lopez-Paz 2018, Beyond empirical risk minimization, arXiv:1710.09412.
CutMix: Yun et al. 2019, Regularization strategy to train strong classifiers, arXiv:1905.04899.

An image's share, box and kind are keyed by its sample index, as every other random number. Its partner is the next
image in the batch (the last one's is the first), so that no image is read twice; the partner depends on seed, epoch,
position and batch size.
"""

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.augmentation.draws import Draw


def clipped_boxes(centre_x: np.ndarray, centre_y: np.ndarray, share: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return boxes with centres anywhere in the image, cut at its border.

    Args:
        centre_x: Uniform numbers in [0, 1), (b,), as `centre_y`.
        share: The box's side as a share of the image's, (b,).

    Returns:
        (top, bottom, left, right) in pixels, int32 (b, 4), bottom and right exclusive.
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
    """Set the box of each image (b, h, w, c) to 0, in place."""
    for image, (top, bottom, left, right) in zip(images, boxes, strict=True):
        image[top:bottom, left:right] = 0


def erase_tensorflow(images: tf.Tensor, boxes: tf.Tensor) -> tf.Tensor:
    """Return the images (b, h, w, c), of any type, with the boxes (b, 4) set to 0."""
    return tf.where(
        within(boxes, images.shape[1], images.shape[2])[..., tf.newaxis], tf.zeros([], images.dtype), images
    )


def within(boxes: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """Return whether each pixel lies in the box (b, 4): bool (b, height, width)."""
    rows, columns = tf.range(height)[tf.newaxis, :, tf.newaxis], tf.range(width)[tf.newaxis, tf.newaxis, :]
    top, bottom, left, right = (edge[:, tf.newaxis, tf.newaxis] for edge in tf.unstack(boxes, num=4, axis=1))
    return (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)


def shares_and_boxes(
    mixup: float, cutmix: float, numbers: np.ndarray, height: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sample how each image is mixed. With both kinds on, each image gets one or the other, equally likely.

    Args:
        mixup: The alpha of Beta(alpha, alpha), the distribution of mixup's shares; 0 turns it off.
        cutmix: The same for CutMix.
        numbers: Uniform numbers, (len(Draw), b).

    Returns:
        How much of each image stays, float32 (b,), for CutMix the box's true share after cutting at the border; and
        the box that CutMix takes from the partner, int32 (b, 4), empty for mixup.
    """
    from scipy.special import betaincinv  # late: SciPy takes long to import, and few runs mix

    by_box = numbers[Draw.MIX_KIND] < (0.5 if mixup and cutmix else float(cutmix > 0))
    alpha = np.where(by_box, cutmix, mixup)
    share = betaincinv(alpha, alpha, numbers[Draw.MIX_SHARE])
    side = np.where(by_box, np.sqrt(1 - share), 0.0)
    boxes = clipped_boxes(numbers[Draw.CUTMIX_X], numbers[Draw.CUTMIX_Y], side, height, width)
    share = np.where(by_box, 1 - areas(boxes) / (height * width), share)
    return share.astype(np.float32), boxes


def mix(images: tf.Tensor, labels: tf.Tensor, shares: tf.Tensor, boxes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mix images (b, h, w, c) and labels (b, classes) with their partners, as `shares_and_boxes` says.

    Images with an empty box are blended; the others take the partner's pixels inside the box. Labels are mixed in the
    same shares. The result is float32.
    """
    images = tf.cast(images, tf.float32)
    taken = within(boxes, images.shape[1], images.shape[2])
    blended = tf.where(tf.reduce_any(taken, axis=[1, 2]), 1.0, shares)[:, tf.newaxis, tf.newaxis]
    kept = tf.where(taken, 0.0, blended)[..., tf.newaxis]
    partner = tf.roll(images, -1, axis=0)
    label_share = shares[:, tf.newaxis]
    return partner + kept * (images - partner), labels * label_share + tf.roll(labels, -1, axis=0) * (1 - label_share)
