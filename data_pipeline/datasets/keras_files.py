"""Read the files that Keras's own datasets come in. Damaged ones are named, and never removed."""

import gzip
import io
import pickle
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # train images, labels, test images, labels

_DAMAGE = (  # what reading a damaged file, or one of another kind, raises
    ValueError,
    KeyError,
    EOFError,
    OSError,
    IndexError,
    AttributeError,
    TypeError,
    zipfile.BadZipFile,
    zlib.error,
    tarfile.TarError,
    pickle.UnpicklingError,
)


def read_npz(path: Path) -> Arrays:
    """Read Keras's layout: arrays `x_train`, `y_train`, `x_test`, `y_test` in one `.npz`, no pickles."""
    try:
        # NumPy leaves a file that it opened itself open when the archive in it is broken.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return file["x_train"], file["y_train"], file["x_test"], file["y_test"]
    except _DAMAGE as error:
        raise _damaged(path, error, "an .npz with x_train, y_train, x_test and y_test") from None


def read_idx(folder: Path) -> Arrays:
    """Read the folder of four gzipped IDX files that Keras stores Fashion-MNIST in."""
    return (
        _idx(folder / "train-images-idx3-ubyte.gz"),
        _idx(folder / "train-labels-idx1-ubyte.gz"),
        _idx(folder / "t10k-images-idx3-ubyte.gz"),
        _idx(folder / "t10k-labels-idx1-ubyte.gz"),
    )


def _idx(path: Path) -> np.ndarray:
    """Read IDX: two zero bytes, the type (8 = uint8), the number of dimensions, each as big-endian uint32, the data."""
    try:
        content = gzip.decompress(path.read_bytes())
        if content[:3] != b"\0\0\x08":
            raise ValueError("it does not begin as an IDX file of bytes")
        shape = np.frombuffer(content, ">u4", count=content[3], offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3]).reshape(shape)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing: put all four *-ubyte.gz files into {path.parent}") from None
    except _DAMAGE as error:
        raise _damaged(path, error, "a gzipped IDX file") from None


def read_cifar(path: Path) -> Arrays:
    """Read CIFAR-10's or CIFAR-100's "python version": the extracted folder, or its .tar.gz without extracting it."""
    try:
        members = _cifar_members(path)
        if "data_batch_1" in members:
            batches = [_cifar_batch(members[f"data_batch_{i}"], b"labels") for i in range(1, 6)]
            test = _cifar_batch(members["test_batch"], b"labels")
        else:
            batches = [_cifar_batch(members["train"], b"fine_labels")]
            test = _cifar_batch(members["test"], b"fine_labels")
        images = np.concatenate([images for images, _ in batches])
        return images, np.concatenate([labels for _, labels in batches]), *test
    except _DAMAGE as error:
        raise _damaged(path, error, "CIFAR's python version, all of its batch files") from None


def _cifar_members(path: Path) -> dict[str, bytes]:
    names = {"train", "test", "test_batch", *(f"data_batch_{i}" for i in range(1, 6))}
    if path.is_dir():
        return {file.name: file.read_bytes() for file in path.iterdir() if file.name in names}
    members = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = member.name.rsplit("/", 1)[-1]
            content = archive.extractfile(member) if member.isfile() and name in names else None
            if content is not None:
                members[name] = content.read()
    return members


def _cifar_batch(content: bytes, label_key: bytes) -> tuple[np.ndarray, np.ndarray]:
    batch = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
    images = np.asarray(batch[b"data"]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return images, np.asarray(batch[label_key], np.int64)


class _ArraysOnly(pickle.Unpickler):
    """Unpickles plain containers and NumPy arrays; anything that could run code is refused."""

    _ALLOWED = frozenset({"_reconstruct", "ndarray", "dtype", "_frombuffer", "encode"})

    def find_class(self, module: str, name: str) -> Any:
        if name in self._ALLOWED and module.split(".")[0] in ("numpy", "_codecs"):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no array")


def _damaged(path: Path, error: Exception, expected: str) -> ValueError:
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    return ValueError(f"{path} is damaged ({reason}); expected {expected}: get it anew, it was left as it is")
