"""What a dataset would feed: shapes, classes, pixels, and a picture of augmented samples."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.pipeline import BatchAugmentation
from keras_suite.data_pipeline.splits import Split, images_to_test
from keras_suite.tasks import task_named
from keras_suite.tasks.classes import CLASSES

_GAP = 2  # pixels between pictures
_BACKGROUND = 255


@dataclass(frozen=True)
class Description:
    """Numbers for `data NAME`. `class_counts` maps train, validation and test to images per class, in class order;
    `pixel_range` is the lowest and highest value of all three. `target` says what is to be predicted, and what the
    training targets look like.
    """

    name: str
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    class_counts: dict[str, tuple[int, ...]]
    pixel_range: tuple[int, int]
    pixel_mean: float
    fingerprint: str
    notes: tuple[str, ...]
    target: str = CLASSES.target


def describe(dataset: Dataset, split: Split) -> Description:
    """Describe what one run would train, validate and test on. Reads every image once."""
    test_images, test_labels = images_to_test(dataset, split)
    parts = {
        "train": (dataset.images, dataset.labels, split.train),
        "validation": (dataset.images, dataset.labels, split.validation),
        "test": (test_images, test_labels, np.arange(len(test_labels))),
    }
    counts = {
        part: tuple(np.bincount(labels[rows], minlength=len(dataset.class_names)).tolist())
        for part, (_, labels, rows) in parts.items()
    }
    low, high, total, values = 255, 0, 0, 0
    for images, _, rows in parts.values():
        for row in rows:  # one at a time: the images may be on disk and larger than memory
            image = images[row]
            low, high = min(low, int(image.min())), max(high, int(image.max()))
            total, values = total + int(image.sum(dtype=np.int64)), values + image.size
    return Description(
        name=dataset.name,
        image_shape=dataset.image_shape,
        class_names=dataset.class_names,
        class_counts=counts,
        pixel_range=(low, high),
        pixel_mean=total / values,
        fingerprint=dataset.fingerprint,
        notes=dataset.notes,
        target=_describe_target(dataset, split),
    )


def _describe_target(dataset: Dataset, split: Split) -> str:
    task = task_named(dataset.task)
    if task.describe_targets is None or dataset.targets is None:
        return task.target
    described = task.describe_targets(dataset.targets[split.train], dataset.target_names)
    return f"{task.target}: {described}"


# -- the picture ---------------------------------------------------------------------------------------------------


def augmented_grid(
    images: np.ndarray,
    indices: np.ndarray,
    augment: BatchAugmentation | None,
    *,
    seed: int,
    columns: int = 8,
    least_side: int = 64,
) -> np.ndarray:
    """Return a picture, uint8 (height, width, 3): a row for each sample of `indices`: as it is, then `columns` - 1
    epochs.

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
