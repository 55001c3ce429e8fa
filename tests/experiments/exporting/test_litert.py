"""LiteRT files, read by the interpreter that is installed without TensorFlow, too."""

import math
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from keras_suite.experiments.exporting import litert
from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.exporting.target import Target
from keras_suite.models.networks.applications import KerasPreprocessing
from tests.experiments.exporting.classifiers import IMAGES, NAMES, PIXELS, classifier, expected
from tests.models.layers.cases import LAYERS

ALONE = """
import sys
pixels = np.load("pixels.npy")
print(names, len(probabilities))
np.save("answered.npy", np.stack([answer(images=each[np.newaxis])["probabilities"][0]{scale} for each in pixels]))
assert not {{"tensorflow", "keras", "keras_suite"}} & set(sys.modules)
"""


def asked(path: Path, pixels: np.ndarray = PIXELS) -> np.ndarray:
    ask = litert.ask(path, 1)
    return np.concatenate([ask(image[np.newaxis]) for image in pixels])


@pytest.mark.parametrize("int8", [False, True])
def test_the_interpreter_alone_reads_names_and_answers_of_raw_pixels(int8: bool, tmp_path: Path) -> None:
    network, path = classifier(), tmp_path / "model.tflite"
    if int8:
        assert litert.write_int8(network, path, IMAGES)
    else:
        litert.write_float32(network, path)
    litert.add_description(path, NAMES, {"input": "images"})
    np.save(tmp_path / "pixels.npy", PIXELS)
    before, _, last = Target("litert", int8).reading(path).rpartition("\n")
    code = f"{before}\npixels = np.load('pixels.npy')[0]\n{last}\n" + ALONE.format(scale=" / 256" if int8 else "")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{list(NAMES)} 3"
    answered = np.load(tmp_path / "answered.npy")
    np.testing.assert_allclose(answered, asked(path), atol=1e-6)
    np.testing.assert_allclose(answered, expected(network), atol=0.03 if int8 else 1e-5)
    assert np.ptp(answered, axis=0).min() > 0.1, "all images are answered alike, so the test cannot fail"
    assert zipfile.ZipFile(path).read("about.json") == b'{\n  "input": "images"\n}'


def test_int8_pixels_stand_for_themselves_though_no_training_image_is_black_or_white(tmp_path: Path) -> None:
    assert PIXELS.min() > 0 and PIXELS.max() < 255
    path = tmp_path / "model.tflite"
    litert.write_int8(classifier(), path, IMAGES)
    given, answered = litert._details(path)
    assert given["dtype"] == answered["dtype"] == np.uint8
    assert given["quantization"] == (1.0, 0) and answered["quantization"] == (litert.STEP, 0)


def test_pixels_stand_for_themselves_where_a_networks_own_preprocessing_has_another_range(tmp_path: Path) -> None:
    small = keras.initializers.RandomNormal(stddev=0.005, seed=1)
    hidden = (layers.Conv2D(4, 3, activation="relu", kernel_initializer=small), layers.MaxPooling2D(2))
    network, path = classifier(KerasPreprocessing("vgg16"), *hidden, scale=1), tmp_path / "a.tflite"
    assert not litert.write_int8(network, path, IMAGES), "all of it int8, so this network tests nothing"
    assert litert._details(path)[0]["dtype"] == np.uint8
    np.testing.assert_allclose(asked(path), expected(network), atol=0.1)


def test_int8_takes_a_quarter_of_the_size(tmp_path: Path) -> None:
    network = classifier(layers.Conv2D(64, 3, activation="relu"), layers.Conv2D(64, 3, activation="relu"))
    litert.write_float32(network, tmp_path / "a.tflite")
    litert.write_int8(network, tmp_path / "b.tflite", IMAGES)
    sizes = [(tmp_path / name).stat().st_size for name in ("a.tflite", "b.tflite")]
    assert sizes[1] < 0.4 * sizes[0]


def test_what_litert_has_no_op_for_is_one_line(tmp_path: Path) -> None:
    class Eigen(layers.Layer):
        def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
            return keras.ops.cholesky(keras.ops.matmul(x, keras.ops.transpose(x, (0, 2, 1))))

    network = classifier(layers.Reshape((8, 21)), Eigen())
    with pytest.raises(ValueError, match=r"runs/a cannot be exported to LiteRT: it has no op for Cholesky") as error:
        litert.write_float32(network, tmp_path / "a.tflite")
    assert "\n" not in str(error.value)


# What int8 cannot: arrays of six axes, which LiteRT copies in float32 only.
FLOAT_ONLY = ("up_sampling2d",)


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_hand_derived_layers_export(name: str, tmp_path: Path) -> None:
    case = LAYERS[name]
    to_shape = (layers.Flatten(), layers.Dense(math.prod(case.shape)), layers.Reshape(case.shape))
    network = classifier(*to_shape, case.ours())
    litert.write_float32(network, tmp_path / "a.tflite")
    np.testing.assert_allclose(asked(tmp_path / "a.tflite"), expected(network), atol=1e-5)
    samples = Images(PIXELS, IMAGES.labels, IMAGES.rows, "image")
    if name in FLOAT_ONLY:
        with pytest.raises(ValueError, match="cannot be exported to LiteRT in int8"):
            litert.write_int8(network, tmp_path / "b.tflite", samples)
        return
    assert litert.write_int8(network, tmp_path / "b.tflite", samples)
    difference = np.abs(asked(tmp_path / "b.tflite") - expected(network))
    assert difference.mean() < 0.05, difference.mean()
