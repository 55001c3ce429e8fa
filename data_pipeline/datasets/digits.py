"""The 1,797 handwritten 8x8 digits that come inside scikit-learn: real images without any download."""

from pathlib import Path
from typing import Unpack

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset, content_fingerprint
from keras_suite.data_pipeline.datasets.options import ImageOptions, with_options
from keras_suite.data_pipeline.sampling import random_bits, stratified_choice

TEST_IMAGES = 360  # a fifth, every class in proportion
TEST_SEED = 0  # the test set is the same in every run, whatever its seed


def digits(data_dir: Path | None, /, **shared: Unpack[ImageOptions]) -> Dataset:
    """Load 1,437 digits to train and validate and 360 to test, (8, 8, 1) unless `image_size` says otherwise.

    UCI's optical recognition of handwritten digits (Alpaydin, Kaynak 1998; its test half). Grey levels 0..16 are
    scaled to 0..255. The test set is a stratified draw with the fixed seed 0. `data_dir` is not used.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.round(bunch.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    labels = bunch.target.astype(np.int64)
    test = np.zeros(len(labels), bool)
    test[stratified_choice(labels, random_bits(TEST_SEED, np.arange(len(labels))), TEST_IMAGES)] = True
    source = Dataset(
        name="digits",
        images=images[~test],
        labels=labels[~test],
        test_images=images[test],
        test_labels=labels[test],
        class_names=tuple("0123456789"),
        fingerprint=content_fingerprint(images, labels),
    )
    return with_options(source, ImageOptions, **shared)
