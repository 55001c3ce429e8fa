"""Real digits in the layouts of Keras's files stand for the sets that cannot be had everywhere."""

import importlib
import tarfile
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline import DATASETS
from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import CIFAR100, cifar10, cifar100, fashion_mnist, mnist
from tests.data_pipeline.datasets.conftest import (
    Arrays,
    cifar_batch,
    write_cifar10,
    write_fashion,
    write_npz,
)


def assert_holds(dataset: Dataset, arrays: Arrays) -> None:
    images, labels, test_images, test_labels = arrays
    assert (dataset.images.reshape(images.shape) == images).all() and (dataset.labels == labels).all()
    assert (dataset.test_images.reshape(test_images.shape) == test_images).all()
    assert (dataset.test_labels == test_labels).all() and dataset.labels.dtype == np.int64


def test_all_datasets_in_the_table_exist() -> None:
    for name, place in DATASETS.items():
        module, function = place.split(":")
        assert callable(getattr(importlib.import_module(module), function)), name


def test_npz_in_the_data_folder(folder: Path, grey: Arrays, colour: Arrays) -> None:
    for build, name, arrays in (
        (mnist, "mnist", grey),
        (fashion_mnist, "fashion_mnist", grey),
        (cifar10, "cifar10", colour),
    ):
        write_npz(folder / f"{name}.npz", arrays)
        assert_holds(build(folder), arrays)


def test_fashion_mnist_from_idx_files(folder: Path, grey: Arrays) -> None:
    write_fashion(folder / "fashion-mnist", grey)
    dataset = fashion_mnist(folder)
    assert_holds(dataset, grey)
    assert dataset.class_names[9] == "ankle boot"


def test_cifar10_from_folder_and_archive(folder: Path, home: Path, tmp_path: Path, colour: Arrays) -> None:
    write_cifar10(tmp_path / "cifar-10-batches-py", colour)
    with tarfile.open(folder / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "cifar-10-batches-py", arcname="cifar-10-batches-py")
    from_archive = cifar10(folder)
    assert_holds(from_archive, colour)
    write_cifar10(folder / "cifar-10-batches-py", colour)
    assert_holds(cifar10(folder), colour)
    # The same pixels are the same data, in whatever file they lie.
    assert cifar10(folder).fingerprint == from_archive.fingerprint
    write_npz(folder / "cifar10.npz", colour)
    assert cifar10(folder).fingerprint == from_archive.fingerprint


def test_cifar100_reads_the_fine_labels(folder: Path, colour: Arrays) -> None:
    images, _, test_images, _ = colour
    labels, test_labels = np.repeat(np.arange(100), 2), np.arange(100)
    (folder / "cifar-100-python").mkdir()
    (folder / "cifar-100-python" / "train").write_bytes(cifar_batch(images, labels, b"fine_labels"))
    (folder / "cifar-100-python" / "test").write_bytes(cifar_batch(test_images, test_labels, b"fine_labels"))
    dataset = cifar100(folder)
    assert_holds(dataset, (images, labels, test_images, test_labels))
    assert len(dataset.class_names) == len(set(CIFAR100)) == 100 and dataset.class_names[99] == "worm"


def test_keras_cache_is_used_before_any_download(home: Path, colour: Arrays, grey: Arrays) -> None:
    write_cifar10(home / "cifar-10-batches-py-target" / "cifar-10-batches-py", colour)
    assert_holds(cifar10(None), colour)
    write_npz(home / "mnist.npz", grey)
    assert_holds(mnist(None), grey)


def test_the_data_folder_comes_before_keras_cache(folder: Path, home: Path, grey: Arrays) -> None:
    home.mkdir(parents=True)
    write_npz(home / "mnist.npz", (grey[2], grey[3], grey[0], grey[1]))
    write_npz(folder / "mnist.npz", grey)
    assert_holds(mnist(folder), grey)


def test_grey_levels_can_be_repeated_in_three_channels(folder: Path, grey: Arrays) -> None:
    write_npz(folder / "mnist.npz", grey)
    once, thrice = mnist(folder), mnist(folder, channels=3)
    assert thrice.image_shape == (28, 28, 3)
    for before, after in ((once.images, thrice.images), (once.test_images, thrice.test_images)):
        assert all((after[..., channel] == before[..., 0]).all() for channel in range(3))
    assert thrice.fingerprint == once.fingerprint


def test_a_download_is_used(folder: Path, grey: Arrays, monkeypatch: pytest.MonkeyPatch) -> None:
    keras_mnist = importlib.import_module("keras.datasets.mnist")
    monkeypatch.setattr(keras_mnist, "load_data", lambda: (grey[:2], grey[2:]))
    assert_holds(mnist(folder), grey)


def test_an_unreachable_download_says_what_to_put_where(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> None:
        raise Exception(
            "URL fetch failure on https://host/mnist.npz: None -- [Errno -2] Name or service not known\nmore"
        )

    monkeypatch.setattr(importlib.import_module("keras.datasets.mnist"), "load_data", unreachable)
    with pytest.raises(FileNotFoundError) as said:
        mnist(folder)
    assert str(said.value).endswith(f"put mnist.npz into {folder}") and "\n" not in str(said.value)
    assert "URL fetch failure" in str(said.value)


def test_a_missing_data_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"data folder .*nowhere does not exist: create it"):
        mnist(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: (a[0].astype(np.float32), *a[1:]), "train part holds float32 images of shape"),
        (lambda a: (a[0], a[1][:-1], *a[2:]), "with 199 labels"),
        (lambda a: (a[0], a[1] + 1, *a[2:]), r"train labels are int64 from 1 to 10; expected 0\.\.9"),
        (lambda a: (a[0], a[1], a[2][:0], a[3][:0]), "test part holds uint8 images of shape"),
    ],
)
def test_arrays_of_another_kind_are_refused(folder: Path, grey: Arrays, change: object, message: str) -> None:
    write_npz(folder / "mnist.npz", change(grey))  # type: ignore[operator]
    with pytest.raises(ValueError, match=message):
        mnist(folder)


@pytest.mark.needs_data
def test_real_mnist(data_dir: Path) -> None:
    dataset = mnist(data_dir)
    assert dataset.images.shape == (60000, 28, 28, 1) and dataset.test_images.shape == (10000, 28, 28, 1)
    assert dataset.labels[:5].tolist() == [5, 0, 4, 1, 9]
    whole = np.concatenate([dataset.images, dataset.test_images])
    assert abs(dataset.images.mean() - 33.318) < 0.001 and whole.max() == 255


@pytest.mark.needs_data
@pytest.mark.slow
def test_real_cifar10_from_jpegs(data_dir: Path) -> None:
    dataset = cifar10(data_dir)
    assert dataset.images.shape == (50000, 32, 32, 3) and dataset.test_images.shape == (10000, 32, 32, 3)
    assert dataset.class_names[0] == "airplane" and np.bincount(dataset.labels).tolist() == [5000] * 10
    assert 115 < dataset.images.mean() < 125 and "re-encoded as JPEG" in dataset.notes[0]
