"""`shapes`, `check gradients` and `convolutional`, typed as a user types them."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from keras_suite.experiments.inspecting.layer_table import parse_input, rows
from keras_suite.experiments.inspecting.predict import predict_classes
from keras_suite.models.gradient_check import CASES
from keras_suite.models.layers.convolution import ManualConv2DTranspose, ManualLocallyConnected2D
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net, mnist_manual_net
from keras_suite.models.networks.pattern_cnn import pattern_cnn
from keras_suite.models.networks.vgg import vgg
from keras_suite.models.saving import save_model
from keras_suite.models.transfer.fully_convolutional import to_convolutional
from tests.end_to_end.typed import refused, type_command, type_here
from tests.models.gradient_check.layers_of_users import OwnDense, stack


def by_name(model: keras.Model) -> dict:
    return {row.name: row for row in rows(model)}


@pytest.mark.parametrize("network", [mnist_demo_net, mnist_manual_net])
def test_the_demo_nets_rows_are_those_counted_by_hand(network) -> None:
    found = by_name(network((28, 28, 1), 10, 1))
    assert sum(row.parameters for row in found.values()) == 1_199_882
    assert found["conv_2"].output == (24, 24, 64)
    assert found["conv_1"].multiply_adds == 26 * 26 * 9 * 32
    assert found["conv_2"].multiply_adds == 24 * 24 * 9 * 32 * 64
    assert found["dense"].multiply_adds == 9216 * 128
    assert [found[name].field for name in ("conv_1", "conv_2", "pooling", "flatten")] == [(3, 3), (5, 5), (6, 6), None]


def test_the_lectures_stack_of_layers_ends_at_ten_classes() -> None:
    """32x32x3 -> convolution, same padding -> 32x32x12 -> pooling -> 16x16x12 -> fully connected -> 10."""
    found = by_name(pattern_cnn((32, 32, 3), 10, 1, blocks=1, filters=12, dense_layers=0))
    assert [found[name].output for name in ("conv_1_1", "pooling_1", "logits")] == [(32, 32, 12), (16, 16, 12), (10,)]


def test_strides_dilation_groups_and_branches_are_counted() -> None:
    inputs = keras.Input((32, 32, 4))
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="strided")(inputs)
    dilated = layers.Conv2D(8, 3, dilation_rate=2, padding="same", groups=2, name="dilated")(x)
    pointwise = layers.Conv2D(8, 1, name="pointwise")(x)
    added = layers.Add(name="added")([pointwise, dilated])
    separable = layers.SeparableConv2D(6, (3, 1), padding="same", name="separable")(added)
    up = ManualConv2DTranspose(3, 2, 2, name="up")(separable)
    own = ManualLocallyConnected2D(2, 2, 2, name="own")(up)
    found = by_name(keras.Model(inputs, layers.GlobalAveragePooling2D(name="all_of_it")(own)))
    assert found["strided"].field == (3, 3)
    assert found["dilated"].field == (3 + 2 * 2 * 2,) * 2
    assert found["added"].field == found["dilated"].field
    assert found["separable"].field == (11 + 2 * 2, 11)
    assert found["up"].field is found["own"].field is found["all_of_it"].field is None
    assert found["dilated"].multiply_adds == 16 * 16 * 9 * 4 * 8
    assert found["separable"].multiply_adds == 16 * 16 * (3 * 8 + 8 * 6)
    assert found["up"].multiply_adds == 16 * 16 * 4 * 3 * 6
    assert found["own"].multiply_adds == 16 * 16 * 4 * 3 * 2


def test_shapes_prints_every_layer_and_the_totals(tmp_path: Path) -> None:
    done = type_here("shapes", "mnist_demo_net", "--input", "28x28x1", "--set", "model.dropout=0", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1,199,882" in done.stdout
    assert "10,616,832" in done.stdout
    assert " dropout " not in done.stdout
    assert "Trained with Adam in batches of 32, it takes about 65 MiB of memory" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shapes", "mnist_demo_nett", "--input", "28x28x1"], "did you mean 'mnist_demo_net'?"),
        (["shapes", "mlp"], "mlp is built for a size of images: give one, for example --input 28x28x1"),
        (["shapes", "mlp", "--input", "28x28"], "--input '28x28' is not possible: expected HEIGHTxWIDTHxCHANNELS"),
        (["shapes", "mnist_demo_net", "--input", "4x28x1"], "images of 4x28 pixels and needs at least 6x6"),
        (["shapes", "mlp", "--input", "8x8x1", "--set", "epochs=3"], "--set epochs=… is not possible here"),
        (["shapes", "mlp", "--input", "8x8x1", "--set", "model.unit=3"], "did you mean 'units'?"),
        (["shapes", "nowhere.keras"], "there is no model file nowhere.keras"),
        (["shapes", "vgg16", "--input", "32x32x3", "--set", "model.weights=no.h5"], "there is no weights file no.h5"),
        (["convolutional", "nowhere", "out.h5"], "out.h5 is no name for a model: give one that ends in .keras"),
        (["check", "gradients", "--op", "conv2"], "did you mean 'conv2d'?"),
        (["check", "gradients", "--op", "relu", "--model", "mlp"], "different checks: give one of them"),
    ],
)
def test_bad_input_is_answered_in_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    assert said in refused(*arguments, cwd=tmp_path)


def test_sizes_are_read_in_either_case() -> None:
    assert parse_input("32X24x3") == (32, 24, 3)
    with pytest.raises(ValueError, match="0x8x1"):
        parse_input("0x8x1")


def test_a_dense_head_made_convolutional_answers_larger_photographs(tmp_path: Path) -> None:
    model = vgg((16, 16, 3), 2, 1, width=0.1, blocks=2, pooling="flatten", units=(4,))
    save_model(model, tmp_path / "small.keras", ("cat", "dog"))
    done = type_here("convolutional", "small.keras", "any.keras", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "any.keras takes images of 16x16 pixels or more, at their own size."
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    for name, size in (("same", 16), ("larger", 40), ("smaller", 12)):
        Image.fromarray(pixels[:size, :size]).save(tmp_path / f"{name}.png")
    asked, answered = (
        list(predict_classes(tmp_path / file, [tmp_path / "same.png"])) for file in ("small.keras", "any.keras")
    )
    assert asked[0].name == answered[0].name
    assert asked[0].probability == pytest.approx(answered[0].probability, abs=1e-5)
    [larger] = predict_classes(tmp_path / "any.keras", [tmp_path / "larger.png"])
    logits = np.asarray(to_convolutional(model)(pixels[np.newaxis].astype(np.float32)))[0]
    assert larger.probability == pytest.approx(np.exp(logits.max()) / np.exp(logits).sum(), abs=1e-5)
    with pytest.raises(
        ValueError, match=r"smaller\.png is of 12x12 pixels, smaller than what the model was trained on"
    ):
        list(predict_classes(tmp_path / "any.keras", [tmp_path / "same.png", tmp_path / "smaller.png"]))
    again = refused("convolutional", "small.keras", "any.keras", cwd=tmp_path)
    assert "any.keras is there already: give another name" in again


@pytest.mark.slow
@pytest.mark.timeout(1200)  # 2 minutes on a quiet machine
def test_all_ops_pass_the_thorough_check(tmp_path: Path) -> None:
    done = type_command("check", "gradients", "--thorough", cwd=tmp_path, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines() if line.endswith("passed")] == list(CASES)


def test_check_gradients_prints_a_row_for_the_op(tmp_path: Path) -> None:
    done = type_here("check", "gradients", "--op", "conv2d", "--cases", "3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "conv2d" in done.stdout
    assert "passed" in done.stdout


@pytest.mark.slow
def test_check_gradients_of_a_model_names_every_weight(tmp_path: Path) -> None:
    done = type_command("check", "gradients", "--model", "scratch_cnn", "--entries", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "FAILED" not in done.stdout
    assert "conv/kernel" in done.stdout


OWN_OPS = """
import tensorflow as tf


def dense_forward(x, kernel, bias):
    return x @ kernel + bias, (x, kernel)


def dense_backward(dy, cache):
    x, kernel = cache
    return dy @ tf.transpose(kernel), FACTOR * tf.transpose(x) @ dy, tf.reduce_sum(dy, 0)
"""


def test_check_gradients_of_a_users_op_passes_and_notices_wrong_versions(tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text(OWN_OPS.replace("FACTOR", "1"), encoding="utf-8")
    done = type_here("check", "gradients", "my_ops.py:dense", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") == 3
    assert "(the first shapes that both passes run on; others: --shapes 4x5,5x3,3)" in " ".join(done.stdout.split())
    [noticed] = re.findall(r"(\d+) of (\d+) deliberately wrong versions were noticed\.", done.stdout)
    assert noticed[0] == noticed[1]
    assert int(noticed[0]) >= 20
    given = type_here("check", "gradients", "my_ops.py:dense", "--shapes", "2x3,3x4,4", "--cases", "1", cwd=tmp_path)
    assert given.returncode == 0
    assert "1 draws of tensors in float64 (as given)" in " ".join(given.stdout.split())


def test_check_gradients_of_a_users_wrong_op_names_the_tensor(tmp_path: Path) -> None:
    (tmp_path / "my_ops.py").write_text(OWN_OPS.replace("FACTOR", "2"), encoding="utf-8")
    done = type_here("check", "gradients", "my_ops.py:dense", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.count("FAILED") == 1
    assert "The gradient of `kernel` is wrong: it is " in done.stdout
    assert "(2 times that, at all entries)" in " ".join(done.stdout.split())
    assert "deliberately wrong" not in done.stdout


def test_check_gradients_of_a_wrong_model_names_the_weight_and_its_layer(tmp_path: Path) -> None:
    stack(OwnDense(6, 1.5, name="own")).save(tmp_path / "model.keras")
    done = type_here("check", "gradients", "--model", "model.keras", "--entries", "3", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "The gradient of own/kernel is wrong: it is " in done.stdout
    assert "(layer own, of class OwnDense)" in " ".join(done.stdout.split())


def test_imagenet_weights_that_cannot_be_fetched_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens there
    done = type_command("weights", "vgg16", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert "could not be downloaded" in line
    assert "6d6bbae143d832006294945121d1f1fc" in line
    assert str(tmp_path / "keras" / "models") in line
    assert "there are no ImageNet weights for model.name=vgg" in refused("weights", "vgg", cwd=tmp_path)
