"""What a compiled model says of itself, in the suite's words."""

import sys
from typing import Any

import keras
import pytest

from keras_suite.experiments.recording import facts
from tests.experiments.recording.conftest import classifier


@pytest.mark.parametrize(
    ("loss", "name", "options"),
    [
        ("sparse_categorical_crossentropy", "cross_entropy", {}),
        (keras.losses.CategoricalCrossentropy(label_smoothing=0.1), "cross_entropy", {"label_smoothing": 0.1}),
        (keras.losses.BinaryCrossentropy(), "cross_entropy", {}),
        ("mse", "mse", {}),
        (keras.losses.MeanSquaredError(), "mean_squared_error", {}),
        (keras.losses.poisson, "poisson", {}),
        (None, "unknown", {}),
    ],
)
def test_a_loss_has_its_name_and_the_smoothing_of_its_labels(loss: Any, name: str, options: dict[str, float]) -> None:
    assert facts.loss_of(loss) == {"name": name, "options": options}


def test_a_config_says_the_loss_the_optimizer_and_the_planned_epochs() -> None:
    config = facts.config_of(classifier(), {"epochs": 7})
    assert config["loss"]["name"] == "cross_entropy" and config["epochs"] == 7
    assert config["optimizer"] == {"name": "adam", "options": {"learning_rate": pytest.approx(0.01)}}


def test_networks_of_the_same_layers_are_the_same_whatever_their_names_and_weights() -> None:
    assert facts.network_of(classifier(seed=1)) == facts.network_of(classifier(seed=2))
    assert facts.network_of(classifier()) != facts.network_of(classifier(11))
    assert facts.size_of(classifier()) == {"parameters": 650, "trainable_parameters": 650}


def test_measurements_have_the_suites_names() -> None:
    logs = {"loss": 2, "sparse_categorical_accuracy": 0.5, "val_loss": 3, "val_acc": 0.4, "val_auc": 0.6}
    row = facts.history_row(logs, penalised=False)
    assert row == {
        **{"loss": 2.0, "unpenalised_loss": 2.0, "accuracy": 0.5},
        **{"val_loss": 3.0, "val_unpenalised_loss": 3.0, "val_accuracy": 0.4, "val_auc": 0.6},
    }
    assert "unpenalised_loss" not in facts.history_row(logs, penalised=True)


def test_a_rate_with_a_schedule_is_known() -> None:
    model = classifier()
    assert facts.learning_rate(model) == pytest.approx(0.01) and not facts.has_schedule(model)
    model.compile(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)), "mse")
    assert facts.has_schedule(model)


def test_the_command_is_that_of_a_script_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", "--seed", "1 2"])
    assert facts.command() == "python train.py --seed '1 2'"
    monkeypatch.setattr(sys, "argv", ["-f"])
    assert facts.command() == ""


def test_surroundings_have_no_threads_and_no_commit() -> None:
    assert facts.surroundings().keys() == {"versions", "platform", "device"}
    assert facts.surroundings()["versions"].keys() == {"python", "keras", "tensorflow", "numpy"}
