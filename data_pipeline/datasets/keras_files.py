"""Read the files that Keras's own datasets come in. Damaged ones are named, and never removed."""

import io
import math
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.tasks.reading.archives import opened_gzip, tar_members
from keras_suite.tasks.reading.arrays import read_npz as read_arrays
from keras_suite.tasks.reading.files import damage_named, read_at_most, read_file, size_of

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # train images, labels, test images, labels

LARGEST = 2**30  # bytes of a file, and of all arrays in it: MNIST has 55 MB, CIFAR-10 184 MB
_KEPT = "get it anew, it was left as it is"
_NAMES = ("x_train", "y_train", "x_test", "y_test")


def read_npz(path: Path) -> Arrays:
    """Read Keras's layout: arrays `x_train`, `y_train`, `x_test`, `y_test` in one `.npz`, no pickles."""
    expected = "an .npz with x_train, y_train, x_test and y_test"
    with damage_named(path, expected, _KEPT):
        images, labels, test_images, test_labels = read_arrays(path, _NAMES, at_most=LARGEST, expected=expected)
    return images, labels, test_images, test_labels


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
    expected = "a gzipped IDX file"
    try:
        with damage_named(path, expected, _KEPT), opened_gzip(path, at_most=LARGEST, expected=expected) as content:
            start = content.read(4)
            if len(start) < 4 or start[:3] != b"\0\0\x08":
                raise ValueError("it does not begin as an IDX file of bytes")
            shape = np.frombuffer(content.read(4 * start[3]), ">u4", count=start[3]).tolist()
            if (needed := math.prod(shape)) > LARGEST:
                raise ValueError(f"it says that it has {size_of(needed)}, more than the {size_of(LARGEST)} it may have")
            return np.frombuffer(read_at_most(content, needed), np.uint8).reshape(shape)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing: put all four *-ubyte.gz files into {path.parent}") from None


# -- CIFAR -------------------------------------------------------------------------------------------------------------


def read_cifar(path: Path) -> Arrays:
    """Read CIFAR-10's or CIFAR-100's "python version": the extracted folder, or its .tar.gz without extracting it."""
    with damage_named(path, "CIFAR's python version, all of its batch files", _KEPT):
        members = _cifar_members(path)
        if "data_batch_1" in members:
            batches = [_cifar_batch(members[f"data_batch_{i}"], b"labels") for i in range(1, 6)]
            test = _cifar_batch(members["test_batch"], b"labels")
        else:
            batches = [_cifar_batch(members["train"], b"fine_labels")]
            test = _cifar_batch(members["test"], b"fine_labels")
        images = np.concatenate([images for images, _ in batches])
        return images, np.concatenate([labels for _, labels in batches]), *test


def _cifar_members(path: Path) -> dict[str, bytes]:
    names = {"train", "test", "test_batch", *(f"data_batch_{i}" for i in range(1, 6))}
    if path.is_dir():
        return {file.name: read_file(file, at_most=LARGEST) for file in path.iterdir() if file.name in names}
    members: dict[str, bytes] = {}
    left = LARGEST
    for member, content in tar_members(
        path, at_most=LARGEST, is_wanted=lambda member: member.isreg() and member.name.rsplit("/", 1)[-1] in names
    ):
        name, content = member.name.rsplit("/", 1)[-1], content or b""
        left -= len(content)
        if name in members or left < 0:
            raise ValueError(
                f"it holds {name!r} twice" if name in members else f"it holds more than {size_of(LARGEST)}"
            )
        members[name] = content
    return members


def _cifar_batch(content: bytes, label_key: bytes) -> tuple[np.ndarray, np.ndarray]:
    _require_plain_memo(content)
    batch = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
    data, labels = batch[b"data"], batch[label_key]
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.nbytes > len(content):
        raise ValueError("its images are no array of bytes")
    if not isinstance(labels, list) or not all(type(label) is int and 0 <= label < 2**31 for label in labels):
        raise ValueError("its labels are no list of whole numbers")
    return data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), np.array(labels, np.int64)


def _require_plain_memo(content: bytes) -> None:
    """Raise ValueError where a pickle's memo has larger numbers than it has objects: memory is taken up to these."""
    for count, (opcode, argument, _) in enumerate(pickletools.genops(content)):
        if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and not 0 <= int(argument or 0) <= count:
            raise ValueError("it numbers objects that it does not have")


class _ArraysOnly(pickle.Unpickler):
    """Unpickles plain containers and NumPy arrays; anything that could run code or take memory is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "numpy" and name in ("_reconstruct", "ndarray", "dtype"):
            return {"_reconstruct": _empty_array, "ndarray": None, "dtype": np.dtype}[name]
        if (module, name) == ("_codecs", "encode"):
            return _latin_bytes
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no array")


def _empty_array(kind: object, shape: object, type_code: object) -> np.ndarray:
    """Return what a pickled array begins as, whatever size it asks for; its state then brings shape and bytes."""
    return np.empty(0, np.uint8)


def _latin_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes that protocol 2 writes as text."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"it asks for the encoding {encoding!r}")
    return text.encode("latin-1")
