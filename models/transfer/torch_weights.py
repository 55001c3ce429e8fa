"""Read weights that PyTorch saved in its older format as arrays in Keras's layouts, without PyTorch.

Such a file is a pickle, which may name any function to be called. Here three kinds of names are known: the dictionary,
the tensor, and the type of its numbers; any other is refused, and nothing is run. After the pickle come the numbers,
storage by storage.
"""

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from keras_suite.tasks.reading.files import damage_named, open_file

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_TYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
_MOST_BYTES = 2**30
_EXPECTED, _REMEDY = "a file of PyTorch's weights", "install its package anew; it was left as it is"
_COUNTERS = "num_batches_tracked"  # of batch normalisation, which Keras does not count


@dataclass(frozen=True)
class NamedArray:
    """The numbers of one weight."""

    name: str
    values: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.values, dtype)


def layers_in_file(path: Path) -> dict[str, tuple[NamedArray, ...]]:
    """Return the arrays of each layer as Keras orders and lays them out, by the layers' names in the file, in order.

    Kernels (outputs, inputs, height, width) become (height, width, inputs, outputs), those of depthwise convolutions,
    (channels, 1, height, width), become (height, width, channels, 1), matrices are transposed.

    Raises:
        ValueError: If it is no such file, or names anything but tensors.
    """
    layers: dict[str, list[NamedArray]] = {}
    for name, values in tensors(path).items():
        layer, _, weight = name.rpartition(".")
        if weight != _COUNTERS:
            layers.setdefault(layer, []).append(NamedArray(name, _in_keras_layout(values)))
    return {layer: tuple(arrays) for layer, arrays in layers.items()}


def _in_keras_layout(values: np.ndarray) -> np.ndarray:
    if values.ndim == 4 and values.shape[1] == 1 < values.shape[0]:
        return values.transpose(2, 3, 0, 1)
    return values.transpose(2, 3, 1, 0) if values.ndim == 4 else values.T


def tensors(path: Path) -> Mapping[str, np.ndarray]:
    """Return the tensors of a file as arrays, by name. Raises what `layers_in_file` raises."""
    with damage_named(path, _EXPECTED, _REMEDY), open_file(path, expected=_EXPECTED) as file:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")
        magic, protocol, system, found, keys = (_Tensors(file).load() for _ in range(5))
        if magic != _MAGIC or protocol != _PROTOCOL or not system.get("little_endian"):
            raise ValueError("it begins as no such file does")
        if not isinstance(found, dict) or not all(isinstance(each, _Tensor) for each in found.values()):
            raise ValueError("it holds something else than tensors")
        types = {tensor.storage.key: tensor.storage.type for tensor in found.values()}
        storages = {key: _numbers(file, types[key]) for key in keys}
        return {name: tensor.strided(storages[tensor.storage.key]) for name, tensor in found.items()}


def _numbers(file: BinaryIO, kind: np.dtype) -> np.ndarray:
    """Read the next storage: a count, and so many numbers."""
    count = int.from_bytes(file.read(8), "little")
    if count > _MOST_BYTES:
        raise ValueError("a storage is longer than the file")
    content = file.read(count * kind.itemsize)
    if len(content) < count * kind.itemsize:
        raise EOFError("its end is missing")
    return np.frombuffer(content, kind)


@dataclass(frozen=True)
class _Storage:
    key: str
    type: np.dtype


@dataclass(frozen=True)
class _Tensor:
    """A view of a storage: numbers from `offset` on, `stride` apart along each side."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def strided(self, numbers: np.ndarray) -> np.ndarray:
        """Return the array, a copy. Raises ValueError if it would reach beyond the storage."""
        whole = all(type(each) is int and each >= 0 for each in (self.offset, *self.size, *self.stride))
        if not whole or len(self.size) != len(self.stride):
            raise ValueError("a tensor has no shape")
        last = self.offset + sum((size - 1) * step for size, step in zip(self.size, self.stride, strict=True))
        if 0 in self.size or last >= len(numbers):
            raise ValueError("a tensor is larger than its storage")
        steps = [step * numbers.itemsize for step in self.stride]
        return np.array(np.lib.stride_tricks.as_strided(numbers[self.offset :], self.size, steps))


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> _Tensor:
    if not isinstance(storage, _Storage) or not isinstance(size, tuple) or not isinstance(stride, tuple):
        raise pickle.UnpicklingError("a tensor without a storage")
    return _Tensor(storage, offset, size, stride)


class _Tensors(pickle.Unpickler):
    """Reads pickles that name nothing but tensors."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is no part of a tensor")

    def persistent_load(self, key: Any) -> _Storage:
        if not (isinstance(key, tuple) and len(key) == 6 and key[0] == "storage" and isinstance(key[2], str)):
            raise pickle.UnpicklingError("a storage that is none")
        if not isinstance(key[1], np.dtype) or key[5] is not None:
            raise pickle.UnpicklingError("a storage of another kind")
        return _Storage(key[2], key[1])
