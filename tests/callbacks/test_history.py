import json
import time

import keras
import pytest

from keras_suite.callbacks.history import History, history_columns
from keras_suite.callbacks.reduce_lr_on_plateau import reduce_lr_on_plateau
from tests.callbacks.conftest import compiled


def fit(digits, callbacks, optimizer=None, *, epochs=3, batch_size=50, initial_epoch=0, validated=True):
    images, labels = digits
    model = compiled(optimizer)
    model.fit(
        images[:500],
        labels[:500],
        validation_data=(images[500:700], labels[500:700]) if validated else None,
        batch_size=batch_size,
        epochs=epochs,
        initial_epoch=initial_epoch,
        callbacks=callbacks,
        verbose=0,
    )


METRICS = ("accuracy", "unpenalised_loss", "top_5_accuracy")


def history(write=lambda rows: None):
    return History(metrics=METRICS, write=write, images_per_epoch=500)


def column(rows, name):
    return [row[name] for row in rows]


def test_columns_are_fixed_and_in_order():
    assert history_columns(("accuracy", "unpenalised_loss")) == (
        *("epoch", "phase", "loss", "accuracy", "unpenalised_loss"),
        *("val_loss", "val_accuracy", "val_unpenalised_loss"),
        *("learning_rate", "seconds", "images_per_second"),
    )


def test_every_epoch_adds_a_complete_row_and_all_rows_are_written(digits):
    written = []
    fit(digits, [history(lambda rows: written.append([dict(row) for row in rows]))])
    assert [column(rows, "epoch") for rows in written] == [[1], [1, 2], [1, 2, 3]]
    assert all(tuple(row) == history_columns(METRICS) for rows in written for row in rows)
    assert all(isinstance(value, int | float) for row in written[-1] for value in row.values())


@pytest.mark.parametrize("first", ["history", "plateau"])
def test_the_learning_rate_is_the_one_the_epoch_was_trained_with(first, digits):
    seen = history()
    plateau = reduce_lr_on_plateau(patience=1, factor=0.5, min_delta=100.0)  # no epoch is good enough
    fit(digits, [seen, plateau] if first == "history" else [plateau, seen], keras.optimizers.SGD(0.25), epochs=4)
    assert column(seen.rows, "learning_rate") == [0.25, 0.25, 0.125, 0.0625]


@pytest.mark.parametrize("scaled", [False, True])
def test_of_a_schedule_it_is_the_value_at_the_last_batch_of_the_epoch(scaled, digits):
    schedule = keras.optimizers.schedules.PolynomialDecay(1.0, 30, end_learning_rate=0.0)
    optimizer = keras.optimizers.SGD(schedule)
    seen = history()
    fit(digits, [seen], keras.optimizers.LossScaleOptimizer(optimizer) if scaled else optimizer)
    expected = [float(schedule(step)) for step in (9, 19, 29)]  # 500 images in batches of 50
    assert column(seen.rows, "learning_rate") == pytest.approx(expected)


def test_speed_counts_training_and_seconds_count_validation_too(digits):
    class SlowValidation(keras.callbacks.Callback):
        def on_test_end(self, logs=None):
            time.sleep(0.2)

    seen = history()
    fit(digits, [seen, SlowValidation()], epochs=2)
    last = seen.rows[-1]
    assert 0 < 500 / last["images_per_second"] <= last["seconds"] - 0.2


@pytest.mark.slow
def test_rows_continue_in_another_process(digits):
    class SetState(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            second.set_state(json.loads(json.dumps(first.get_state())))

    first, second = history(), history()
    fit(digits, [first], epochs=2)
    fit(digits, [second, SetState()], epochs=4, initial_epoch=2)
    assert second.rows[:2] == first.rows
    assert column(second.rows, "epoch") == [1, 2, 3, 4]


def test_a_column_that_was_not_measured_is_an_error_at_once(digits):
    with pytest.raises(ValueError, match=r"columns val_loss, val_accuracy.* were not measured.*validation_data"):
        fit(digits, [history()], validated=False)
