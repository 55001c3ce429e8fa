"""What a phase trains and what it leaves alone, and the network cut in two at the last frozen layer."""

from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.models.networks.applications import mobilenet_v2
from keras_suite.models.networks.mlp import mlp
from keras_suite.models.networks.vgg import vgg
from keras_suite.models.transfer.freezing import FrozenExtractorModel, freeze, split
from keras_suite.models.transfer.phases import Phase, from_layer, head, last_blocks, whole

SHAPE = (16, 12, 3)

LOSS = keras.losses.CategoricalCrossentropy(from_logits=True)


@pytest.fixture
def model() -> keras.Model:
    return vgg(SHAPE, 4, 1, width=0.1, blocks=3, units=(7,), dropout=0.5, batch_normalization="before_pooling")


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.uniform(0, 255, (8, *SHAPE)).astype(np.float32), np.eye(4, dtype=np.float32)[np.arange(8) % 4]


def parameters(model: keras.Model, *prefixes: str) -> int:
    layers_of = [layer for layer in model.layers if layer.name.startswith(prefixes)]
    return sum(layer.count_params() for layer in layers_of)


@pytest.mark.parametrize(
    ("phase", "trained"),
    [
        (head(), ("dense_1", "logits")),
        (last_blocks(), ("block3_conv", "dense_1", "logits")),
        (last_blocks(blocks=2), ("block2_conv", "block3_conv", "dense_1", "logits")),
        (from_layer(layer="block3_conv2"), ("block3_conv2", "block3_conv3", "dense_1", "logits")),
        (whole(), ("block1_conv", "block2_conv", "block3_conv", "dense_1", "logits")),
    ],
    ids=lambda value: value.title if isinstance(value, Phase) else "",
)
def test_a_phase_trains_what_it_names_and_no_batch_normalisation(
    model: keras.Model, batch: tuple[Any, Any], phase: Phase, trained: tuple[str, ...]
) -> None:
    assert freeze(model, phase, pretrained_blocks=None) == parameters(model, *trained)
    before = {variable.path: variable.numpy() for variable in model.weights}
    extractor, head_model = split(model)
    trainee = head_model if extractor is None else FrozenExtractorModel(extractor, head_model)
    trainee.compile(keras.optimizers.SGD(0.5), LOSS, jit_compile=False)
    trainee.train_on_batch(*batch)
    moved = {path for path, value in before.items() if not np.array_equal(value, weight(model, path))}
    kernels = {path for path in before if path.split("/")[0].startswith(trained) and path.endswith("kernel")}
    assert kernels <= moved
    assert all(path.split("/")[0].startswith(trained) for path in moved)


def test_batch_normalisation_is_trained_where_its_block_started_from_random_weights(
    model: keras.Model, batch: tuple[Any, Any]
) -> None:
    freeze(model, whole(), pretrained_blocks=2)
    model.compile(keras.optimizers.SGD(0.5), LOSS, jit_compile=False)
    model.train_on_batch(*batch)
    means = [weight(model, f"block{number}_normalization/moving_mean") for number in (1, 2, 3)]
    assert [bool(mean.any()) for mean in means] == [False, False, True]


@pytest.mark.slow
def test_moving_statistics_of_a_pretrained_backbone_do_not_move() -> None:
    """Fine-tuned as a whole for some steps; without the freezing they do move, which shows that the test can fail."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 255, (8, 32, 32, 3)).astype(np.float32)
    labels = np.eye(3, dtype=np.float32)[np.arange(8) % 3]
    moved = {}
    for kept in (None, 0):
        network = mobilenet_v2((32, 32, 3), 3, 1)
        freeze(network, whole(), pretrained_blocks=kept)
        before = {v.path: v.numpy() for v in network.weights if "moving" in v.path}
        assert len(before) == 104
        network.compile(keras.optimizers.SGD(1e-2), LOSS, run_eagerly=True)  # a graph of 154 layers takes longer
        bias = network.get_layer("logits").bias.numpy()
        network.fit(images, labels, batch_size=4, verbose=0)
        assert np.any(network.get_layer("logits").bias.numpy() != bias)
        moved[kept] = [path for path, value in before.items() if not np.array_equal(value, weight(network, path))]
    assert moved[None] == []
    assert len(moved[0]) == 104


def weight(model: keras.Model, path: str) -> np.ndarray:
    return next(variable.numpy() for variable in model.weights if variable.path == path)


def test_extractor_and_head_together_are_the_network(model: keras.Model, batch: tuple[Any, Any]) -> None:
    freeze(model, last_blocks())
    extractor, head_model = split(model)
    assert extractor is not None
    assert extractor.layers[-1].name == "block2_pool"
    features = extractor(batch[0], training=False)
    np.testing.assert_array_equal(head_model(features, training=False), model(batch[0], training=False))
    np.testing.assert_array_equal(FrozenExtractorModel(extractor, head_model)(batch[0]), model(batch[0]))


def test_the_cut_lies_where_no_branch_leads_past_it(batch: tuple[Any, Any]) -> None:
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 1, name="stem")(image)
    branch = keras.layers.Conv2D(4, 1, name="branch")(x)
    inner = keras.layers.Conv2D(4, 1, name="inner")(branch)
    x = keras.layers.Add(name="join")([x, inner])
    network = keras.Model(image, keras.layers.Dense(2, name="last")(keras.layers.Flatten()(x)))
    freeze(network, from_layer(layer="inner"))
    extractor, head_model = split(network)
    assert extractor is not None
    assert extractor.layers[-1].name == "stem"
    assert {layer.name for layer in head_model.layers} >= {"branch", "inner", "join", "last"}
    assert not network.get_layer("branch").trainable


def test_without_frozen_weights_there_is_nothing_to_cut(model: keras.Model) -> None:
    freeze(model, whole())
    assert split(model) == (None, model)


def test_dropout_in_a_frozen_extractor_does_nothing() -> None:
    image = keras.Input((4,))
    x = keras.layers.Dropout(0.9, seed=1)(keras.layers.Dense(50, name="frozen")(image))
    network = keras.Model(image, keras.layers.Dense(2, name="trained")(x))
    freeze(network, from_layer(layer="trained"))
    extractor, head_model = split(network)
    assert extractor is not None
    trainee, x = FrozenExtractorModel(extractor, head_model), np.ones((3, 4), np.float32)
    np.testing.assert_array_equal(trainee(x, training=True), network(x, training=False))


def test_what_a_network_does_not_have_is_answered(model: keras.Model) -> None:
    with pytest.raises(ValueError, match=r"vgg has no layer 'block3_conv9' to train from; did you mean 'block3_conv"):
        freeze(model, from_layer(layer="block3_conv9"))
    with pytest.raises(ValueError, match="vgg has 3 blocks: blocks=4 is too many"):
        freeze(model, last_blocks(blocks=4))
    with pytest.raises(ValueError, match="mlp has no backbone"):
        freeze(mlp((8, 8, 1), 3, 1), head())
    with pytest.raises(ValueError, match="would train nothing"):
        freeze(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.ReLU(name="last")]),
               from_layer(layer="last"))  # fmt: skip
