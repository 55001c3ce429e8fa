"""Logits and probabilities are told apart by the last activation, or by the script; else one line asks."""

from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.experiments.recording.held_out import held_out
from keras_suite.experiments.recording.outputs import are_logits, predict, probabilities_of, try_outputs
from tests.experiments.recording.conftest import classifier, digits

CATEGORICAL = keras.losses.SparseCategoricalCrossentropy


def nested() -> keras.Model:
    inputs = keras.Input((64,))
    return keras.Model(inputs, classifier()(inputs))


def functional() -> keras.Model:
    inputs = keras.Input((64,))
    return keras.Model(inputs, keras.layers.Softmax()(keras.layers.Dense(10)(inputs)))


class Subclassed(keras.Model):
    """A model whose layers cannot be seen from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(10, activation="softmax")

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


@pytest.mark.parametrize(
    ("model", "logits"),
    [
        (classifier(), False),
        (classifier(1, "sigmoid", "binary_crossentropy"), False),
        (nested(), False),
        (functional(), False),
        (classifier(10, None, CATEGORICAL(from_logits=True)), True),
        (classifier(10, "log_softmax", CATEGORICAL(from_logits=True)), True),
    ],
)
def test_the_last_activation_says_it(model: keras.Model, logits: bool) -> None:
    assert are_logits(model, None) == logits


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (classifier(10, None), "ends with the activation linear and its loss does not expect logits, so"),
        (classifier(10, None, CATEGORICAL()), "ends with the activation linear and its loss does not expect logits"),
        (classifier(10, None, lambda y, p: 0.0), "activation linear and its loss does not expect logits"),
        (classifier(10, "relu"), "ends with the activation relu, so its outputs may be logits or probabilities: say"),
        (Subclassed(), "has no last activation that can be seen, so"),
    ],
)
def test_an_ambiguous_end_is_refused_unless_it_is_said(model: keras.Model, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        are_logits(model, None)
    assert are_logits(model, True) and not are_logits(model, False)


@pytest.mark.parametrize(
    ("model", "logits", "said"),
    [
        (classifier(10, None), False, "not the probabilities of classes"),
        (classifier(10, "sigmoid"), False, "do not add up to 1"),
        (classifier(3), False, "tells 3 classes apart, and test= has labels of 10"),
        (classifier(12, None), True, None),
        (keras.Sequential([keras.Input((64,)), keras.layers.Reshape((8, 8))]), True, "outputs of shape "),
    ],
)
def test_outputs_that_are_no_classifiers_are_refused(model: keras.Model, logits: bool, said: str | None) -> None:
    test = held_out(digits())
    if said is None:
        assert try_outputs(model, test, logits) == 12
        return
    with pytest.raises(ValueError, match=said):
        try_outputs(model, test, logits)


def test_one_hot_labels_of_more_classes_are_refused() -> None:
    images, labels = digits()
    with pytest.raises(ValueError, match="tells 10 classes apart, and test= has labels of 11"):
        try_outputs(classifier(), held_out((images, np.eye(11)[labels])), False)


def test_probabilities_are_those_of_all_classes() -> None:
    logits = np.array([[0.0, 1.0, -1.0]], np.float32)
    assert probabilities_of(logits, True) == pytest.approx(np.exp(logits) / np.exp(logits).sum())
    both = np.array([[0.25, 0.75]], np.float32)
    assert probabilities_of(both, False) == pytest.approx(both)
    assert probabilities_of(np.array([[0.75]]), False) == pytest.approx(both)
    assert probabilities_of(np.log([[3.0]]), True) == pytest.approx(both)
    assert probabilities_of(logits, True).dtype == np.float32


def test_all_test_images_are_predicted() -> None:
    images, labels = digits(count=300)
    model = classifier()
    assert predict(model, held_out((images, labels)), False) == pytest.approx(
        model.predict(images, verbose=0), abs=1e-6
    )
