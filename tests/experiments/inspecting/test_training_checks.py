"""`check training`: a sound network passes, and each check fails for the network that it is there for."""

from pathlib import Path
from typing import Any

import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.inspecting import training_checks as checks
from keras_suite.experiments.inspecting.training_checks import Check, training_checks
from keras_suite.experiments.training.job import Job, RunOptions
from tests.end_to_end.typed import refused

NETS = """
import keras
from keras import layers


def network(*inside):
    return keras.Sequential([*inside, layers.Flatten(), layers.Dense(16, "relu"), layers.Dense(10, name="logits")])


def unscaled(input_shape, classes, seed):
    return network(keras.Input(input_shape))


def blind(input_shape, classes, seed):
    return network(keras.Input(input_shape), layers.Rescaling(0.0))


def sure(input_shape, classes, seed):
    model = network(keras.Input(input_shape), layers.Rescaling(1 / 255))
    model.get_layer("logits").bias.assign([30.0] + [0.0] * 9)
    return model


def nested(input_shape, classes, seed):
    images = keras.Input(input_shape)
    return keras.Model(images, network(keras.Input(input_shape), layers.Rescaling(1 / 255))(images))


def rows(input_shape, classes, seed):
    return keras.Sequential(
        [keras.Input(input_shape), layers.Rescaling(1 / 255), layers.Reshape((8, 8)), layers.LSTM(8), layers.Dense(10)]
    )


class Classed(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.logits, self.flatten = layers.Dense(classes), layers.Flatten()
        self.hidden, self.scale = layers.Dense(16, "relu"), layers.Rescaling(1 / 255)

    def call(self, images):
        return self.logits(self.hidden(self.flatten(self.scale(images))))
"""


def made(model: str, tmp_path: Path, **options: object) -> dict[str, Check]:
    (tmp_path / "nets.py").write_text(NETS, encoding="utf-8")
    name = f"{tmp_path}/nets.py:{model}" if model in NETS else model
    config = Config(dataset=use("digits"), model=use(name, **options), batch_size=32)
    found = list(training_checks(Job("any", "base", config, 1, RunOptions(1, tmp_path))))
    return {check.name: check for check in found}


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "STEPS_OF_FEW", 60)
    monkeypatch.setattr(checks, "STEPS", 80)


def test_a_sound_network_passes_with_evidence(tmp_path: Path, few_steps: None) -> None:
    found = made("mlp", tmp_path, units=[32], l2=1e-3)
    assert {name: check.passed for name, check in found.items()} == dict.fromkeys(found, True)
    assert "ln 10 = 2.303" in found["initial loss"].evidence
    assert "0 to 255" in found["range of the pixels"].evidence


@pytest.mark.parametrize("model", ["nested", "Classed", "rows"])
def test_pixels_are_looked_at_where_the_first_weights_take_them(model: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(checks, "CHECKS", checks.CHECKS[:1])
    assert "is given 0 to 1" in made(model, tmp_path)["range of the pixels"].evidence


@pytest.mark.parametrize(
    ("model", "failing"),
    [
        ("unscaled", {"range of the pixels", "initial loss"}),
        ("blind", {"range of the pixels", "dead layers", "a few images learned by heart", "the images matter"}),
        pytest.param("sure", {"initial loss"}, marks=pytest.mark.slow),
    ],
)
def test_each_check_fails_for_what_it_is_there_for(
    model: str, failing: set[str], tmp_path: Path, few_steps: None
) -> None:
    failed = {name for name, check in made(model, tmp_path).items() if check.passed is False}
    assert failing <= failed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["mlpp"], "did you mean 'mlp'?"), (["nowhere.py"], "there is no experiment file nowhere.py")],
)
def test_bad_input_is_answered_in_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    assert said in refused("check", "training", *arguments, cwd=tmp_path)
