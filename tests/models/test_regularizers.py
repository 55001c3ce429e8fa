"""The penalties are Keras's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.regularizers import L1L2

X = np.random.default_rng(0).normal(size=(16, 6)).astype(np.float32)


@pytest.mark.parametrize(("l1", "l2"), [(0.1, 0.0), (0.0, 0.2), (0.1, 0.2)])
def test_the_penalty_is_that_of_keras(l1: float, l2: float) -> None:
    assert float(L1L2(l1, l2)(tf.constant(X))) == pytest.approx(float(keras.regularizers.L1L2(l1, l2)(tf.constant(X))))
