"""Real handwritten digits, a small network for them, and epochs that only a callback sees."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

Digits = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="session")
def digits() -> Digits:
    """1,797 images float32 0..255 (n, 64) and one-hot labels float32 (n, 10)."""
    loaded = load_digits()
    return (loaded.data * 255 / 16).astype("float32"), np.eye(10, dtype="float32")[loaded.target]


@pytest.fixture
def model() -> keras.Model:
    """An untrained softmax regression, compiled with the metrics that the suite's runs have."""
    return compiled()


def compiled(optimizer: Any = None) -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((64,))
    outputs = keras.layers.Dense(10)(keras.layers.Rescaling(1 / 255)(inputs))
    model = keras.Model(inputs, outputs)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    unpenalised = keras.metrics.CategoricalCrossentropy(from_logits=True, name="unpenalised_loss")
    top_5 = keras.metrics.TopKCategoricalAccuracy(name="top_5_accuracy")
    model.compile(
        optimizer or keras.optimizers.Adam(0.01), loss, metrics=["accuracy", unpenalised, top_5], jit_compile=False
    )
    return model


def live_through(
    callback: keras.callbacks.Callback,
    model: keras.Model,
    values: Sequence[float],
    *,
    start: int = 0,
    state: dict[str, Any] | None = None,
    seen: Callable[[], None] = lambda: None,
) -> int:
    """Epochs with these monitored values: the callback is begun, set to `state`, told of each, until it stops.

    The weights are those of the epoch's number, and `seen` is called after each. Returns the epochs that passed.
    """
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    if state is not None:
        callback.set_state(state)
    epoch = start
    for epoch, value in enumerate(values[start:], start):
        model.set_weights([np.full(w.shape, epoch + 1, w.dtype) for w in model.get_weights()])
        callback.on_epoch_end(epoch, {callback.monitor: value})
        seen()
        if model.stop_training:
            break
    return epoch + 1


def epoch_of_weights(model: keras.Model) -> float:
    """The epoch that `live_through` made the weights in."""
    return float(model.get_weights()[0].flat[0])
