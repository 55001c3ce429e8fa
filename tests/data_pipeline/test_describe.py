from dataclasses import replace

import numpy as np

from data_pipeline.describe import describe
from data_pipeline.digits import digits
from data_pipeline.splits import Split, split


def test_digits() -> None:
    dataset = digits(None)
    found = describe(dataset, split(dataset, 1))
    assert found.image_shape == (8, 8, 1) and found.class_names == tuple("0123456789")
    assert [sum(counts) for counts in found.class_counts.values()] == [1293, 144, 360]
    assert found.pixel_range == (0, 255) and 70 < found.pixel_mean < 85
    assert set(vars(found.duplicates).values()) == {0}
    assert found.fingerprint == dataset.fingerprint


def test_duplicates_are_counted_across_the_split() -> None:
    dataset = digits(None)
    images, test_images, test_labels = dataset.images.copy(), dataset.test_images.copy(), dataset.test_labels.copy()
    images[1] = images[0]  # within train
    images[10] = images[2]  # in validation and train
    test_images[0], test_images[1] = images[3], images[11]  # in train, in validation
    test_labels[0] = (dataset.labels[3] + 1) % 10
    changed = replace(dataset, images=images, test_images=test_images, test_labels=test_labels)
    found = describe(changed, Split(train=np.arange(10), validation=np.array([10, 11]))).duplicates
    assert found.within_train == 1 and found.train_validation == 1
    assert found.train_test == 1 and found.validation_test == 1 and found.relabelled == 1
