"""What of a run on several devices can be seen on one; the rest is in tests/end_to_end/test_devices.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.callbacks.probing.probe import LayerProbe, ProbeBatch
from keras_suite.experiments.training.devices import distributed, on_devices, parts_of_batch, per_device, twin_probe


@pytest.mark.parametrize(
    ("images", "devices", "parts"), [(32, 2, [16, 16]), (25, 2, [13, 12]), (5, 4, [2, 2, 1, 0]), (1, 2, [1, 0])]
)
def test_a_batch_is_shared_as_tensorflow_shares_it(images: int, devices: int, parts: list[int]) -> None:
    from tensorflow.python.data.experimental.ops.distribute import _LegacyRebatchDataset

    rebatched = _LegacyRebatchDataset(tf.data.Dataset.range(images).batch(images), devices)
    assert [len(part) for part in rebatched] == parts_of_batch(images, devices) == parts


def test_one_device_changes_nothing() -> None:
    model, batches = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()]), tf.data.Dataset.range(2)
    assert [id(each) for each in per_device(model.variables)] == [id(each) for each in model.variables]
    assert distributed(batches, 1) is batches
    with on_devices(1):
        assert not tf.distribute.has_strategy()


def test_a_twin_is_probed_with_the_weights_that_the_network_has_then() -> None:
    def network() -> keras.Model:
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="only")])

    trained, twin = network(), network()
    probe = ProbeBatch(np.ones((4, 2), np.float32), np.zeros((4, 1), np.float32))
    loss = keras.losses.MeanSquaredError()
    of_twin, of_network = twin_probe(twin)(trained, loss, probe), LayerProbe(trained, loss, probe)
    for value in (1.0, 3.0):
        before = of_twin.weights()
        trained.layers[0].kernel.assign(np.full((2, 1), value, np.float32))
        assert of_twin(before) == of_network(before) and of_twin.evidence == of_network.evidence
