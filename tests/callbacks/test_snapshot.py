"""A snapshot holds all that training depends on: another model takes it over and ends with the same bits."""

from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.callbacks.early_stopping import early_stopping
from keras_suite.callbacks.snapshot import Arrays, Snapshot, UnusableCheckpoint, progress
from tests.callbacks.conftest import Digits

Saved = tuple[dict[str, Any], Arrays]


def network(units: int = 16) -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((64,))
    x = keras.layers.Dropout(0.5, seed=3)(keras.layers.Dense(units, activation="relu")(inputs))
    model = keras.Model(inputs, keras.layers.Dense(10)(x))
    model.compile(
        keras.optimizers.Adam(0.01), keras.losses.CategoricalCrossentropy(from_logits=True), jit_compile=False
    )
    return model


def trained(
    digits: Digits, epochs: int, restored: Saved | None = None, **options: Any
) -> tuple[list[Any], list[Saved]]:
    """The variables after training up to `epochs`, and what was saved on the way."""
    model, saved = network(**options), []
    stopping = early_stopping(patience=20, monitor="loss")
    snapshot = Snapshot(
        lambda state, arrays: saved.append((state, {name: array.copy() for name, array in arrays.items()})),
        restored,
        variables=model.variables,
        stateful=[stopping],
        position={"phase": 1},
        epochs=epochs,
        every_seconds=0.0,
        within_epochs=False,  # see tests/end_to_end/test_resume_within_an_epoch.py
    )
    began = progress(restored[0])[0] if restored else 0
    model.fit(*digits, epochs=epochs, initial_epoch=began, shuffle=False, verbose=0, callbacks=[stopping, snapshot])
    return [np.asarray(variable) for variable in (*model.variables, *model.optimizer.variables)], saved


def test_training_that_is_taken_up_again_ends_with_the_same_bits(digits: Digits) -> None:
    whole, saved = trained(digits, 4)
    assert [(state["epoch"], state["ended"]) for state, _ in saved] == [(1, False), (2, False), (3, False), (4, True)]
    assert saved[0][0]["phase"] == 1
    resumed, _ = trained(digits, 4, saved[1])
    assert all(np.array_equal(one, other) for one, other in zip(whole, resumed, strict=True))


def test_a_snapshot_of_another_network_is_refused(digits: Digits) -> None:
    _, [(state, arrays), *_] = trained(digits, 1)
    del arrays["model/0"]
    with pytest.raises(ValueError, match="the checkpoint holds 4 model variables, the model built now 5"):
        trained(digits, 2, (state, arrays))


@pytest.mark.parametrize("step", [-1, 57, 99])
def test_a_snapshot_of_steps_that_an_epoch_does_not_have_is_refused(digits: Digits, step: int) -> None:
    _, [(state, arrays), *_] = trained(digits, 1)
    del state["epoch"]
    with pytest.raises(UnusableCheckpoint, match=f"it has {step} steps of an epoch of 57"):
        trained(digits, 2, ({**state, "in_epoch": 0, "step": step}, arrays))


def test_progress_is_in_whole_epochs_or_in_steps_of_one() -> None:
    assert progress({"epoch": 3}) == (3, 0)
    assert progress({"in_epoch": 3, "step": 7}) == (3, 7)
