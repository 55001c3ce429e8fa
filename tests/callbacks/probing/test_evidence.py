"""What a probe shows of a network as a whole: its inputs, its answers, and whether its units differ."""

import math
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.callbacks.probing import evidence
from keras_suite.callbacks.probing.diagnosis import Diagnosis
from keras_suite.callbacks.probing.probe import LayerProbe, ProbeBatch
from tests.callbacks.conftest import Digits

LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


def shown(outputs: Any, targets: Any, received: Any = None) -> dict[str, float]:
    values = evidence.of_passes(
        None if received is None else tf.constant(received, tf.float32),
        tf.constant(outputs, tf.float32),
        tf.constant(targets, tf.float32),
        tf.constant(0.5),
    )
    return {name: float(value) for name, value in values.items()}


def test_inputs_are_told_by_their_size_and_by_what_differs_between_images() -> None:
    same = shown([[0, 1]] * 2, [[0, 1]] * 2, [[3.0, 4.0], [3.0, 4.0]])
    assert same["input_scale"] == pytest.approx(math.sqrt(12.5)) and same["input_spread"] == 0
    other = shown([[0, 1]] * 2, [[0, 1]] * 2, [[1.0, 1.0], [-1.0, 1.0]])
    assert other["input_scale"] == 1 and other["input_spread"] == pytest.approx(math.sqrt(0.5))


def test_probabilities_are_told_from_logits() -> None:
    targets = [[1, 0, 0], [0, 1, 0]]
    for outputs, within, sums in (
        ([[0.2, 0.3, 0.5], [0.8, 0.1, 0.1]], 1, 1),
        ([[0.2, 0.9, 0.5], [0.8, 0.1, 0.1]], 1, 0.5),
        ([[-1.0, 1.5, 0.5], [2.0, 0.5, 0.25]], 0.5, 0),
    ):
        values = shown(outputs, targets)
        assert (values["within_0_1"], values["sum_to_1"]) == (within, sums)


def test_wrong_answers_say_how_far_down_the_target_stands() -> None:
    outputs = [[4, 3, 2, 1], [4, 3, 2, 1], [4, 3, 2, 1]]
    values = shown(outputs, [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    assert values["right"] == pytest.approx(1 / 3) and values["wrong_rank"] == 0.5
    assert shown([[0, 0, 0]], [[1, 0, 0]])["wrong_rank"] == 1, "equal outputs name no class"
    assert math.isnan(shown([[2, 0, 0]], [[1, 0, 0]])["wrong_rank"])


def test_layers_whose_units_are_equal_are_counted_but_for_the_last() -> None:
    different, equal, zero = np.eye(3), np.repeat([[1.0], [2.0]], 3, axis=1), np.zeros((3, 3))
    assert evidence.of_kernels([[different], [equal], [zero]]) == {"hidden": 2, "alike": 1, "zero": 0}
    assert evidence.of_kernels([[zero], [different], [different]]) == {"hidden": 2, "alike": 1, "zero": 1}
    assert evidence.of_kernels([[zero]]) == {"hidden": 0, "alike": 0, "zero": 0}


def test_a_depthwise_kernel_is_judged_by_its_channels_and_one_unit_is_like_no_other() -> None:
    of_channels = np.random.default_rng(0).normal(size=(3, 3, 4, 1))
    last = [np.eye(2)]
    assert evidence.of_kernels([[of_channels], [np.ones((1, 1))], last])["alike"] == 0
    assert evidence.of_kernels([[np.ones((3, 3, 4, 1))], last])["alike"] == 1


@pytest.mark.parametrize("autodiff", [True, False])
def test_a_probe_shows_the_loss_of_its_batch_and_what_the_first_layer_gets(autodiff: bool, digits: Digits) -> None:
    model = keras.Sequential(
        [keras.Input((64,)), layers.Rescaling(1 / 16), layers.Dense(8, activation="relu"), layers.Dense(10)]
    )
    inputs, targets = digits[0][:64], digits[1][:64]
    probe = LayerProbe(model, LOSS, ProbeBatch(inputs, targets), autodiff=autodiff)
    probe()
    assert probe.evidence.keys() == set(evidence.COLUMNS) - {"epoch", "phase"}
    assert probe.evidence["loss"] == pytest.approx(float(LOSS(targets, model(inputs))), rel=1e-5)
    assert probe.evidence["input_scale"] == pytest.approx(np.sqrt(np.square(inputs / 16).mean()), rel=1e-5)
    assert probe.evidence["hidden"] == 1


def test_every_probe_of_a_training_has_its_row_and_earlier_checkpoints_have_none(digits: Digits) -> None:
    model = keras.Sequential([keras.Input((64,)), layers.Dense(10)])
    model.compile("sgd", LOSS, jit_compile=False)
    written: list[Any] = []
    watching = Diagnosis(
        model, ProbeBatch(digits[0][:64], digits[1][:64]), lambda rows: None, 6400, write_evidence=written.append
    )
    model.fit(digits[0][:64], digits[1][:64], epochs=2, verbose=0, callbacks=[watching])
    assert [row["epoch"] for row in written[-1]] == [0, 1, 2] and list(written[-1][0]) == list(evidence.COLUMNS)
    state = watching.get_state()
    watching.set_state(state)
    assert watching.evidence == written[-1]
    del state["evidence"]
    watching.set_state(state)
    assert watching.evidence == [] and len(watching.rows) == 3
