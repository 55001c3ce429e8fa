import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from keras_suite.data_pipeline.augmentation.standard import standard
from keras_suite.data_pipeline.datasets.image_folder import image_folder
from keras_suite.experiments.feature_cache import frozen as module
from keras_suite.experiments.feature_cache.frozen import Features, frozen_features

SIDE = 32
pytestmark = pytest.mark.needs_data


@pytest.fixture(scope="module")
def photographs(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """200 photographs of dogs and cats, uint8 (200, 32, 32, 3)."""
    return image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=(SIDE, SIDE)).images[::8][:200]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photographs: np.ndarray) -> Path:
    """A cache folder of the test's own, once the photographs are decoded."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def front_of(seed: int = 1, dense: bool = False) -> keras.Model:
    """VGG-like, its weights keyed by the seed; with a dense layer on top its features are a vector."""
    inputs = keras.Input((SIDE, SIDE, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    for block, filters in enumerate((8, 16, 32)):
        made = keras.initializers.HeNormal(seed * 10 + block)
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer=made)(x)
        x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D()(layers.Dropout(0.2)(x))
    if dense:
        x = layers.Dense(100, kernel_initializer=keras.initializers.HeNormal(seed))(layers.Flatten()(x))
    return keras.Model(inputs, x, name="small_vgg")


@pytest.fixture
def front() -> keras.Model:
    return front_of()


def values(features: Features, numbers: np.ndarray | slice = slice(None)) -> np.ndarray:
    return np.asarray(features.array[features.rows[numbers]])


def augmentation(**options: float) -> dict:
    """The arguments for an augmentation, as a caller gives them."""
    given = {"horizontal_flip": True, "rotation": 20, "zoom": 0.2, "brightness": 0.2, **options}
    return {"augment": standard((SIDE, SIDE, 3), 2, **given), "augmentation_key": str(given)}


def test_features_are_the_extractors_output_in_inference_mode(front: keras.Model, photographs: np.ndarray) -> None:
    features = frozen_features(front, photographs)
    own = front(photographs.astype(np.float32), training=False).numpy()
    assert features.array.shape == (200, 4, 4, 32)
    np.testing.assert_allclose(values(features), own, rtol=1e-4, atol=1e-5)
    assert not np.allclose(values(features), front(photographs.astype(np.float32), training=True).numpy(), atol=1e-2)


def test_the_second_time_nothing_is_computed(
    front: keras.Model, photographs: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = frozen_features(front, photographs)
    asked: list[str] = []
    monkeypatch.setattr(module, "_outputs", lambda *_: lambda *_: asked.append("computed"))
    second = frozen_features(front_of(), photographs)  # as another run of the same warm process has it
    assert (first.computed, second.computed, asked) == (200, 0, [])
    assert (values(first) == values(second)).all()


def test_training_sets_of_all_sizes_share_rows(front: keras.Model, photographs: np.ndarray) -> None:
    few = frozen_features(front, photographs, indices=np.arange(10, 40))
    assert (few.computed, len(few.array)) == (30, 30)
    assert (few.rows >= 0).nonzero()[0].tolist() == [*range(10, 40)]
    assert frozen_features(front, photographs[20:120]).computed == 80
    every = frozen_features(front, photographs)
    assert every.computed == 90
    assert (values(few, np.arange(10, 40)) == values(every, np.arange(10, 40))).all()


def test_networks_of_other_weights_have_entries_of_their_own(front: keras.Model, photographs: np.ndarray) -> None:
    first = frozen_features(front, photographs[:40])
    front.weights[0].assign(np.nextafter(np.array(front.weights[0]), 1))
    assert frozen_features(front, photographs[:40]).computed == 40
    shallower = keras.Model(front.inputs, front.layers[-2].output)
    assert frozen_features(shallower, photographs[:40]).computed == 40
    assert frozen_features(front_of(), photographs[:40]).computed == 0
    assert (values(frozen_features(front_of(), photographs[:40])) == values(first)).all()


BITS = """
import hashlib, os, sys
import numpy as np
from keras_suite.experiments.training import runtime
runtime.start_tensorflow(int(sys.argv[1]))
from keras_suite.experiments.feature_cache.frozen import frozen_features
from tests.experiments.feature_cache.test_frozen import augmentation, front_of
images = np.load(sys.argv[2])
random, cache = np.random.default_rng(int(sys.argv[1])), os.environ["CACHE_DIR"]
for dense, options in ((False, {}), (True, {}), (False, {**augmentation(), "view": 2})):
    front, found = front_of(dense=dense), []
    for attempt in range(3):
        os.environ["CACHE_DIR"] = f"{cache}/{attempt}"
        order = random.permutation(len(images)) if attempt else np.arange(len(images))
        while len(order):
            part, order = np.split(order, [random.integers(1, 90)])
            frozen_features(front, images, indices=part, **options)
        every = frozen_features(front, images, **options)
        assert every.computed == 0
        found.append(hashlib.sha256(every.array[every.rows].tobytes()).hexdigest())
    print(len(set(found)), flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_a_rows_bits_depend_on_no_other_image_nor_on_its_place(
    threads: int, photographs: np.ndarray, tmp_path: Path
) -> None:
    """Three orders and groupings, each from an empty cache."""
    np.save(tmp_path / "images.npy", photographs)
    done = subprocess.run(
        [sys.executable, "-c", BITS, str(threads), str(tmp_path / "images.npy")],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout.split() == ["1", "1", "1"], done.stderr


def test_copies_differ_and_depend_on_the_image_alone(front: keras.Model, photographs: np.ndarray) -> None:
    copies = [values(frozen_features(front, photographs, **augmentation(), view=k)) for k in range(3)]
    plain = values(frozen_features(front, photographs))
    for one, other in ((plain, copies[0]), (copies[0], copies[1]), (copies[1], copies[2])):
        assert (one != other).reshape(200, -1).any(axis=1).all()
    order = np.random.default_rng(3).permutation(200)[:70]
    moved = frozen_features(front, photographs[order], **augmentation(), view=1)
    assert moved.computed == 0
    assert (values(moved) == copies[1][order]).all()
    assert frozen_features(front, photographs, **augmentation(rotation=21), view=1).computed == 200


def test_a_copys_pixels_are_those_that_the_augmentation_makes(photographs: np.ndarray) -> None:
    identity = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Activation("linear")])
    options = augmentation()
    copies = values(frozen_features(identity, photographs[:5], **options, view=4))
    keys = [int.from_bytes(d[:8], "little") % 2**62 for d in module.image_digests(photographs, np.arange(5))]
    images = tf.constant(photographs[:5])
    expected, _ = options["augment"](images, tf.zeros((5, 1)), 0, tf.constant(4, tf.int64), tf.constant(keys, tf.int64))
    assert (copies == expected.numpy().astype(np.float32)).all()


def test_photographs_may_be_mapped_and_are_read_a_batch_at_a_time(
    front: keras.Model, photographs: np.ndarray, tmp_path: Path
) -> None:
    np.save(tmp_path / "images.npy", photographs)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    assert frozen_features(front, mapped, indices=np.array([5, 150])).computed == 2
    assert frozen_features(front, photographs[[150, 5]]).computed == 0


def test_half_precision_features_come_as_float32(photographs: np.ndarray) -> None:
    inputs = keras.Input((SIDE, SIDE, 3))
    half = keras.Model(inputs, layers.Conv2D(4, 3, dtype="mixed_bfloat16")(inputs))
    features = values(frozen_features(half, photographs[:3]))
    assert (features == half(photographs[:3].astype(np.float32)).numpy().astype(np.float32)).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"images": np.zeros((2, SIDE, SIDE, 3), np.float32)}, r"images are float32 \(2, 32, 32, 3\): expected uint8"),
        ({"indices": np.array([], np.int64)}, "features of 0 images"),
        ({"view": 2}, "view=2 without an augmentation"),
        ({**augmentation(mixup=0.2)}, "by mixup or cutmix"),
        ({**augmentation(), "augmentation_key": ""}, "augmentation_key is empty"),
    ],
)
def test_bad_input_is_refused_in_one_line(front: keras.Model, photographs: np.ndarray, change: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        frozen_features(front, **{"images": photographs, **change})


KILLED = """
import sys
import numpy as np
from keras_suite.experiments.feature_cache import frozen, store
from tests.experiments.feature_cache.test_frozen import front_of
store.COMMIT_SECONDS = 0.0
forward = frozen._outputs
def told(*arguments):
    inner = forward(*arguments)
    def told_forward(*batch):
        print("batch", flush=True)
        return inner(*batch)
    return told_forward
frozen._outputs = told
frozen.frozen_features(front_of(), np.load(sys.argv[1]))
"""


@pytest.mark.slow
def test_killed_in_mid_filling_the_next_computes_only_the_rest(photographs: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", photographs)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "images.npy")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    rest = frozen_features(front_of(), photographs)
    assert 200 - 7 * 32 <= rest.computed <= 200 - 3 * 32
    own = front_of()(photographs.astype(np.float32), training=False).numpy()
    np.testing.assert_allclose(values(rest), own, rtol=1e-4, atol=1e-5)
