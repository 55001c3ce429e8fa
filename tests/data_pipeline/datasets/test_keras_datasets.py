"""Real digits in the layouts of Keras's files stand for the sets that cannot be had everywhere."""

import gzip
import importlib
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline import DATASETS
from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.keras_datasets import CIFAR100, cifar10, cifar100, fashion_mnist, mnist
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


@pytest.mark.parametrize("harm", ["cut", "empty", "text", "other keys", "pickles"])
def test_a_damaged_file_is_named_and_kept(folder: Path, grey: Arrays, harm: str) -> None:
    path = folder / "mnist.npz"
    write_npz(path, grey)
    whole = path.read_bytes()
    if harm == "other keys":
        np.savez(path, images=grey[0])
    elif harm == "pickles":
        np.savez(path, x_train=np.array([{}], object), y_train=grey[1], x_test=grey[2], y_test=grey[3])
    else:
        path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"<html>404</html>"}[harm])
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"mnist\.npz is damaged \(.*\); expected an .npz with x_train, y_train"):
        mnist(folder)
    assert path.read_bytes() == before


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


def test_a_damaged_or_incomplete_idx_folder_is_named(folder: Path, grey: Arrays) -> None:
    write_fashion(folder / "fashion-mnist", grey)
    labels = folder / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz"
    whole = labels.read_bytes()
    for content in (whole[:20], b"text", gzip.compress(b"text")):
        labels.write_bytes(content)
        with pytest.raises(ValueError, match=r"t10k-labels-idx1-ubyte.gz is damaged"):
            fashion_mnist(folder)
    labels.unlink()
    with pytest.raises(FileNotFoundError, match=r"t10k-labels.* is missing: put all four"):
        fashion_mnist(folder)


def test_a_damaged_cifar_is_named(folder: Path, tmp_path: Path, colour: Arrays) -> None:
    write_cifar10(folder / "cifar-10-batches-py", colour)
    (folder / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(ValueError, match=r"cifar-10-batches-py is damaged \(KeyError: 'data_batch_3'\)"):
        cifar10(folder)
    (folder / "cifar-10-batches-py" / "data_batch_3").write_bytes(b"not a pickle")
    with pytest.raises(ValueError, match="is damaged"):
        cifar10(folder)


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('ran foreign code')",)


def test_a_pickle_cannot_run_code(folder: Path, colour: Arrays) -> None:
    write_cifar10(folder / "cifar-10-batches-py", colour)
    content = io.BytesIO()
    pickle.dump({b"data": Harmful(), b"labels": []}, content, protocol=2)
    (folder / "cifar-10-batches-py" / "data_batch_1").write_bytes(content.getvalue())
    with pytest.raises(ValueError, match=r"it asks for .*exec, which is no array"):
        cifar10(folder)


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
