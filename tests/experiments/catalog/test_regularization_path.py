"""What `regularization_path` measures of the weights of a finished model."""

from types import SimpleNamespace

import numpy as np
import pytest

from keras_suite.experiments.catalog import regularization_path


def test_weights_near_zero_are_those_of_all_kernels_and_of_no_bias() -> None:
    kernel = np.array([[0.0, 0.0009, -0.0009], [0.5, -0.5, 0.0011]])
    model = SimpleNamespace(trainable_weights=[kernel, np.zeros(100)])
    found = regularization_path.measure(model, np.empty(0), np.empty(0))
    assert (found["near_zero"], found["weights"]) == (0.5, 6)
    assert found["l1_norm"] == pytest.approx(np.abs(kernel).sum())
    assert found["l2_norm"] == pytest.approx(np.linalg.norm(kernel))
    assert sum(found["histogram"]) == 6 and (found["histogram"][0], found["histogram"][-1]) == (1, 1)
