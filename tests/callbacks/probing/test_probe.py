"""Probing a network with one batch: norms of weights and gradients, dead and saturated units, by layer."""

import math
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.callbacks.probing.probe import MOST_LAYERS, LayerProbe, ProbeBatch, watched_layers
from tests.callbacks.conftest import Digits

LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


@pytest.fixture
def probe(digits: Digits) -> ProbeBatch:
    return ProbeBatch(digits[0][:64] / 255, digits[1][:64])


def network(*hidden: Any) -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((64,)), *hidden, layers.Dense(10, name="logits")])


def chain(factor: float, depth: int = 20) -> keras.Model:
    """A deep linear chain: each layer turns its input, and makes it `factor` times as long."""
    turns = [
        layers.Dense(64, use_bias=False, name=f"dense_{k}", kernel_initializer=keras.initializers.Orthogonal(factor, k))
        for k in range(1, depth + 1)
    ]
    return network(*turns)


@pytest.mark.parametrize(("factor", "over_twenty"), [(1.1, 6.7), (0.9, 0.12)])
def test_what_comes_back_through_a_linear_chain_is_a_power_of_its_factor(
    factor: float, over_twenty: float, probe: ProbeBatch
) -> None:
    seen = LayerProbe(chain(factor), LOSS, probe)()
    back = [seen[f"dense_{k}"]["output_gradient_norm"] for k in range(1, 21)]
    assert np.array(back) / back[-1] == pytest.approx([factor ** (20 - k) for k in range(1, 21)], rel=1e-3)
    assert back[0] / back[-1] * factor == pytest.approx(over_twenty, rel=0.02)  # type: ignore[operator]
    own = [seen[f"dense_{k}"]["gradient_norm"] for k in range(1, 21)]
    assert own == pytest.approx([own[0]] * 20, rel=1e-3), "forward and backward factors make up for each other"


def test_gradients_and_norms_are_those_of_the_loss(probe: ProbeBatch) -> None:
    model = network(layers.Dense(16, activation="tanh", name="dense"))
    seen = LayerProbe(model, LOSS, probe)()
    with tf.GradientTape() as tape:
        loss = LOSS(probe.targets, model(probe.inputs))
    kernel = model.get_layer("dense").kernel
    expected = np.linalg.norm(tape.gradient(loss, kernel.value))
    assert seen["dense"]["gradient_norm"] == pytest.approx(expected, rel=1e-5)
    assert seen["dense"]["weight_norm"] == pytest.approx(np.linalg.norm(kernel), rel=1e-6)


def test_dead_units_and_saturated_outputs_are_counted(probe: ProbeBatch) -> None:
    rectified = layers.Dense(10, activation="relu", name="rectified")
    squashed = layers.Dense(4, activation="sigmoid", name="squashed")
    model = network(rectified, squashed)
    rectified.bias.assign(np.array([-1e3] * 3 + [1e3] * 7, np.float32))
    squashed.kernel.assign(np.zeros((10, 4), np.float32))
    squashed.bias.assign(np.array([9, -9, 0, 1], np.float32))
    seen = LayerProbe(model, LOSS, probe)()
    assert seen["rectified"]["dead"] == pytest.approx(0.3)
    assert seen["rectified"]["saturated"] is None
    assert seen["squashed"]["saturated"] == 0.5
    assert seen["logits"]["dead"] is None


def test_a_channel_is_dead_only_if_it_is_zero_at_every_place(digits: Digits) -> None:
    images = digits[0][:8].reshape(8, 8, 8, 1) / 255
    convolution = layers.Conv2D(4, 3, name="convolution")
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), convolution, layers.ReLU(name="relu"), layers.Flatten(), layers.Dense(10)]
    )
    convolution.bias.assign(np.array([-1e3, 0, 0, 0], np.float32))
    seen = LayerProbe(model, LOSS, ProbeBatch(images, digits[1][:8]))()
    assert seen["relu"]["dead"] == 0.25
    assert seen["relu"]["weight_norm"] is None
    assert seen["convolution"]["dead"] is None


def test_non_finite_values_show_in_the_norms(probe: ProbeBatch) -> None:
    model = network(layers.Dense(16, name="dense"))
    kernel = np.asarray(model.get_layer("dense").kernel).copy()
    kernel[0, :3] = np.nan
    model.get_layer("dense").kernel.assign(kernel)
    seen = LayerProbe(model, LOSS, probe)()
    assert math.isnan(seen["dense"]["weight_norm"] or 0)
    assert math.isnan(seen["logits"]["gradient_norm"] or 0)
    assert math.isfinite(seen["logits"]["weight_norm"] or math.nan)


def test_of_a_deep_network_some_layers_are_probed_its_ends_among_them(probe: ProbeBatch) -> None:
    deep = chain(1.0, depth=100)
    names = [layer.name for layer in watched_layers(deep)]
    assert len(names) == MOST_LAYERS
    assert (names[0], names[-1]) == ("dense_1", "logits")


def test_layers_of_nested_models_are_found(probe: ProbeBatch) -> None:
    inner = keras.Sequential([keras.Input((64,)), layers.Dense(64, activation="relu", name="inside")], name="backbone")
    seen = LayerProbe(network(inner), LOSS, probe)()
    assert list(seen) == ["inside", "logits"]
    assert (seen["inside"]["gradient_norm"] or 0) > 0


def test_layers_behind_a_frozen_extractor_are_probed(probe: ProbeBatch) -> None:
    model = network(
        layers.Dense(16, activation="relu", name="extractor"), layers.Dense(8, activation="relu", name="back")
    )
    extractor = keras.Model(model.inputs[0], model.get_layer("extractor").output)
    head = keras.Model(model.get_layer("extractor").output, model.outputs[0])
    features = np.asarray(extractor(probe.inputs))
    behind, whole = LayerProbe(head, LOSS, ProbeBatch(features, probe.targets))(), LayerProbe(model, LOSS, probe)()
    assert list(behind) == ["back", "logits"]
    for column in ("gradient_norm", "output_gradient_norm", "weight_norm", "dead"):
        assert behind["back"][column] == pytest.approx(whole["back"][column], rel=1e-5)


def test_a_network_without_autodiff_shows_all_but_gradients(probe: ProbeBatch) -> None:
    seen = LayerProbe(network(layers.Dense(16, activation="relu", name="dense")), LOSS, probe, autodiff=False)()
    assert seen["dense"]["gradient_norm"] is seen["dense"]["output_gradient_norm"] is None
    assert seen["dense"]["dead"] is not None
    assert (seen["dense"]["weight_norm"] or 0) > 0
