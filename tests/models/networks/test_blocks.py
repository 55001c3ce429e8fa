import random

import keras
import numpy as np
import pytest

from keras_suite.models.networks.alexnet import alexnet
from keras_suite.models.networks.applications import efficientnet_v2_b0, mobilenet_v2, resnet50, vgg16
from keras_suite.models.networks.blocks import per_item
from keras_suite.models.networks.mlp import mlp
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net
from keras_suite.models.networks.pattern_cnn import pattern_cnn
from keras_suite.models.networks.vgg import vgg

DIGITS = (8, 8, 1)


def seeded(network, seed=1, **options):
    return network(DIGITS, 10, seed, **options)


def kernel(model, name):
    return model.get_layer(name).kernel.numpy()


def penalty(model):
    return float(sum(model.losses))


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first, again, other = seeded(pattern_cnn), seeded(pattern_cnn), seeded(pattern_cnn, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), again.get_weights(), strict=True))
    assert not np.array_equal(kernel(first, "conv_1_1"), kernel(other, "conv_1_1"))


NORMALISED = {"batch_normalization": "before_activation"}


@pytest.mark.parametrize(
    ("network", "shape", "options"),
    [
        (mnist_demo_net, DIGITS, NORMALISED),
        (pattern_cnn, DIGITS, NORMALISED),
        (mlp, DIGITS, NORMALISED),
        (vgg, DIGITS, {**NORMALISED, "blocks": 3, "width": 0.1}),
        (alexnet, (67, 67, 1), {"units": (4,)}),
        (vgg16, (32, 32, 3), {}),
        pytest.param(resnet50, (32, 32, 3), {}, marks=pytest.mark.slow),
        pytest.param(mobilenet_v2, (32, 32, 3), {}, marks=pytest.mark.slow),
        pytest.param(efficientnet_v2_b0, (32, 32, 3), {}, marks=pytest.mark.slow),  # has dropout of its own, too
    ],
)
def test_no_global_generator_is_used_for_weights_or_masks(network, shape, options):
    states = []
    for global_seed in (1, 2):
        keras.utils.set_random_seed(global_seed)
        before = random.getstate(), np.random.get_state()[1].tolist()
        model = network(shape, 10, 1, dropout=0.3, **options)
        assert (random.getstate(), np.random.get_state()[1].tolist()) == before
        states.append([*model.get_weights(), np.asarray(model(np.full((4, *shape), 100, np.float32), training=True))])
    assert all(np.array_equal(a, b) for a, b in zip(*states, strict=True))


def test_variants_start_from_the_same_weights_in_the_layers_they_share():
    plain = seeded(pattern_cnn, blocks=2, dense_layers=1)
    remedied = seeded(pattern_cnn, blocks=2, dense_layers=1, dropout=0.3, l2=1e-3, batch_normalization="after_pooling")
    for name in ("conv_1_1", "conv_2_1", "dense_1", "logits"):
        assert np.array_equal(kernel(plain, name), kernel(remedied, name)), name


def test_layers_of_the_same_shape_start_from_different_weights():
    model = seeded(pattern_cnn, blocks=3, filters=1, convs=1)
    assert not np.array_equal(kernel(model, "conv_2_1"), kernel(model, "conv_3_1"))


def test_dropout_masks_depend_on_the_seed_and_the_layer():
    images = np.random.default_rng(0).uniform(0, 255, (4, *DIGITS)).astype("float32")
    runs = [np.asarray(seeded(mlp, seed, units=(64,), dropout=0.5)(images, training=True)) for seed in (1, 1)]
    assert np.array_equal(*runs)
    model = seeded(mlp, units=(64, 64), dropout=0.5)
    assert model.get_layer("dropout_1").seed != model.get_layer("dropout_2").seed


def test_layer_names_are_the_same_in_a_warm_process():
    first, second = (seeded(pattern_cnn, dropout=0.1, dense_dropout=0.1) for _ in range(2))
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]


@pytest.mark.parametrize("network", [mnist_demo_net, pattern_cnn, mlp])
@pytest.mark.parametrize(("l1", "l2"), [(0.01, 0.0), (0.0, 0.02), (0.01, 0.02)])
def test_the_penalty_is_lambda_times_the_sum_over_kernels_without_a_half_and_without_biases(network, l1, l2):
    model = seeded(network, l1=l1, l2=l2, batch_normalization="before_activation")
    for variable in model.trainable_variables:
        if variable.name != "kernel":
            variable.assign(np.full(variable.shape, 7.0))  # a bias, gamma or beta that counted would show
    kernels = [v.numpy().astype(np.float64) for v in model.trainable_variables if v.name == "kernel"]
    expected = sum(l1 * np.abs(k).sum() + l2 * np.square(k).sum() for k in kernels)
    assert penalty(model) == pytest.approx(expected, rel=1e-5)


def test_a_penalty_computed_by_hand():
    model = seeded(mlp, units=(), l1=0.1, l2=0.01)
    kernel = np.zeros((64, 10), np.float32)
    kernel[0, :3] = 1, -2, 3
    model.get_layer("logits").kernel.assign(kernel)
    assert penalty(model) == pytest.approx(0.1 * 6 + 0.01 * 14)


def test_without_a_penalty_there_is_nothing_to_add_to_the_loss():
    assert seeded(mnist_demo_net).losses == []


def test_the_penalty_is_float32_under_mixed_precision(mixed_precision):
    model = seeded(mlp, units=(32,), l2=0.02)
    expected = 0.02 * sum(np.square(kernel(model, name)).sum() for name in ("dense_1", "logits"))
    assert penalty(model) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("network", [mnist_demo_net, pattern_cnn, mlp])
def test_logits_are_float32_under_mixed_precision(network, mixed_precision):
    model = seeded(network)
    assert model.output.dtype == "float32"
    images = np.full((2, *DIGITS), 255, np.float32)
    assert np.asarray(model(images)).dtype == np.float32
    hidden = model.get_layer("dense" if network is mnist_demo_net else "dense_1")
    assert hidden.compute_dtype == mixed_precision.removeprefix("mixed_")


@pytest.mark.parametrize(
    ("network", "options"),
    [
        (mnist_demo_net, {"batch_normalization": "after_pooling", "l1": 1e-4, "l2": 1e-4}),
        (mnist_demo_net, {"activation": "leaky_relu", "initializer": "he_normal"}),
        (pattern_cnn, {"batch_normalization": "before_activation", "dropout": 0.2, "downsample": "stride"}),
        (pattern_cnn, {"convs": 2, "filters": (8, 16), "downsample": "average", "activation": "elu"}),
        (mlp, {"units": (32, 16), "dropout": 0.2, "l2": 1e-3, "activation": "tanh"}),
    ],
)
def test_a_saved_network_answers_as_before(network, options, digits, tmp_path):
    images = digits[0][:32]
    model = seeded(network, **options)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(np.asarray(loaded(images)), np.asarray(model(images)))
    assert penalty(loaded) == penalty(model)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "elu", "leaky_relu", "selu", "silu", "gelu"])
def test_the_activation_is_that_of_every_layer_but_the_last(activation):
    model = seeded(pattern_cnn, activation=activation)
    names = {layer.name: layer.activation.__name__ for layer in model.layers if hasattr(layer, "activation")}
    assert names == {"conv_1_1": activation, "conv_2_1": activation, "dense_1": activation, "logits": "linear"}


@pytest.mark.parametrize(
    ("initializer", "spread"),
    [
        ("glorot_uniform", np.sqrt(2 / (64 + 512))),
        ("glorot_normal", np.sqrt(2 / (64 + 512))),
        ("he_uniform", np.sqrt(2 / 64)),
        ("he_normal", np.sqrt(2 / 64)),
        ("lecun_normal", np.sqrt(1 / 64)),
        ("lecun_uniform", np.sqrt(1 / 64)),
        ("random_normal", 0.05),
        ("random_uniform", 0.05 / np.sqrt(3)),
        ("zeros", 0.0),
    ],
)
def test_the_initializer_spreads_the_kernels_as_its_paper_says(initializer, spread):
    weights = kernel(seeded(mlp, units=(512,), initializer=initializer), "dense_1")
    assert weights.std() == pytest.approx(spread, rel=0.03)


def test_an_orthogonal_kernel_has_orthonormal_rows():
    weights = kernel(seeded(mlp, units=(512,), initializer="orthogonal"), "dense_1")
    assert np.allclose(weights @ weights.T, np.eye(64), atol=1e-5)


def test_one_number_stands_for_every_item_and_a_list_needs_one_for_each():
    assert per_item(32, 3, "filters", "blocks") == (32, 32, 32)
    assert per_item([8, 16], 2, "filters", "blocks") == [8, 16]
    with pytest.raises(ValueError, match=r"model.filters=\[8, 16\] has 2 numbers and model.blocks=3: give one number"):
        per_item([8, 16], 3, "filters", "blocks")


def test_a_maxout_unit_is_the_larger_of_two_linear_ones(digits):
    model = seeded(pattern_cnn, activation="maxout", blocks=1, filters=4, units=8)
    assert model.get_layer("conv_1_1").kernel.shape == (3, 3, 1, 8)
    linear, larger = (
        keras.Model(model.input, model.get_layer(name).output) for name in ("conv_1_1", "conv_1_1_maxout")
    )
    pairs = np.asarray(linear(digits[0][:4])).reshape(4, 8, 8, 4, 2)
    assert np.array_equal(np.asarray(larger(digits[0][:4])), pairs.max(axis=-1))


def test_maxout_comes_after_the_normalisation_and_survives_saving(digits, tmp_path):
    model = seeded(mlp, activation="maxout", units=(8,), batch_normalization="before_activation")
    assert [layer.name for layer in model.layers][3:6] == ["dense_1", "dense_1_normalization", "dense_1_maxout"]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(np.asarray(loaded(digits[0][:8])), np.asarray(model(digits[0][:8])))


@pytest.mark.parametrize("network", [mlp, pattern_cnn])
def test_the_spread_is_half_the_width_of_uniform_and_the_sd_of_normal_weights(network):
    uniform = kernel(seeded(network, initializer="random_uniform", initializer_spread=0.5), "dense_1")
    assert 0.49 < np.abs(uniform).max() <= 0.5
    assert uniform.std() == pytest.approx(0.5 / np.sqrt(3), rel=0.02)
    normal = kernel(seeded(network, initializer="random_normal", initializer_spread=0.2), "dense_1")
    assert normal.std() == pytest.approx(0.2, rel=0.03)


def test_a_spread_of_an_initializer_that_has_its_own_is_refused():
    with pytest.raises(
        ValueError, match=r"initializer_spread=0.5 does not go with model.initializer=he_normal.*random_"
    ):
        seeded(mlp, initializer="he_normal", initializer_spread=0.5)
