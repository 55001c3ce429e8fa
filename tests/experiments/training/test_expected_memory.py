"""The statement of a run's peak memory, part by part; that runs keep to it is in tests/end_to_end/test_cli.py."""

from pathlib import Path

import keras
import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.training.expected_memory import (
    BYTES,
    FRAGMENTS,
    GRADIENTS,
    ExpectedMemory,
    activation_bytes,
    expected_memory,
    weights_bytes,
)
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.models.layers.attention import ManualMultiHeadAttention


def expected(folder: Path, **changes: object) -> ExpectedMemory:
    """What a run of a small VGG on digits is expected to take."""
    parts = {"dataset": use("digits", image_size=[32, 32]), "model": use("vgg", width=0.25, blocks=2), **changes}
    run = prepare(Job("memory", "only", Config(**parts), 1, RunOptions(2, folder)))  # type: ignore[arg-type]
    run.fresh_session()
    return expected_memory(run, run.build_model())


def test_a_larger_batch_takes_more_activations_once_it_is_larger_than_the_probes(tmp_path: Path) -> None:
    small, large, larger = (expected(tmp_path, batch_size=size) for size in (32, 256, 512))
    assert small.activations == expected(tmp_path, batch_size=64).activations
    assert larger.activations == pytest.approx(2 * large.activations)
    assert (larger.process, larger.weights) == (large.process, large.weights)
    assert larger.images > large.images


def test_an_optimizer_that_keeps_more_takes_more(tmp_path: Path) -> None:
    weights = [expected(tmp_path, optimizer=use(name)).weights for name in ("sgd", "momentum", "adam")]
    assert weights[2] - weights[1] == weights[1] - weights[0] > 0


def test_a_frozen_network_needs_neither_gradients_nor_outputs_for_them(tmp_path: Path) -> None:
    whole, head = expected(tmp_path), expected(tmp_path, phases=(use("head"),))
    assert head.activations < whole.activations / 2 and head.weights < whole.weights
    both = expected(tmp_path, phases=(use("head"), use("whole")))
    assert both.weights == whole.weights and both.activations == pytest.approx(whole.activations, rel=0.02)


def test_what_is_computed_in_place_counts_once() -> None:
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Conv2D(2, 1, activation="relu")(inputs)
    plain = keras.Model(inputs, x)
    more = keras.Model(inputs, keras.layers.Flatten()(keras.layers.ReLU()(x)))
    normalised = keras.Model(inputs, keras.layers.BatchNormalization()(x))
    assert activation_bytes(plain.layers, 10) == activation_bytes(more.layers, 10)
    assert activation_bytes(plain.layers, 10) == int(FRAGMENTS * BYTES * 10 * (32 + GRADIENTS * 32))
    assert activation_bytes(normalised.layers, 10) == int(FRAGMENTS * BYTES * 10 * (64 + GRADIENTS * 32))
    assert activation_bytes(normalised.layers, 10, training=False) == activation_bytes(plain.layers, 10)
    assert weights_bytes(plain, 2) == BYTES * 10 * 4


def test_attention_keeps_a_score_of_every_place_for_every_place() -> None:
    inputs = keras.Input((8, 8, 4))
    attention = ManualMultiHeadAttention(2, 2)
    model = keras.Model(inputs, attention(inputs, inputs))
    scores = 2 * 64 * 64
    assert activation_bytes(model.layers, 1) == int(FRAGMENTS * BYTES * (4 * 256 + 2 * scores + GRADIENTS * scores))
