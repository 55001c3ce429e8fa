"""What `regularization_path` measures of the weights of a finished model."""

from types import SimpleNamespace

import numpy as np
import pytest

from keras_suite.experiments.catalog import regularization_path


def test_weights_near_zero_are_those_of_all_kernels_and_of_no_bias() -> None:
    kernel = np.array([[0.0, 0.0009, -0.0009], [0.5, -0.5, 0.0011]])
    model = SimpleNamespace(trainable_weights=[kernel, np.zeros(100)])
    values = regularization_path.measure(model, np.empty(0), np.empty(0))
    assert (values["near_zero"], values["weights"]) == (0.5, 6)
    assert values["l1_norm"] == pytest.approx(np.abs(kernel).sum())
    assert values["l2_norm"] == pytest.approx(np.linalg.norm(kernel))
    assert sum(values["histogram"]) == 6 and (values["histogram"][0], values["histogram"][-1]) == (1, 1)
