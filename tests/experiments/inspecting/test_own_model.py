"""The gradients of users' networks and of .keras files, on digits of their size, with faults in one line."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.inspecting.own_model import check_own_model
from keras_suite.models.gradient_check.model_check import ModelCheck
from tests.models.gradient_check.layers_of_users import Subclassed, nested, stack

NET = """
import keras
import tensorflow as tf
from keras import layers


class Mine(layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(name="kernel", shape=(shape[-1], 6))

    def call(self, x):
        @tf.custom_gradient
        def product(x, kernel):
            return x @ kernel, lambda dy: (dy @ tf.transpose(kernel), FACTOR * tf.transpose(x) @ dy)

        return product(x, tf.convert_to_tensor(self.kernel))


def my_net(input_shape, classes):
    inputs = keras.Input(input_shape)
    x = Mine(name="mine")(layers.Flatten()(layers.Rescaling(1 / 255)(inputs)))
    return keras.Model(inputs, layers.Dense(classes, name="logits")(x))
"""


def failed(checks: list[ModelCheck]) -> list[str]:
    return [row.weight for check in checks for row in check.rows if not row.passed]


@pytest.mark.parametrize(("factor", "wrong"), [("1.0", []), ("1.01", ["mine/kernel"])])
def test_a_users_network_is_checked_with_its_own_layers(
    factor: str, wrong: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "net.py").write_text(NET.replace("FACTOR", factor), encoding="utf-8")
    checks = check_own_model("models/net.py:my_net", entries=4)
    assert {check.precision for check in checks} == {"float64"}
    assert failed(checks) == wrong


def vector() -> keras.Model:
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(3, "tanh")(inputs)))


def words() -> keras.Model:
    inputs = keras.Input((7,), dtype="int32")
    return keras.Model(inputs, layers.Dense(3)(layers.GRU(3)(layers.Embedding(20, 4)(inputs))))


def maps() -> keras.Model:
    inputs = keras.Input((12, 10, 3))
    return keras.Model(inputs, layers.Conv2D(5, 3, padding="same")(layers.RandomFlip()(inputs)))


@pytest.mark.parametrize(
    "build",
    [
        nested,
        vector,
        *(pytest.param(b, marks=pytest.mark.slow) for b in (words, maps, lambda: stack(size=28), Subclassed)),
    ],
)
def test_every_kind_of_saved_model_is_checked(build, tmp_path: Path) -> None:
    model, path = build(), tmp_path / "model.keras"
    if not model.built:
        model(np.zeros((1, 8, 8, 1)))
    model.save(path)
    checks = check_own_model(str(path), entries=2)
    assert failed(checks) == []
    assert {check.precision for check in checks} == {"float64"}


def frozen() -> keras.Model:
    model = stack()
    model.trainable = False
    return model


@pytest.mark.parametrize(("build", "said"), [(frozen, "has no trainable weights")])
def test_models_that_cannot_be_checked_are_refused_in_one_line(build, said: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    build().save(path)
    with pytest.raises(ValueError) as caught:
        check_own_model(str(path), entries=2)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_network_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown model 'mlpp'; did you mean 'mlp'"):
        check_own_model("mlpp", entries=2)
