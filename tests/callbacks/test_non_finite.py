import math
import pickle

import keras
import numpy as np
import pytest

from keras_suite.callbacks.non_finite import NonFiniteGuard, NonFiniteLoss
from tests.callbacks.conftest import compiled


class Batches(keras.callbacks.Callback):
    """Counts batches, in Keras's own thread like the guard."""

    async_safe = True
    count = 0

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1


def test_a_learning_rate_that_blows_up_ends_the_run_with_reason_and_advice(digits):
    model = compiled(keras.optimizers.SGD(1e38))
    with pytest.raises(NonFiniteLoss, match=r"^loss became (nan|inf) in epoch 1: set a lower optimizer.learning_rate"):
        model.fit(*digits, epochs=3, verbose=0, callbacks=[NonFiniteGuard()])


@pytest.mark.parametrize("waits", [False, True])
def test_a_bad_batch_ends_the_run_within_its_epoch(waits, digits):
    images, labels = (np.concatenate([array[:1600]] * 10) for array in digits)
    images[3200] = np.nan
    model, counter = compiled(), Batches()
    counter.async_safe = not waits
    with pytest.raises(NonFiniteLoss) as error:
        model.fit(images, labels, batch_size=16, shuffle=False, verbose=0, callbacks=[NonFiniteGuard(), counter])
    assert (error.value.epoch, error.value.metric) == (1, "loss")
    assert math.isnan(error.value.value)
    assert 200 <= counter.count < 1000


def test_a_validation_loss_that_is_no_number_ends_the_run(digits):
    images, labels = digits
    broken = images[:50].copy()
    broken[7] = np.inf
    with pytest.raises(NonFiniteLoss, match=r"^val_\w*loss became \S+ in epoch 1"):
        compiled().fit(
            images[50:300],
            labels[50:300],
            validation_data=(broken, labels[:50]),
            verbose=0,
            callbacks=[NonFiniteGuard()],
        )


def test_a_healthy_run_is_left_alone(digits):
    guard = NonFiniteGuard()
    compiled().fit(digits[0][:200], digits[1][:200], epochs=2, verbose=0, callbacks=[guard])


def test_the_error_can_be_sent_between_processes():
    error = pickle.loads(pickle.dumps(NonFiniteLoss(3, "loss", math.inf)))
    assert (error.epoch, error.metric, error.value) == (3, "loss", math.inf)
    assert str(error).startswith("loss became inf in epoch 3: ")


def test_a_metric_that_may_be_anything_ends_no_run():
    guard = NonFiniteGuard(may_be_any=["margin"])
    guard.on_epoch_begin(0)
    guard.on_epoch_end(0, {"loss": 1.0, "margin": math.nan, "val_margin": math.inf})
    with pytest.raises(NonFiniteLoss, match=r"^val_loss became nan in epoch 1"):
        guard.on_epoch_end(0, {"val_margin": math.inf, "val_loss": math.nan})
