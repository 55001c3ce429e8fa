import json
import math

import keras
import numpy as np
import pytest

from keras_suite.callbacks.early_stopping import early_stopping
from keras_suite.callbacks.monitor import MIN_DELTA, MONITOR
from keras_suite.callbacks.reduce_lr_on_plateau import reduce_lr_on_plateau
from tests.callbacks.conftest import compiled, epoch_of_weights, live_through

FALLING_THEN_FLAT = [1.0, 0.8, 0.6, 0.7, 0.65, 0.62, 0.5, 0.4]


def test_it_stops_after_patience_epochs_without_improvement_and_restores_the_best_weights(model):
    callback = early_stopping(patience=3)
    assert live_through(callback, model, FALLING_THEN_FLAT) == 6
    callback.on_train_end()
    assert callback.model_epoch == epoch_of_weights(model) == 3


def test_an_improvement_starts_the_count_anew(model):
    assert live_through(early_stopping(patience=4), model, FALLING_THEN_FLAT) == 8


def test_the_best_weights_are_restored_also_when_the_last_epoch_was_reached(model):
    callback = early_stopping(patience=8)
    live_through(callback, model, [1.0, 0.5, 0.7])
    callback.on_train_end()
    assert callback.model_epoch == epoch_of_weights(model) == 2


def test_a_change_of_less_than_min_delta_is_no_improvement(model):
    callback = early_stopping(patience=2, min_delta=0.1)
    assert live_through(callback, model, [1.0, 0.95, 0.92, 0.5]) == 3
    assert callback.model_epoch == 1


def test_an_accuracy_is_better_when_higher(model):
    callback = early_stopping(patience=2, monitor="val_accuracy")
    assert live_through(callback, model, [0.5, 0.9, 0.8, 0.7, 0.95]) == 4
    assert callback.model_epoch == 2


def test_before_the_first_epoch_there_is_no_model_epoch():
    assert early_stopping().model_epoch is None


def test_a_first_epoch_of_nan_does_not_stay_the_best(model):
    callback = early_stopping(patience=3)
    live_through(callback, model, [math.nan, 2.0, 1.0, 1.5])
    assert (callback.best, callback.model_epoch) == (1.0, 3)


def test_the_defaults_are_shared_with_the_plateau_callback():
    stopping, plateau = early_stopping(), reduce_lr_on_plateau()
    assert (stopping.monitor, stopping.min_delta) == (plateau.monitor, plateau.min_delta) == (MONITOR, MIN_DELTA)
    assert stopping.restore_best_weights


def test_what_was_not_measured_cannot_be_monitored(model):
    callback = early_stopping(monitor="val_top_5_accuracy")
    callback.set_model(model)
    callback.on_train_begin()
    with pytest.raises(ValueError, match="monitor='val_top_5_accuracy' was not measured"):
        callback.on_epoch_end(0, {"val_loss": 1.0})


@pytest.mark.parametrize("cut", range(1, 6))
def test_a_run_interrupted_after_any_epoch_continues_as_if_it_had_not_been(cut):
    whole_model, whole = compiled(), early_stopping(patience=3)
    assert live_through(whole, whole_model, FALLING_THEN_FLAT) == 6
    whole.on_train_end()

    first_model, first = compiled(), early_stopping(patience=3)
    live_through(first, first_model, FALLING_THEN_FLAT[:cut])
    state = first.get_state()
    arrays = [array.copy() for array in state.pop("best_weights")]
    state = {**json.loads(json.dumps(state)), "best_weights": arrays}  # what a new process reads from disk

    second_model, second = compiled(), early_stopping(patience=3)
    assert live_through(second, second_model, FALLING_THEN_FLAT, start=cut, state=state) == 6
    second.on_train_end()
    for ours, theirs in zip(second_model.get_weights(), whole_model.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    assert {k: v for k, v in vars(second).items() if k in whole._SCALARS} == {
        k: v for k, v in vars(whole).items() if k in whole._SCALARS
    }


def test_best_weights_come_back_bit_for_bit(digits):
    model, callback = compiled(keras.optimizers.Adam(0.5)), early_stopping(patience=50)
    images, labels = digits
    model.fit(
        images[:400],
        labels[:400],
        validation_data=(images[400:800], labels[400:800]),
        epochs=6,
        verbose=0,
        callbacks=[callback],
    )
    kept = model.get_weights()
    other_model, other = compiled(), early_stopping(patience=50)
    other.set_model(other_model)
    other.set_state(callback.get_state())  # a run that had stopped is not fitted again
    other.on_train_end()
    assert all(np.array_equal(a, b) for a, b in zip(other_model.get_weights(), kept, strict=True))
    assert other.model_epoch == callback.model_epoch


@pytest.mark.slow
def test_the_final_model_scores_what_its_epoch_scored(digits):
    model, callback = compiled(keras.optimizers.Adam(0.5)), early_stopping(patience=3)
    images, labels = digits
    validation = images[1000:], labels[1000:]
    fit = model.fit(images[:300], labels[:300], validation_data=validation, epochs=25, verbose=0, callbacks=[callback])
    scores = fit.history["val_unpenalised_loss"]
    assert callback.model_epoch < len(scores) < 25  # it stopped, and went back
    assert model.evaluate(*validation, verbose=0, return_dict=True)["unpenalised_loss"] == pytest.approx(
        scores[callback.model_epoch - 1], rel=1e-5
    )
