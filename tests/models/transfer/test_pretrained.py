"""A backbone's start from weights trained elsewhere: all of Keras's layouts, and what does not fit."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from keras_suite.models.networks.alexnet import alexnet
from keras_suite.models.networks.applications import mobilenet_v2, vgg16
from keras_suite.models.networks.backbone import blocks
from keras_suite.models.networks.vgg import vgg
from keras_suite.models.saving import save_model
from keras_suite.models.transfer import imagenet_weights

RGB = (32, 32, 3)


def narrow(seed: int = 1, **options) -> keras.Model:
    """A vgg of three blocks that builds in no time; another seed starts elsewhere."""
    return vgg((8, 8, 3), 4, seed, **{"width": 0.05, "blocks": 3, **options})


def by_layer(model: keras.Model) -> dict[str, list[np.ndarray]]:
    return {layer.name: layer.get_weights() for block in blocks(model) for layer in block if layer.weights}


def same(a: Mapping[str, list[np.ndarray]], b: Mapping[str, list[np.ndarray]]) -> dict[str, bool]:
    """For each layer whether its weights are the same."""
    assert list(a) == list(b)
    return {name: all(np.array_equal(x, y) for x, y in zip(a[name], b[name], strict=True)) for name in a}


def write_older_layout(path: Path, arrays: Mapping[str, list[np.ndarray]]) -> Path:
    """As Keras 1 and 2 wrote VGG16's file, the names of its arrays too."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"input_1", *(name.encode() for name in arrays)]
        file.create_group("input_1").attrs["weight_names"] = np.zeros(0, "S1")
        for name, values in arrays.items():
            group = file.create_group(name)
            names = [f"{name}_{number}:0" for number in range(len(values))]
            group.attrs["weight_names"] = [each.encode() for each in names]
            for each, value in zip(names, values, strict=True):
                group.create_dataset(each, data=value)
    return path


@pytest.fixture(scope="module")
def vgg16_arrays() -> dict[str, list[np.ndarray]]:
    """Random numbers in the shapes of VGG16's convolutions."""
    random = np.random.default_rng(7)
    shapes = {name: [array.shape for array in arrays] for name, arrays in by_layer(vgg16(RGB, 2, 1)).items()}
    draw = lambda shape: random.standard_normal(shape, np.float32) / np.float32(50)  # noqa: E731
    return {name: [draw(shape) for shape in each] for name, each in shapes.items()}


@pytest.fixture(scope="module")
def vgg16_file(vgg16_arrays, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_older_layout(tmp_path_factory.mktemp("weights") / "vgg16.h5", vgg16_arrays)


@pytest.fixture
def imagenet(vgg16_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras's cache folder with a VGG16 file of the right hash."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    entry = imagenet_weights.ImageNetFile("vgg16_notop.h5", "vgg16", imagenet_weights.md5(vgg16_file))
    monkeypatch.setitem(imagenet_weights.IMAGENET, "vgg16", entry)
    path = imagenet_weights.imagenet_file("vgg16")
    path.parent.mkdir()
    path.write_bytes(vgg16_file.read_bytes())
    return path


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Saves a model as a run of this suite does."""

    def save(model: keras.Model) -> Path:
        path = tmp_path_factory.mktemp("run") / "model.keras"
        save_model(model, path, [str(i) for i in range(model.output.shape[-1])])
        return path

    return save


def test_imagenet_weights_come_from_keras_cache_folder(imagenet: Path, vgg16_arrays) -> None:
    model = vgg16(RGB, 2, 1, weights="imagenet")
    assert all(same(by_layer(model), vgg16_arrays).values())
    images = np.random.default_rng(0).uniform(0, 255, (2, *RGB)).astype(np.float32)
    keras_own = keras.applications.VGG16(include_top=False, weights=str(imagenet), input_shape=RGB)
    expected = keras_own(keras.applications.vgg16.preprocess_input(images.copy()))
    features = keras.Model(model.input, model.get_layer("features").input)(images)
    assert np.allclose(np.asarray(features), np.asarray(expected), atol=1e-6)


def test_the_head_starts_as_it_would_have(imagenet: Path) -> None:
    taken, random = vgg16(RGB, 2, 1, weights="imagenet", units=(4,)), vgg16(RGB, 2, 1, units=(4,))
    for name in ("dense_1", "logits"):
        assert np.array_equal(taken.get_layer(name).kernel.numpy(), random.get_layer(name).kernel.numpy())


def test_a_half_file_in_the_cache_folder_is_named_and_left(imagenet: Path) -> None:
    whole = imagenet.read_bytes()
    imagenet.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="is not Keras's ImageNet weights of vgg16, or was cut off"):
        vgg16(RGB, 2, 1, weights="imagenet")
    assert imagenet.read_bytes() == whole[: len(whole) // 2]
    with pytest.raises(ValueError, match="cannot be read as a file of Keras's weights"):
        vgg16(RGB, 2, 1, weights=str(imagenet))
    assert imagenet.read_bytes() == whole[: len(whole) // 2]


def test_a_file_by_its_path_may_have_a_head(vgg16_arrays, tmp_path: Path) -> None:
    head = {"fc1": [np.zeros((8, 4), np.float32)], "predictions": [np.zeros((4, 2), np.float32)]}
    path = write_older_layout(tmp_path / "with_top.h5", vgg16_arrays | head)
    for network in (vgg16, vgg):
        assert all(same(by_layer(network(RGB, 2, 1, weights=str(path))), vgg16_arrays).values())


def test_an_older_file_with_other_layer_names_is_read_in_order_as_keras_does(tmp_path: Path) -> None:
    source = by_layer(narrow(seed=2))
    renamed = {f"convolution_{number}": arrays for number, arrays in enumerate(source.values())}
    path = write_older_layout(tmp_path / "renamed.h5", renamed)
    assert all(same(by_layer(narrow(weights=str(path))), source).values())
    with pytest.raises(ValueError, match=r"layer 'block1_conv1' is missing there and \(3, 3, 3, 4\) and"):
        narrow(weights=str(path), width=0.06)


@pytest.mark.parametrize("normalised", [None, "before_activation", "after_pooling"])
def test_keras_3_weights_and_this_suites_models_are_taken_over_by_name(normalised, saved, tmp_path: Path) -> None:
    source = narrow(seed=2, batch_normalization=normalised)
    for number, variable in enumerate(source.weights):
        variable.assign(np.full(variable.shape, number, np.float32))  # moving statistics, too
    source.save_weights(tmp_path / "source.weights.h5")
    for path in (saved(source), tmp_path / "source.weights.h5"):
        model = narrow(weights=str(path), batch_normalization=normalised, pooling="flatten", units=(3,))
        assert all(same(by_layer(model), by_layer(source)).values())


def test_only_the_first_blocks_take_over_and_the_rest_keeps_its_start(saved) -> None:
    source, random = narrow(seed=2), by_layer(narrow())
    path = str(saved(source))
    for count in range(4):
        arrays = by_layer(narrow(weights=path, pretrained_blocks=count))
        taken = {name for name, equal in same(arrays, by_layer(source)).items() if equal}
        kept = {name for name, equal in same(arrays, random).items() if equal}
        assert taken == {name for name in arrays if int(name[5]) <= count}
        assert kept == set(arrays) - taken


def test_blocks_that_take_nothing_over_need_not_fit(saved) -> None:
    path = saved(narrow(seed=2, blocks=2))
    assert by_layer(narrow(weights=str(path), pretrained_blocks=2))
    with pytest.raises(ValueError, match=r"layer 'block3_conv1' is missing there .* model\.blocks=2"):
        narrow(weights=str(path))


@pytest.mark.slow
def test_networks_of_keras_applications_start_from_their_own_runs(saved) -> None:
    source = mobilenet_v2((32, 32, 1), 3, 2)
    model = mobilenet_v2(RGB, 2, 1, weights=str(saved(source)))  # grey then, colours now
    assert all(same(by_layer(model), by_layer(source)).values())


@pytest.mark.parametrize(
    ("options", "other", "said"),
    [
        ({"width": 0.1}, {}, r"layer 'block1_conv1' is \(3, 3, 3, 6\) and \(6,\) there and \(3, 3, 3, 3\) and \(3,\) "),
        (
            {"width": 0.125},
            {},
            r"the file is of model\.name=vgg with model\.width=0\.125 model\.blocks=3 for images of ",
        ),
        ({"batch_normalization": "before_activation"}, {}, r"model\.batch_normalization=before_activation for images"),
        ({}, {"batch_normalization": "after_pooling"}, "layer 'block1_normalization' is missing there"),
    ],
)
def test_the_first_layer_that_does_not_fit_is_named_with_the_options_that_would(saved, options, other, said) -> None:
    path = saved(narrow(seed=2, **options))
    with pytest.raises(ValueError, match=said) as caught:
        narrow(weights=str(path), **other)
    width = re.search(r"model\.width=(\S+)", str(caught.value))
    assert width is not None
    assert narrow(weights=str(path), **options | {"width": float(width[1])})
    assert "does not fit vgg" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_grey_images_of_the_file_are_named(saved) -> None:
    path = saved(vgg((8, 8, 1), 4, 2, width=0.05, blocks=3))
    with pytest.raises(ValueError, match=r"\(3, 3, 1, 3\) and \(3,\) there .* for images of 1 channel"):
        narrow(weights=str(path))


@pytest.mark.parametrize(
    ("network", "name"), [(lambda: mobilenet_v2(RGB, 2, 1), "mobilenet_v2"), (lambda: vgg16(RGB, 2, 1), "vgg16")]
)
def test_weights_of_pixels_scaled_otherwise_are_refused(saved, network, name: str) -> None:
    with pytest.raises(ValueError, match=rf"pixels that are scaled otherwise .* is of model\.name={name}$"):
        vgg(RGB, 2, 1, weights=str(saved(network())))


def test_imagenet_weights_of_another_network_are_recognised_by_their_hash(imagenet: Path) -> None:
    with pytest.raises(ValueError, match=r"holds the ImageNet weights of vgg16, .* set model\.name=vgg16"):
        vgg(RGB, 2, 1, weights=str(imagenet))


def test_another_networks_weights_are_named(tmp_path: Path) -> None:
    alexnet((67, 67, 3), 2, 1, units=()).save_weights(tmp_path / "a.weights.h5")
    mobilenet_v2(RGB, 2, 1).save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match=r"the file is of model\.name=alexnet for images of 3 channels"):
        narrow(weights=str(tmp_path / "a.weights.h5"))
    with pytest.raises(ValueError, match=r"the file is of model\.name=mobilenet_v2"):
        narrow(weights=str(tmp_path / "m.weights.h5"))
    write_older_layout(tmp_path / "own.h5", {"first": [np.zeros(3)], "second": [np.zeros(3)]})
    with pytest.raises(ValueError, match="the file is of another network, with layers first, second, …"):
        narrow(weights=str(tmp_path / "own.h5"))


def test_options_that_contradict_each_other_are_refused(saved) -> None:
    with pytest.raises(ValueError, match=r"model\.pretrained_blocks=2 needs weights to take over"):
        narrow(pretrained_blocks=2)
    with pytest.raises(ValueError, match=r"model\.pretrained_blocks=4: vgg has 3 blocks"):
        narrow(weights=str(saved(narrow())), pretrained_blocks=4)
    with pytest.raises(ValueError, match=r"no ImageNet weights for model\.name=vgg: choose one of efficientnet_lite0"):
        narrow(weights="imagenet")
