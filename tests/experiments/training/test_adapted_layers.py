"""Layers that Keras asks to adapt are adapted to the training images, and to no others."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.experiments.config import Config, use
from keras_suite.experiments.training import adapted_layers, graph_reuse
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.experiments.training.run import train
from keras_suite.models.hyperparameter_variables import network_structure
from keras_suite.models.saving import load_model
from keras_suite.reports import run_directory

NETWORK = """
import keras
from keras import layers

def net(input_shape, classes, seed):
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Rescaling(1 / 16),
        layers.Normalization(axis=AXIS),
        layers.Flatten(),
        layers.Dense(classes, kernel_initializer=keras.initializers.GlorotUniform(seed)),
    ])
"""
INSIDE = """
import keras
from keras import layers

def net(input_shape, classes, seed):
    inner = keras.Sequential([layers.Rescaling(1 / 16), layers.Normalization(axis=-1), layers.Flatten()])
    return keras.Sequential([keras.Input(input_shape), inner, layers.Dense(classes)])
"""
SUBCLASS = """
import keras
from keras import layers

class net(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.scale = layers.Rescaling(1 / 16)
        self.normalization, self.flatten = layers.Normalization(axis=-1), layers.Flatten()
        self.logits = layers.Dense(classes)

    def call(self, x):
        return self.logits(self.flatten(self.normalization(self.scale(x))))
"""
AFTER_ALL_LAYERS = """
import keras
from keras import layers

def net(input_shape, classes, seed):
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Normalization(axis=-1),
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Dense(classes),
        layers.Normalization(axis=-1),
    ])
"""
ADAPTED_BY_ITS_BUILDER = """
import keras, numpy as np
from keras import layers

def net(input_shape, classes, seed):
    normalization = layers.Normalization(axis=-1)
    normalization.adapt(np.linspace(0, 100, 6400).reshape(100, 8, 8, 1))
    return keras.Sequential([keras.Input(input_shape), normalization, layers.Flatten(), layers.Dense(classes)])
"""


def job_of(tmp_path: Path, network: str = NETWORK.replace("AXIS", "-1"), seed: int = 1, **dataset: object) -> Job:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "mine.py").write_text(network, encoding="utf-8")
    config = Config(
        dataset=use("digits", limit=300, test_limit=60, validation_fraction=0.3, **dataset),
        model=use(f"{tmp_path / 'mine.py'}:net"),
        batch_size=32,
        epochs=2,
    )
    return Job("adapted", "only", config, seed, RunOptions(2, tmp_path / "runs"))


@pytest.mark.parametrize(
    ("network", "axis"),
    [
        (NETWORK.replace("AXIS", "-1"), -1),
        (NETWORK.replace("AXIS", "(1, 2, 3)"), (1, 2, 3)),
        (INSIDE, -1),
        (SUBCLASS, -1),
    ],
    ids=["a channel", "a pixel", "inside another", "a subclass"],
)
def test_normalization_has_the_mean_and_variance_of_the_training_images(
    tmp_path: Path, network: str, axis: object
) -> None:
    run = prepare(job_of(tmp_path, network))
    [layer] = adapted_layers.adapted_layers(run.build_model())
    images = run.dataset.images[run.split.train] / np.float32(16)
    over = (0, 1, 2) if axis == -1 else 0
    np.testing.assert_allclose(
        np.asarray(layer.adapt_mean).ravel(), images.mean(axis=over).ravel(), rtol=1e-5, atol=1e-5
    )
    np.testing.assert_allclose(
        np.asarray(layer.adapt_variance).ravel(), images.var(axis=over).ravel(), rtol=1e-5, atol=1e-5
    )


def test_a_later_layer_is_adapted_to_what_the_earlier_ones_make_of_the_images(tmp_path: Path) -> None:
    run = prepare(job_of(tmp_path, AFTER_ALL_LAYERS))
    model = run.build_model()
    assert len(adapted_layers.adapted_layers(model)) == 2
    logits = model.predict(run.dataset.images[run.split.train].astype(np.float32), verbose=0)
    np.testing.assert_allclose(logits.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(logits.std(axis=0), 1, atol=1e-4)


def test_the_saved_network_answers_as_the_trained_one_and_says_so_for_each_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_reuse, "_cache", {})
    alone = {}
    for seed in (1, 2):
        outcome = train(job_of(tmp_path / "warm", seed=seed))
        assert outcome.status == "completed", outcome.reason
        graph_reuse._cache.clear()
        again = train(job_of(tmp_path / f"cold{seed}", seed=seed))
        found = [run_directory.predictions(run_directory.read_run(each.directory)) for each in (outcome, again)]
        np.testing.assert_array_equal(found[0].probabilities, found[1].probabilities)
        alone[seed] = outcome.directory
    for seed, directory in alone.items():
        run = prepare(job_of(tmp_path / "warm", seed=seed))
        model = load_model(run_directory.model_file(directory))[0]
        logits = model.predict(run.dataset.test_images.astype(np.float32), verbose=0)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        found = run_directory.predictions(run_directory.read_run(directory))
        assert found is not None
        np.testing.assert_allclose(shares, found.probabilities, atol=1e-5)


def test_networks_adapted_to_other_images_do_not_share_a_graph(tmp_path: Path) -> None:
    structures = []
    for seed in (1, 1, 2):
        run = prepare(job_of(tmp_path, seed=seed))
        run.fresh_session()
        structures.append(network_structure(run.build_model()))
    assert structures[0] == structures[1] != structures[2]


def test_what_was_given_a_mean_or_is_the_suites_whitening(tmp_path: Path) -> None:
    given = NETWORK.replace("axis=AXIS", "mean=0.3, variance=0.1")
    assert not adapted_layers.adapted_layers(prepare(job_of(tmp_path, given)).build_model())
    config = Config(dataset=use("digits", image_size=[9, 9]), model=use("whitened_cnn", width=0.1), epochs=1)
    run = prepare(Job("whitened", "only", config, 1, RunOptions(2, tmp_path / "runs")))
    [layer] = adapted_layers.adapted_layers(run.build_model())
    assert np.asarray(layer.kernel).any()


def test_one_that_its_builder_adapted_stays_so(tmp_path: Path) -> None:
    run = prepare(job_of(tmp_path, ADAPTED_BY_ITS_BUILDER))
    [layer] = adapted_layers.adapted_layers(run.build_model())
    assert float(layer.adapt_mean[0]) == pytest.approx(50)


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_in_half_precision_it_is_adapted_as_in_float32_and_trains(tmp_path: Path, precision: str) -> None:
    job = job_of(tmp_path)
    half = replace(job, config=replace(job.config, precision=precision))
    outcome = train(half)
    assert outcome.status == "completed", outcome.reason
    run = prepare(half)
    run.fresh_session()
    try:
        [layer] = adapted_layers.adapted_layers(run.build_model())
    finally:
        keras.config.set_dtype_policy("float32")
    images = run.dataset.images[run.split.train] / np.float32(16)
    np.testing.assert_allclose(np.asarray(layer.adapt_mean), [images.mean()], rtol=1e-2)
    np.testing.assert_allclose(np.asarray(layer.adapt_variance), [images.var()], rtol=2e-2)
