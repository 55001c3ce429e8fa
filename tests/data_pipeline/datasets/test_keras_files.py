"""Keras's files: damaged ones are named and left as they are, and no pickle runs code."""

import gzip
import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.keras_datasets import cifar10, fashion_mnist, mnist
from tests.data_pipeline.datasets.conftest import Arrays, write_cifar10, write_fashion, write_npz


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
    with pytest.raises(ValueError, match=r"mnist\.npz cannot be read as an .npz with x_train, y_train.*\(.*\): get it"):
        mnist(folder)
    assert path.read_bytes() == before


def test_a_damaged_or_incomplete_idx_folder_is_named(folder: Path, grey: Arrays) -> None:
    write_fashion(folder / "fashion-mnist", grey)
    labels = folder / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz"
    whole = labels.read_bytes()
    for content in (whole[:20], b"text", gzip.compress(b"text")):
        labels.write_bytes(content)
        with pytest.raises(ValueError, match=r"t10k-labels-idx1-ubyte.gz cannot be read as a gzipped"):
            fashion_mnist(folder)
    labels.unlink()
    with pytest.raises(FileNotFoundError, match=r"t10k-labels.* is missing: put all four"):
        fashion_mnist(folder)


def test_a_damaged_cifar_is_named(folder: Path, tmp_path: Path, colour: Arrays) -> None:
    write_cifar10(folder / "cifar-10-batches-py", colour)
    (folder / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(
        ValueError, match=r"cifar-10-batches-py cannot be read as CIFAR's.*\(KeyError: 'data_batch_3'\)"
    ):
        cifar10(folder)
    (folder / "cifar-10-batches-py" / "data_batch_3").write_bytes(b"not a pickle")
    with pytest.raises(ValueError, match="cannot be read as CIFAR"):
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
