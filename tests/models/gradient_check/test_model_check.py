"""The check of a whole model's gradients names the weight whose gradient is wrong."""

import numpy as np

from keras_suite.models.gradient_check.model_check import check_model
from keras_suite.models.networks.mnist_demo_net import mnist_manual_net
from keras_suite.models.ops.convolution import conv2d


def test_a_models_wrong_gradient_is_found_at_its_weight() -> None:
    random = np.random.default_rng(0)
    images, labels = random.uniform(0, 255, (3, 8, 8, 1)), np.array([0, 1, 2])
    backward = conv2d.backward
    object.__setattr__(conv2d, "backward", lambda dy, cache: tuple(1.01 * g for g in backward(dy, cache)))
    try:
        results = check_model(mnist_manual_net((8, 8, 1), 10, 1), images, labels, entries=3)
    finally:
        object.__setattr__(conv2d, "backward", backward)
    assert [row.weight for row in results if not row.passed] == [
        "conv_1/kernel",
        "conv_1/bias",
        "conv_2/kernel",
        "conv_2/bias",
    ]
    assert all(row.passed for row in check_model(mnist_manual_net((8, 8, 1), 10, 1), images, labels, entries=3))
