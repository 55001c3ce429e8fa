"""A callback in a plain `model.fit`: what it records, what it refuses, and that it changes nothing."""

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_suite.experiments import RecordRun
from keras_suite.experiments.storage.repair import repair
from keras_suite.experiments.storage.verification import verify
from keras_suite.reports import run_directory
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.results.run_numbers import run_numbers
from keras_suite.reports.run_directory import read_experiment, read_run
from tests.experiments.conftest import flip
from tests.experiments.recording.conftest import classifier, digits, recorded


class Stop(keras.callbacks.Callback):
    """Does something at the end of an epoch."""

    def __init__(self, epoch: int, action: Any) -> None:
        super().__init__()
        self._epoch, self._action = epoch, action

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch + 1 == self._epoch:
            self._action()


def raising(error: BaseException) -> Any:
    def act() -> None:
        raise error

    return act


def test_a_run_is_recorded_whole_and_its_numbers_follow_from_its_predictions(folder: Path) -> None:
    model = classifier()
    run = read_run(recorded(folder, model, fit={"validation_split": 0.25}))
    numbers, problems = run_numbers(run)
    images, labels = digits(1000)
    predicted = model.predict(images, verbose=0)
    assert run.status == "completed" and problems == [] and numbers.elsewhere
    assert numbers.test_score == np.mean(predicted.argmax(axis=1) == labels)
    assert numbers.test_loss == pytest.approx(-np.log(predicted[np.arange(120), labels]).mean(), rel=1e-4)
    assert [row["epoch"] for row in run.history] == [1, 2] and run.history[0]["learning_rate"] == pytest.approx(0.01)
    assert {"accuracy", "unpenalised_loss", "val_accuracy", "val_unpenalised_loss", "seconds"} <= run.history[0].keys()
    assert numbers.parameters == 650 and numbers.best_epoch in (1, 2) and numbers.seconds is not None
    unknown = (numbers.model_epoch, numbers.peak_memory_bytes, numbers.validation_score, numbers.fold)
    assert unknown == (None, None, None, None)
    assert run.record.get("threads") is None and run.record.get("commit") is None
    assert {"train", "validation"}.isdisjoint(run.record["data"])
    assert verify(folder).faults == () and not (run.path / "checkpoint").exists()


def test_without_validation_images_nothing_is_said_of_them(folder: Path) -> None:
    run = read_run(recorded(folder))
    assert run_numbers(run)[0].best_epoch is None and not any("val" in name for name in run.history[0])


def test_epochs_without_validation_have_no_measurements_of_it(folder: Path) -> None:
    fit = {"epochs": 4, "validation_data": digits(500), "validation_freq": 2}
    run = read_run(recorded(folder, fit=fit))
    assert [math.isnan(row["val_loss"]) for row in run.history] == [True, False, True, False]
    assert run_numbers(run)[0].best_epoch in (2, 4)


def test_recording_changes_nothing_of_the_training(tmp_path: Path) -> None:
    images, labels = digits()
    weights = []
    for record in (False, True):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.layers.Dense(16), keras.layers.Dropout(0.5), keras.layers.Dense(10, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        callbacks = [RecordRun(tmp_path / "q", variant="a", seed=1, test=digits(1000))] if record else []
        model.fit(images, labels, epochs=2, verbose=0, callbacks=callbacks)
        weights.append(model.get_weights())
    for plain, recorded_ones in zip(*weights, strict=True):
        assert np.array_equal(plain, recorded_ones)


@pytest.mark.parametrize(
    ("activation", "loss", "one_hot", "options"),
    [
        ("softmax", "categorical_crossentropy", True, {}),
        (None, keras.losses.SparseCategoricalCrossentropy(from_logits=True), False, {}),
        (None, keras.losses.CategoricalCrossentropy(from_logits=True), True, {"from_logits": True}),
    ],
)
def test_logits_and_one_hot_labels_come_to_probabilities_and_numbers(
    activation: str | None, loss: Any, one_hot: bool, options: dict[str, Any], folder: Path
) -> None:
    images, labels = digits(1000)
    test = (images, np.eye(10)[labels] if one_hot else labels)
    train = tf.data.Dataset.from_tensor_slices(digits()).batch(32)
    if one_hot:
        train = train.map(lambda x, y: (x, tf.one_hot(y, 10)))
    model = classifier(10, activation, loss)
    record = RecordRun(folder, variant="a", seed=0, test=tf.data.Dataset.from_tensor_slices(test).batch(50), **options)
    model.fit(train, epochs=1, shuffle=False, verbose=0, callbacks=[record])
    kept = run_directory.predictions(read_run(next(folder.glob("a-*/seed-0"))))
    assert kept is not None and kept.labels.tolist() == labels.tolist()
    outputs = model.predict(images, verbose=0)
    expected = outputs if activation else keras.ops.convert_to_numpy(keras.ops.softmax(outputs))
    assert kept.probabilities == pytest.approx(expected, abs=1e-6)


def test_two_classes_from_one_output_are_two(folder: Path) -> None:
    images, labels = digits()
    model = classifier(1, "sigmoid", "binary_crossentropy")
    test = (digits(1000)[0], digits(1000)[1] % 2)
    model.fit(images, labels % 2, verbose=0, callbacks=[RecordRun(folder, variant="a", seed=1, test=test)])
    kept = run_directory.predictions(read_run(next(folder.glob("a-*/seed-1"))))
    assert kept is not None and kept.probabilities.shape == (120, 2)


def test_a_second_fit_of_a_seed_is_refused_before_training_unless_the_first_is_set_aside(folder: Path) -> None:
    first = (recorded(folder) / "predictions.npz").read_bytes()
    with pytest.raises(ValueError, match="holds a run of 'base' with seed 1: give another seed or variant, or overwri"):
        RecordRun(folder, variant="base", seed=1, test=digits(1000))
    directory = recorded(folder, classifier(seed=9), overwrite=True)
    assert (directory / "predictions.npz").read_bytes() != first
    (kept,) = (folder.parent / ".set-aside").glob("*/predictions.npz")
    assert kept.read_bytes() == first


def test_two_recorders_of_one_run_and_a_recorder_of_two_fits_are_refused(folder: Path) -> None:
    images, labels = digits()
    one, another = (RecordRun(folder, variant="a", seed=1, test=digits(1000)) for _ in range(2))
    model = classifier()
    model.fit(images, labels, verbose=0, callbacks=[one])
    before = model.get_weights()
    with pytest.raises(ValueError, match="holds a run of 'a' with seed 1"):
        model.fit(images, labels, verbose=0, callbacks=[another])
    with pytest.raises(ValueError, match="has recorded a fit: create another one for each fit"):
        model.fit(images, labels, verbose=0, callbacks=[one])
    assert all(np.array_equal(was, now) for was, now in zip(before, model.get_weights(), strict=True))


def test_a_run_that_another_process_records_is_refused(folder: Path) -> None:
    directory = recorded(folder)
    with run_directory.locked(directory), pytest.raises(BlockingIOError, match="in use by another process"):
        recorded(folder, overwrite=True)


def broken_off(folder: Path, error: BaseException, epoch: int = 2) -> RecordRun:
    """The callback of a fit that an error ends."""
    images, labels = digits()
    record = RecordRun(folder, variant="base", seed=1, test=digits(1000))
    with pytest.raises(type(error)):
        classifier().fit(images, labels, epochs=5, verbose=0, callbacks=[record, Stop(epoch, raising(error))])
    return record


def test_a_fit_that_is_broken_off_is_interrupted_and_may_be_repeated(folder: Path) -> None:
    broken_off(folder, KeyboardInterrupt())
    run = read_run(next(folder.glob("base-*/seed-1")))
    assert run.status == "running" and len(run.history) == 2  # as a notebook's, whose process goes on
    directory = recorded(folder, overwrite=True)
    (former,) = (folder.parent / ".set-aside").glob("*")
    assert read_run(directory).status == "completed" and read_run(former).status == "interrupted"


def test_the_end_of_the_process_marks_what_was_broken_off(folder: Path) -> None:
    record = broken_off(folder, RuntimeError("out of luck"))
    record.break_off()  # as registered with atexit
    run = read_run(next(folder.glob("base-*/seed-1")))
    assert run.status == "interrupted" and verify(folder).faults == ()
    numbers = experiment_numbers(read_experiment(folder))
    assert numbers.variants[0].count("interrupted") == 1


def test_a_loss_that_is_no_number_fails_the_run(folder: Path) -> None:
    images, labels = digits()
    record = RecordRun(folder, variant="base", seed=1, test=digits(1000))
    classifier().fit(images * math.nan, labels, epochs=2, verbose=0, callbacks=[record])
    run = read_run(next(folder.glob("base-*/seed-1")))
    assert run.status == "failed" and run.record["error"]["type"] == "NonFiniteLoss"
    assert run.record["error"]["message"].startswith("loss became nan in epoch 1: set a lower learning rate")
    assert run.metrics is None and len(run.history) == 2


def test_what_cannot_be_recorded_is_said_and_the_training_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device", "history.csv")

    monkeypatch.setattr(run_directory, "write_history", full)
    model = classifier()
    before = model.get_weights()
    directory = recorded(folder, model, fit={"epochs": 3})
    said = capsys.readouterr().err
    assert said.count("is not recorded further (OSError: history.csv: no space left on device)") == 1
    assert read_run(directory).status == "failed"
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_runs_of_one_variant_with_several_networks_are_warned_of(folder: Path) -> None:
    recorded(folder)
    inputs = keras.Input((64,))
    deeper = keras.Model(inputs, keras.layers.Dense(10, "softmax")(keras.layers.Dense(8)(inputs)))
    deeper.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    recorded(folder, deeper, seed=2)
    problems = experiment_numbers(read_experiment(folder)).problems
    assert "the runs of 'base' have 2 different networks: they are no seeds of one variant" in problems


def test_a_damaged_run_cannot_be_trained_again_by_the_suite(folder: Path) -> None:
    flip(recorded(folder) / "predictions.npz")
    faults = list(verify(folder).faults)
    (repaired,) = repair(faults, None)
    assert not repaired.done and "was trained by other code, which alone can train it again" in repaired.line


def test_the_model_of_a_recorded_run_is_not_looked_for_in_vain(folder: Path) -> None:
    directory = recorded(folder)
    with pytest.raises(FileNotFoundError, match="was trained by other code, and its model was not recorded: give the"):
        run_directory.whole_model(directory)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"variant": "a/b"}, "variant 'a/b' cannot name a folder"),
        ({"seed": -1}, "seed=-1 is not possible: expected a whole number from 0 up"),
        ({"seed": True}, "seed=True is not possible"),
        ({"seed": 1.5}, r"seed=1\.5 is not possible"),
        ({"settings": {"units": object()}}, "option units=.* is a object"),
        ({"settings": [1]}, "settings is"),
        ({"test": digits(1000)[0]}, "test=.* is a ndarray: expected"),
        ({"class_names": ["a"]}, "class_names has 1 names: the model tells 10 classes apart"),
        ({"test": (digits(1000)[0], digits(1000)[1] + 5)}, "tells 10 classes apart, and test= has labels of 15"),
        ({"from_logits": None, "model": classifier(10, None)}, "may be logits or probabilities: say RecordRun"),
    ],
)
def test_what_is_wrong_is_one_line_before_anything_trains(options: dict[str, Any], said: str, folder: Path) -> None:
    model = options.pop("model", None) if "model" in options else None
    with pytest.raises(ValueError, match=said) as raised:
        recorded(folder, model, **options)
    assert "\n" not in str(raised.value) and not folder.exists()
