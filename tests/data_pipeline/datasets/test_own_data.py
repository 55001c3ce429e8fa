import functools
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.given import assembly, passes
from keras_suite.data_pipeline.datasets.given.assembly import ArrayOptions
from keras_suite.data_pipeline.datasets.own_data import dataset_of
from keras_suite.data_pipeline.images import decoded_images, memory
from keras_suite.data_pipeline.pipeline import training_stream
from keras_suite.data_pipeline.splits import split
from keras_suite.data_pipeline.targets import targets_of
from tests.conftest import REPOSITORY
from tests.data_pipeline.conftest import WriteTree

IMAGES = np.round(load_digits().images * (255 / 16)).astype(np.uint8)
LABELS = load_digits().target
TRAIN, TEST = (IMAGES[:1500], LABELS[:1500]), (IMAGES[1500:], LABELS[1500:])


class Mine:
    """A user's function that counts its calls."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make, self.calls = make, 0

    def __call__(self) -> Any:
        self.calls += 1
        return self.make()

    def dataset(self, key: str = "k", **shared: Any) -> Dataset:
        return dataset_of(self, name="mine.py:digits", key=key, shared=ArrayOptions(**shared))


def slices(part: Any = (IMAGES, LABELS)) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices(part)


class Batches(keras.utils.PyDataset):
    def __init__(self, part: Any = (IMAGES, LABELS)) -> None:
        super().__init__()
        self.part = part

    def __len__(self) -> int:
        return -(-len(self.part[0]) // 100)

    def __getitem__(self, index: int) -> Any:
        rows = slice(100 * index, 100 * (index + 1))
        return self.part[0][rows] / 255, self.part[1][rows]


WHOLE = [
    lambda: (IMAGES, LABELS),
    lambda: {"images": IMAGES, "labels": LABELS},
    slices,
    lambda: slices().batch(32),
    lambda: slices((IMAGES.astype(np.float32) / 255, np.eye(10)[LABELS])).batch(50),
    Batches,
]
PAIRS = [
    lambda: (TRAIN, TEST),
    lambda: {"x_train": TRAIN[0], "y_train": TRAIN[1], "x_test": TEST[0], "y_test": TEST[1]},
    lambda: (slices(TRAIN), slices(TEST).batch(9)),
    lambda: (Batches(TRAIN), Batches(TEST)),
    lambda: {"train": slices(TRAIN), "test": slices(TEST)},
]


@pytest.mark.usefixtures("cache")
def test_whatever_the_form_the_dataset_is_the_same() -> None:
    for forms, counts in ((WHOLE, (1438, 359)), (PAIRS, (1500, 297))):
        datasets = [Mine(make).dataset(f"{number}{counts}") for number, make in enumerate(forms)]
        first = datasets[0]
        assert (len(first.images), len(first.test_images)) == counts and first.name == "mine.py:digits"
        assert len({dataset.fingerprint for dataset in datasets}) == 1
        for other in datasets[1:]:
            assert np.array_equal(other.images, first.images) and np.array_equal(other.labels, first.labels)
            assert np.array_equal(other.test_images, first.test_images) and other.class_names == first.class_names
        assert [dataset.notes for dataset in datasets].count(()) >= 4  # else: of 0..1, scaled


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("make", [*WHOLE, *PAIRS, lambda: digits(None)])
def test_the_function_is_called_once_whatever_the_options_are(make: Callable[[], Any]) -> None:
    mine = Mine(make)
    first, second = mine.dataset(), mine.dataset()
    assert mine.calls == 1 and first.fingerprint == second.fingerprint
    assert np.array_equal(first.images, second.images) and np.array_equal(first.test_labels, second.test_labels)
    small = mine.dataset(limit=100, image_size=(4, 4), classes=(1, 2), label_noise=0.1)
    assert mine.calls == 1 and small.images.shape[1:] == (4, 4, 1) and small.limit == 100
    mine.dataset("another key")
    assert mine.calls == 2


PROCESS = """
import sys
from keras_suite.data_pipeline.datasets.own_data import dataset_of

def mine():
    raise SystemExit("called again")

dataset = dataset_of(mine, name="mine.py:digits", key="k", shared={"limit": 100})
print(dataset.fingerprint, dataset.images.shape, dataset.notes)
"""


@pytest.mark.usefixtures("cache")
def test_another_process_calls_no_function() -> None:
    dataset = Mine(lambda: slices().shuffle(1797)).dataset()
    done = subprocess.run([sys.executable, "-c", PROCESS], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.split()[0] == dataset.fingerprint and "change in order" in done.stdout


@pytest.mark.usefixtures("cache")
def test_what_changes_from_pass_to_pass_is_said_and_what_was_first_is_kept() -> None:
    mine = Mine(lambda: (slices(TRAIN).shuffle(1500), slices(TEST)))
    first = mine.dataset()
    assert first.notes == ("the images change in order or content from pass to pass: what was seen first is kept",)
    assert np.array_equal(mine.dataset().images, first.images) and mine.calls == 1
    assert np.array_equal(first.test_images[..., 0], TEST[0])
    assert sorted(image.tobytes() for image in first.images) == sorted(image.tobytes() for image in TRAIN[0])


def test_a_folder_that_keras_reads_keeps_the_names_of_its_classes(write_tree: WriteTree) -> None:
    tree = write_tree({"train/cat": 6, "train/dog": 6, "test/cat": 3, "test/dog": 3})
    read = functools.partial(keras.utils.image_dataset_from_directory, image_size=(24, 24), verbose=False)
    dataset = Mine(lambda: (read(tree / "train"), read(tree / "test", shuffle=False))).dataset()
    assert dataset.class_names == ("cat", "dog") and dataset.images.shape == (12, 24, 24, 3)
    assert np.array_equal(dataset.test_images[4], np.asarray(Image.open(tree / "test" / "dog" / "001.png")))
    assert dataset.test_labels.tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.usefixtures("cache")
def test_names_angles_and_masks_come_through() -> None:
    words = np.array([f"digit {label}" for label in LABELS])
    for key, returned in enumerate(
        [(IMAGES, words.astype(object)), slices((IMAGES, words)), slices((IMAGES, words)).batch(8)]
    ):
        assert Mine(lambda returned=returned: returned).dataset(str(key)).class_names[3] == "digit 3"  # type: ignore[misc]
    degrees = np.linspace(0, 90, len(IMAGES))
    angles = Mine(lambda: slices((IMAGES, degrees)).batch(10)).dataset("angles", task="angle")
    assert angles.task == "angle" and angles.targets is not None and angles.targets.shape == (1438, 1)
    masks = Mine(lambda: slices((IMAGES, (IMAGES > 99).astype(np.uint8)))).dataset("masks", task="mask")
    assert masks.targets is not None and np.array_equal(masks.targets, masks.images[..., 0] > 99)


@pytest.mark.usefixtures("cache")
def test_large_results_stay_on_disk_and_are_trained_on_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", 20_000)
    monkeypatch.setattr(passes, "_BLOCK_IMAGES", 100)
    mine = Mine(lambda: (slices(TRAIN), slices(TEST)))
    for dataset in (mine.dataset(), mine.dataset()):
        assert isinstance(dataset.images, np.memmap) and np.array_equal(dataset.images[..., 0], TRAIN[0])
        assert np.array_equal(dataset.test_images[..., 0], TEST[0]) and np.array_equal(dataset.labels, TRAIN[1])
    stream = training_stream(dataset.images, targets_of(dataset), split(dataset, 1).train, batch_size=4, seed=1)
    assert next(iter(stream))[0].shape == (4, 8, 8, 1) and mine.calls == 1
    drawn = Mine(slices)
    assert len(drawn.dataset("whole").test_images) == 359
    monkeypatch.setattr(memory, "free_bytes", lambda: 10_000)
    monkeypatch.setattr(assembly, "check_fits", memory.check_fits)
    with pytest.raises(ValueError, match=r"1,797 images to draw a test set from need .* give test images, too"):
        drawn.dataset("whole")


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("error", [ValueError("mine"), OSError(5, "mine"), KeyError("mine"), SystemExit(3)])
def test_what_the_function_raises_passes_through_and_nothing_is_kept(error: BaseException, cache: Path) -> None:
    class Broken(Batches):
        def __getitem__(self, index: int) -> Any:
            if index == 3:
                raise error
            return super().__getitem__(index)

    def raises() -> Any:
        raise error

    for make in (raises, Broken):
        mine = Mine(make)
        for _ in range(2):
            with pytest.raises(type(error)) as raised:
                mine.dataset()
            assert raised.value is error
        assert mine.calls == 2
    assert not list((cache / "decoded").glob("*"))


def test_an_error_while_a_large_result_is_written_passes_through(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", 1000)
    monkeypatch.setattr(passes, "_BLOCK_IMAGES", 100)
    error = OSError(5, "the network is gone")

    class Broken(Batches):
        def __getitem__(self, index: int) -> Any:
            if index == 3:
                raise error
            return super().__getitem__(index)

    with pytest.raises(OSError, match="the network is gone") as raised:
        Mine(Broken).dataset()
    assert raised.value is error and not list((cache / "decoded").glob("*"))


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: None, "mine.py:digits returned None: expected (images, labels)"),
        (lambda: (IMAGES, LABELS[1:]), "mine.py:digits: there are 1,797 images and 1,796 labels: give one each"),
        (lambda: slices((IMAGES / 127.5 - 1, LABELS)), "(images + 1) * 127.5 brings"),
        (
            lambda: (slices(TRAIN), slices((TEST[0] / 255, TEST[1]))),
            "test_images are 0..1 and images before them 0..255",
        ),
        (lambda: slices((IMAGES, LABELS * 0)), "labels are 0 throughout"),
        (lambda: slices().repeat(), "never ends"),
        (
            lambda: tf.data.Dataset.range(4).map(lambda n: (tf.zeros((8 + n // 2, 8)), n)),
            "images are of 9x8x1 and others of 8x8x1: give all in one size",
        ),
        (lambda: (slices((IMAGES, np.zeros((1797, 3)))), slices(TEST)), "rows are not one-hot"),
    ],
)
def test_a_result_that_cannot_be_used_is_one_line(make: Callable[[], Any], said: str) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match=re.escape(said)) as error:
            Mine(make).dataset()
        assert str(error.value).startswith("mine.py:digits") and "\n" not in str(error.value)


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "file"))
    mine = Mine(lambda: (IMAGES, LABELS))
    assert len(mine.dataset().images) == len(mine.dataset().images) == 1438 and mine.calls == 2
    assert "could not be kept" in mine.dataset().notes[0]


def test_what_is_kept_damaged_is_made_anew(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = Mine(slices)
    before = mine.dataset().fingerprint
    for name in ("arrays.npz", "images.npy", "entry.json"):
        [path] = cache.glob(f"decoded/*/{name}")
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        assert mine.dataset().fingerprint == before
        assert "are damaged" in capsys.readouterr().err
    assert mine.calls == 4


WAITING = """
import json, sys, time
from pathlib import Path
import numpy as np
from keras_suite.data_pipeline.datasets.own_data import dataset_of

def mine():
    Path(sys.argv[1], f"called-{time.time_ns()}").touch()
    time.sleep(2)
    return np.random.default_rng().integers(0, 256, (50, 8, 8)).astype(np.uint8), np.arange(50) % 2

print(json.dumps(dataset_of(mine, name="mine.py:digits", key="k").fingerprint))
"""


def test_processes_that_begin_at_once_train_on_the_same(cache: Path, tmp_path: Path) -> None:
    start = [sys.executable, "-c", WAITING, str(tmp_path)]
    both = [subprocess.Popen(start, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) for _ in range(2)]
    said = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert said[0] == said[1] and len(list(tmp_path.glob("called-*"))) == 1
