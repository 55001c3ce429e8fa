"""A saved model answers for itself: in a new process, with its class names, whatever layers it is made of."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.models.layers.coordinates import CoordinateChannels, SpatialSoftmax
from keras_suite.models.layers.core import ManualAdd
from keras_suite.models.layers.pooling import ManualMaxPooling2D, ManualMaxUnpooling2D
from keras_suite.models.layers.recurrent import RepeatAndConcatenate
from keras_suite.models.layers.views import ImageViews, MeanOfViews
from keras_suite.models.layers.whitening import PatchWhitening
from keras_suite.models.losses import hinge
from keras_suite.models.networks.autoencoder import autoencoder
from keras_suite.models.networks.mnist_demo_net import mnist_demo_net, mnist_manual_net
from keras_suite.models.networks.pattern_cnn import pattern_cnn
from keras_suite.models.networks.scratch_cnn import scratch_cnn
from keras_suite.models.networks.segmenter import segmenter
from keras_suite.models.saving import REGISTERED, load_keras, load_model, save_model
from tests.conftest import REPOSITORY

DIGITS = (8, 8, 1)
NAMES = tuple("0123456789")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of every network, and the logits that each gave for `images()` before."""
    folder = tmp_path_factory.mktemp("saved")
    networks = {
        "demo": mnist_demo_net(DIGITS, 10, 1, batch_normalization="after_pooling", l2=1e-3),
        "manual": mnist_manual_net(DIGITS, 10, 1, batch_normalization="before_activation"),
        "scratch": scratch_cnn(DIGITS, 10, 1),
        "pattern": pattern_cnn(DIGITS, 10, 1, dropout=0.1),
        "views": whitened_views(),
        "places": pattern_cnn(DIGITS, 10, 1, coordinates=True, pooling="place"),
        "unpooled": residual_unpooling(),
        "autoencoder": autoencoder(DIGITS, 1, 1, up="unpooling", code=0),
        "segmenter": segmenter(DIGITS, 11, 1, context="down_and_up", skips=True),
    }
    for name, model in networks.items():
        model.compile("sgd", hinge())
        save_model(model, folder / f"{name}.keras", NAMES)
        np.save(folder / f"{name}.npy", np.asarray(model(images())))
    return folder


def residual_unpooling() -> keras.Model:
    """The hand-derived layers that take two tensors: unpooling, and residual addition."""
    x = keras.Input(DIGITS)
    back = ManualMaxUnpooling2D(DIGITS[:2])(ManualMaxPooling2D(2, return_indices=True)(x))
    return keras.Model(x, ManualAdd()([x, back]))


def whitened_views() -> keras.Model:
    """The layers of a network with a whitening layer and test-time views."""
    x = keras.Input(DIGITS)
    whitening = PatchWhitening()
    pooled = keras.layers.GlobalMaxPooling2D()(whitening(ImageViews("mirror_and_shift")(x)))
    whitening.adapt([images()])
    return keras.Model(x, MeanOfViews(6)(keras.layers.Dense(10)(pooled)))


def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (5, *DIGITS)).astype(np.float32)


@pytest.mark.slow
def test_every_network_answers_in_a_new_process_as_before(saved: Path) -> None:
    code = (
        "import sys, numpy as np; from pathlib import Path; from keras_suite.models.saving import load_model\n"
        "images = np.random.default_rng(0).uniform(0, 255, (5, 8, 8, 1)).astype(np.float32)\n"
        "for path in sorted(Path(sys.argv[1]).glob('*.keras')):\n"
        "    model, names = load_model(path)\n"
        "    assert ''.join(names) == '0123456789'\n"
        "    print(path.stem, np.array_equal(np.asarray(model(images)), np.load(path.with_suffix('.npy'))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(saved)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [
        "autoencoder",
        "True",
        "demo",
        "True",
        "manual",
        "True",
        "pattern",
        "True",
        "places",
        "True",
        "scratch",
        "True",
        "segmenter",
        "True",
        "unpooled",
        "True",
        "views",
        "True",
    ], done.stderr


def test_every_module_whose_classes_a_file_may_hold_is_imported_before_one_is_loaded() -> None:
    registering = {
        ".".join(("keras_suite", *path.relative_to(REPOSITORY).with_suffix("").parts))
        for path in (REPOSITORY / "models").rglob("*.py")
        if "register_keras_serializable" in path.read_text(encoding="utf-8")
    }
    never_saved = {f"keras_suite.models.{name}" for name in ("class_metrics", "metrics", "optimizers")}
    assert registering - never_saved == {*REGISTERED} - {"keras_suite.models.saving"}


def test_what_is_no_model_file_is_named(tmp_path: Path, saved: Path) -> None:
    text, cut, foreign = tmp_path / "text.keras", tmp_path / "cut.keras", tmp_path / "foreign.keras"
    text.write_text("no model")
    cut.write_bytes((saved / "demo.keras").read_bytes()[:-1000])
    with pytest.raises(FileNotFoundError, match=r"there is no model file .*none\.keras"):
        load_model(tmp_path / "none.keras")
    for path in (text, cut):
        with pytest.raises(ValueError, match=r"is no \.keras file, or was cut off"):
            load_model(path)
        with pytest.raises(ValueError, match=r"is no \.keras file, or was cut off"):
            load_keras(path)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(foreign)
    with pytest.raises(ValueError, match="is no model of this suite"):
        load_model(foreign)
    assert load_keras(foreign).output_shape == (None, 2)


def test_a_class_that_nobody_registered_is_named_in_one_line(tmp_path: Path) -> None:
    class Unregistered(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    path = tmp_path / "own.keras"
    keras.Sequential([keras.Input((3,)), Unregistered()]).save(path)
    with pytest.raises(ValueError, match="Unregistered") as caught:
        load_keras(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(path))


def test_the_optimizer_stays_with_the_model_and_out_of_the_file(tmp_path: Path) -> None:
    model = mnist_demo_net(DIGITS, 10, 1)
    save_model(model, tmp_path / "untrained.keras", NAMES)
    model.compile("adam", "mse", jit_compile=False)
    model.train_on_batch(images(), np.eye(10, dtype=np.float32)[: len(images())])
    save_model(model, tmp_path / "trained.keras", NAMES)
    sizes = [(tmp_path / f"{name}.keras").stat().st_size for name in ("untrained", "trained")]
    assert sizes[1] < 1.2 * sizes[0]
    assert len(model.optimizer.variables) > 2 * len(model.trainable_variables)


@pytest.mark.parametrize(
    ("former", "layer"),
    [
        ("BesideEach", RepeatAndConcatenate(name="layer")),
        ("Coordinates", CoordinateChannels(name="layer")),
        ("ExpectedPlace", SpatialSoftmax(name="layer")),
    ],
)
def test_a_layer_saved_under_its_former_name_and_module_loads(former: str, layer: keras.Layer) -> None:
    saved = keras.saving.serialize_keras_object(layer)
    assert saved["registered_name"] == f"models>{type(layer).__name__}"
    earlier = {**saved, "module": "models.layers.gone", "class_name": former, "registered_name": f"models>{former}"}
    loaded = keras.saving.deserialize_keras_object(earlier)
    assert type(loaded) is type(layer)
    assert loaded.get_config() == layer.get_config()


def test_a_class_that_does_not_say_its_precision_is_loaded_in_that_which_it_was_saved_in(tmp_path: Path) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        inputs = keras.Input((4,))
        model = keras.Model(inputs, Unsaying()(inputs))
        save_model(model, tmp_path / "model.keras", NAMES)
    finally:
        keras.config.set_dtype_policy("float32")
    loaded = load_keras(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    assert loaded.layers[1].dtype_policy.name == "mixed_bfloat16" and keras.config.dtype_policy().name == "float32"
    assert np.array_equal(keras.ops.cast(loaded(x), "float32"), keras.ops.cast(model(x), "float32"))


@keras.saving.register_keras_serializable("tests")
class Unsaying(keras.Model):
    """A network as users write it: nothing of Keras's own options is passed on."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)

    def get_config(self) -> dict[str, Any]:
        return {}
