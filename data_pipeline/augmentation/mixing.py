"""Mixup and CutMix: an image and its label mixed with those of the next image in the batch.

mixup: Zhang, Cissé, Dauphin, Lopez-Paz 2018, Beyond empirical risk minimization, arXiv:1710.09412.
CutMix: Yun et al. 2019, Regularization strategy to train strong classifiers, arXiv:1905.04899.

An image's share, box and kind are keyed by its sample index, as every other draw. Its partner is the next image in the
batch (the last one's is the first), so that no image is read twice; the partner depends on seed, epoch, position and
batch size.
"""

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.augmentation.boxes import areas, clipped_boxes, within
from keras_suite.data_pipeline.augmentation.draws import Draw


def shares_and_boxes(
    mixup: float, cutmix: float, numbers: np.ndarray, height: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """How much of each image stays, float32 (b,), and the box that CutMix takes from the partner, int32 (b, 4).

    The share is Beta(alpha, alpha), alpha being `mixup` or `cutmix`; with both on, each image gets one or the other, as
    a coin falls. For CutMix it is the box's true share after cutting at the border; a mixup's box is empty.
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
    """Return mixed images, float32 (b, h, w, c), and labels (b, classes) of the same shares.

    Images with an empty box are blended; the others take the partner's pixels inside the box.
    """
    images = tf.cast(images, tf.float32)
    taken = within(boxes, images.shape[1], images.shape[2])
    blended = tf.where(tf.reduce_any(taken, axis=[1, 2]), 1.0, shares)[:, tf.newaxis, tf.newaxis]
    kept = tf.where(taken, 0.0, blended)[..., tf.newaxis]
    partner = tf.roll(images, -1, axis=0)
    label_share = shares[:, tf.newaxis]
    return partner + kept * (images - partner), labels * label_share + tf.roll(labels, -1, axis=0) * (1 - label_share)
