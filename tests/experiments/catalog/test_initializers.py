"""What `initializers` measures of a network before and after training."""

import numpy as np

from keras_suite.experiments.catalog import initializers


def test_the_spread_before_training_is_that_of_the_weights_the_network_started_with() -> None:
    from keras_suite.models.networks.mlp import mlp

    options = dict(initializers.EXPERIMENT.base.model.options)
    images = np.random.default_rng(0).uniform(0, 255, (32, 6, 6, 1)).astype(np.float32)
    labels = np.arange(32) % 10
    fresh, trained = (mlp((6, 6, 1), 10, 3, **options) for _ in range(2))
    trained.set_weights([2 * weight + 0.01 for weight in trained.get_weights()])
    before, after = (initializers.measure(model, images, labels) for model in (fresh, trained))
    assert before["before"] == before["after"] == after["before"]
    assert after["after"]["activations"][-1] > 100 * after["before"]["activations"][-1]
    assert len(before["before"]["gradients"]) == initializers.DEPTH + 1
