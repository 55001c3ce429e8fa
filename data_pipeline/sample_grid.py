"""A picture of what augmentation does to real samples."""

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.pipeline import BatchAugmentation

_GAP = 2  # pixels between pictures
_BACKGROUND = 255


def augmented_grid(
    images: np.ndarray,
    indices: np.ndarray,
    augment: BatchAugmentation | None,
    *,
    seed: int,
    columns: int = 8,
    least_side: int = 64,
) -> np.ndarray:
    """A picture, uint8 (height, width, 3): a row for each sample of `indices`: as it is, then `columns` - 1 epochs.

    The rows are one batch, so the partner of mixup and CutMix is the sample of the next row. Samples smaller than
    `least_side` pixels are enlarged by a whole factor. Without augmentation each row is the sample alone.
    """
    rows = np.asarray(indices, np.int64)
    batch = images[rows]
    columns_of_images = [batch]
    if augment is not None:
        labels = tf.zeros((len(rows), 1))
        for epoch in range(columns - 1):
            changed, _ = augment(tf.constant(batch), labels, seed, tf.constant(epoch, tf.int64), tf.constant(rows))
            columns_of_images.append(np.rint(changed.numpy()).astype(np.uint8))
    factor = max(1, -(-least_side // min(batch.shape[1:3])))
    cells = np.stack(columns_of_images, axis=1).repeat(factor, axis=2).repeat(factor, axis=3)
    cells = np.pad(cells, ((0, 0), (0, 0), (0, _GAP), (0, _GAP), (0, 0)), constant_values=_BACKGROUND)
    count_rows, count_columns, height, width, channels = cells.shape
    picture = cells.transpose(0, 2, 1, 3, 4).reshape(count_rows * height, count_columns * width, channels)
    picture = picture[:-_GAP, :-_GAP]
    # Of a clip, whose frames lie in the channels, the first is shown red, the middle one green and the last one blue.
    return picture[..., [0, channels // 2, channels - 1]]
