"""Real digits in the layouts of Keras's files stand for the datasets that cannot be had everywhere."""

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.options import resized

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Keras cache."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets"


@pytest.fixture
def folder(tmp_path: Path, home: Path) -> Path:
    """An empty data folder."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture(scope="module")
def grey() -> Arrays:
    """200 + 100 digits at 28x28, as MNIST's arrays."""
    source = digits(None, image_size=(28, 28))
    return source.images[:200, ..., 0], source.labels[:200], source.test_images[:100, ..., 0], source.test_labels[:100]


@pytest.fixture(scope="module")
def colour() -> Arrays:
    """200 + 100 digits at 32x32 in three channels that differ."""
    source = digits(None)

    def coloured(images: np.ndarray) -> np.ndarray:
        large = resized(images, (32, 32))
        return np.concatenate([large, large // 2, 255 - large], axis=3)

    return (
        coloured(source.images[:200]),
        source.labels[:200],
        coloured(source.test_images[:100]),
        source.test_labels[:100],
    )


def write_npz(path: Path, arrays: Arrays) -> None:
    np.savez_compressed(path, **dict(zip(("x_train", "y_train", "x_test", "y_test"), arrays, strict=True)))


def write_idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(header + array.astype(np.uint8).tobytes()))


def write_fashion(folder: Path, arrays: Arrays) -> None:
    folder.mkdir(parents=True)
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    for name, array in zip(names, arrays, strict=True):
        write_idx(folder / f"{name}-ubyte.gz", array)


def cifar_batch(images: np.ndarray, labels: np.ndarray, key: bytes = b"labels") -> bytes:
    flat = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
    return pickle.dumps({b"data": flat, key: labels.tolist()}, protocol=2)


def write_cifar10(folder: Path, arrays: Arrays) -> None:
    folder.mkdir(parents=True)
    images, labels, test_images, test_labels = arrays
    for batch in range(5):
        rows = slice(40 * batch, 40 * (batch + 1))
        (folder / f"data_batch_{batch + 1}").write_bytes(cifar_batch(images[rows], labels[rows]))
    (folder / "test_batch").write_bytes(cifar_batch(test_images, test_labels))
