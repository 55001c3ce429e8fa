"""A dataset's fingerprint."""

import numpy as np

from keras_suite.data_pipeline.dataset import content_fingerprint
from keras_suite.data_pipeline.datasets.digits import digits


def test_fingerprint_is_of_the_content_not_of_the_options() -> None:
    assert digits(None).fingerprint == digits(None, limit=100, image_size=(9, 9), classes=(0, 1)).fingerprint
    changed = np.zeros((2, 2), np.uint8)
    before = content_fingerprint(changed)
    changed[1, 1] = 1
    assert content_fingerprint(changed) != before
    assert content_fingerprint(changed) != content_fingerprint(changed.reshape(4))
