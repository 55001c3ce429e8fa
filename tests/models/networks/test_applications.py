"""The networks of Keras Applications: Keras's own numbers, one flat graph, keyed weights, plain images."""

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_suite.models.networks.applications import (
    KerasPreprocessing,
    efficientnet_v2_b0,
    mobilenet_v2,
    resnet50,
    vgg16,
)
from keras_suite.models.networks.backbone import backbone_layers
from keras_suite.models.saving import load_model, save_model
from tests.conftest import REPOSITORY

LEAST = (32, 32, 3)
KERAS = {
    vgg16: (keras.applications.VGG16, keras.applications.vgg16.preprocess_input, 14_714_688),
    resnet50: (keras.applications.ResNet50, keras.applications.resnet.preprocess_input, 23_587_712),
    mobilenet_v2: (keras.applications.MobileNetV2, keras.applications.mobilenet_v2.preprocess_input, 2_257_984),
    efficientnet_v2_b0: (keras.applications.EfficientNetV2B0, None, 5_919_312),
}
NETWORKS = [vgg16, resnet50, mobilenet_v2, pytest.param(efficientnet_v2_b0, marks=pytest.mark.slow)]


def pixels(channels: int = 3, size: int = 32) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, size, size, channels)).astype(np.float32)


@functools.cache  # it takes seconds; who changes a network builds one
def built(network: Callable[..., keras.Model], seed: int = 1) -> keras.Model:
    """The network with three classes, only to look at."""
    return network(LEAST, 3, seed)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_backbone_is_keras_own_with_its_preprocessing_inside(network):
    application, preprocess_input, parameters = KERAS[network]
    model = built(network)
    backbone = keras.Model(model.input, model.get_layer("features").input)
    theirs = application(include_top=False, weights=None, input_shape=LEAST)
    assert backbone.count_params() == theirs.count_params() == parameters
    theirs.set_weights(backbone.get_weights())
    expected = theirs(preprocess_input(pixels()) if preprocess_input else pixels())
    assert np.allclose(np.asarray(backbone(pixels())), np.asarray(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_graph_is_flat_and_of_layers_alone(network):
    model = built(network)
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    assert all(isinstance(operation, keras.layers.Layer) for operation in model.operations)


@pytest.mark.slow
def test_layer_names_are_the_same_in_a_warm_process():
    first, second = ([layer.name for layer in built(efficientnet_v2_b0, seed).layers] for seed in (1, 2))
    assert first == second


def test_batch_normalisation_is_keras_ordinary_layer():
    for network, count in ((resnet50, 53), (mobilenet_v2, 52)):
        kinds = [type(layer) for layer in built(network).layers]
        assert kinds.count(keras.layers.BatchNormalization) == count


def test_the_seed_decides_every_kernel():
    first, other = built(efficientnet_v2_b0), built(efficientnet_v2_b0, 2)
    kernels = [(layer, other.get_layer(layer.name)) for layer in first.layers if hasattr(layer, "kernel")]
    assert len(kernels) > 50
    assert not any(np.array_equal(mine.kernel.numpy(), its.kernel.numpy()) for mine, its in kernels)


def test_a_network_built_again_is_the_same_and_each_precision_has_its_own():
    first, again = (mobilenet_v2(LEAST, 3, 7) for _ in range(2))
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = mobilenet_v2(LEAST, 3, 7)
    finally:
        keras.config.set_dtype_policy("float32")
    for other in (again, mixed, mobilenet_v2(LEAST, 3, 7)):
        assert [layer.name for layer in other.layers] == [layer.name for layer in first.layers]
        assert all(map(np.array_equal, other.get_weights(), first.get_weights()))
    assert again.get_config() == first.get_config()
    computed_in = [model.get_layer("Conv1").compute_dtype for model in (first, mixed)]
    assert computed_in == ["float32", "bfloat16"]


@pytest.mark.parametrize("network", [vgg16, mobilenet_v2])
def test_penalties_are_on_the_heads_kernels_alone(network):
    model = network(LEAST, 3, 1, units=(4,), l2=0.5)
    expected = sum(0.5 * np.square(model.get_layer(name).kernel.numpy()).sum() for name in ("dense_1", "logits"))
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_vgg16_with_its_three_dense_layers_has_the_papers_layers_and_parameters():
    model = vgg16((224, 224, 3), 1000, 1, pooling="flatten", units=(4096, 4096))
    assert model.count_params() == 138_357_544
    assert sum(layer.count_params() for layer in backbone_layers(model)) == 14_714_688
    sizes = [model.get_layer(f"block{i}_pool").output.shape[1:3] for i in range(1, 6)]
    assert sizes == [(112, 112), (56, 56), (28, 28), (14, 14), (7, 7)]
    assert [model.get_layer(name).count_params() for name in ("dense_1", "dense_2", "logits")] == [
        102_764_544,
        16_781_312,
        4_097_000,
    ]


def test_grey_images_are_made_rgb_by_a_named_layer():
    model = mobilenet_v2((32, 32, 1), 3, 1)
    grey = pixels(channels=1)
    assert model.get_layer("grey_to_rgb").output.shape == (None, 32, 32, 3)
    expected = built(mobilenet_v2)(np.repeat(grey, 3, axis=-1))
    assert np.allclose(np.asarray(model(grey)), np.asarray(expected), atol=1e-6)


def test_images_are_seen_at_another_size_inside_the_network():
    given = pixels(size=16)[:, :, :12]
    stretched = np.asarray(keras.ops.image.resize(given, (48, 48), interpolation="bilinear"))
    models = mobilenet_v2((16, 12, 3), 3, 1, seen_at=48), mobilenet_v2((48, 48, 3), 3, 1)
    answers = [  # called plainly, as somebody else's code may: batch normalisation must not answer by the batch
        np.asarray(keras.Model(model.input, model.get_layer("block_1_expand_BN").output)(images))
        for model, images in zip(models, (given, stretched), strict=True)
    ]
    assert answers[0].std() > 1e-3 and np.allclose(*answers, atol=1e-6)


@pytest.mark.parametrize("network", NETWORKS)
def test_images_of_too_few_pixels_or_odd_channels_are_refused_in_one_line(network):
    with pytest.raises(ValueError, match=f"{network.__name__} was given images of 31x40 pixels and needs at least 32x"):
        network((31, 40, 3), 2, 1)
    with pytest.raises(ValueError, match="images of 4 channels and takes grey or RGB ones"):
        network((32, 32, 4), 2, 1)


@pytest.mark.parametrize("network", [vgg16, pytest.param(efficientnet_v2_b0, marks=pytest.mark.slow)])
def test_logits_are_float32_and_pixels_prepared_in_float32_under_mixed_precision(network, mixed_precision):
    model = network(LEAST, 3, 1)
    assert model.output.dtype == "float32"
    assert np.isfinite(np.asarray(model(pixels()))).all()
    if network is vgg16:
        assert model.get_layer("preprocess_input").compute_dtype == "float32"
    assert model.get_layer("features").compute_dtype == mixed_precision.removeprefix("mixed_")


@pytest.mark.slow
def test_a_saved_network_answers_in_a_new_process_as_before(tmp_path: Path):
    images = pixels()
    for network in (mobilenet_v2, efficientnet_v2_b0):
        model = network(LEAST, 3, 1, units=(4,), dropout=0.1)
        save_model(model, tmp_path / f"{network.__name__}.keras", ("a", "b", "c"))
        np.save(tmp_path / f"{network.__name__}.npy", np.asarray(model(images)))
    np.save(tmp_path / "images.npy", images)
    code = (
        "import sys, numpy as np; from pathlib import Path; from keras_suite.models.saving import load_model\n"
        "images = np.load(Path(sys.argv[1], 'images.npy'))\n"
        "for path in sorted(Path(sys.argv[1]).glob('*.keras')):\n"
        "    answer = np.asarray(load_model(path)[0](images))\n"
        "    print(path.stem, np.array_equal(answer, np.load(path.with_suffix('.npy'))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["efficientnet_v2_b0", "True", "mobilenet_v2", "True"], done.stderr


def test_preprocessing_of_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match="network='vgg61': expected one of vgg16, resnet50, mobilenet_v2"):
        KerasPreprocessing("vgg61")


def test_a_saved_vgg16_keeps_its_preprocessing(tmp_path: Path):
    model = vgg16(LEAST, 2, 1)
    save_model(model, tmp_path / "model.keras", ("a", "b"))
    loaded, _ = load_model(tmp_path / "model.keras")
    assert loaded.get_layer("preprocess_input").network == "vgg16"
    assert np.array_equal(np.asarray(loaded(pixels())), np.asarray(model(pixels())))
