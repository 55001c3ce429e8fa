"""Read files of weights as arrays by layer, whichever of these layouts they have. Nothing is built or changed.

.h5           Keras's older layout: a group for each layer, in order, named in the attribute `layer_names`
.weights.h5   Keras 3's `save_weights`: groups by kind of layer; the layer's name is an attribute of its `vars`
.keras        a whole model: an archive of such a .weights.h5 and a config.json
.pth          PyTorch's older format, of the packaged ImageNet weights; see `torch_weights.py`

HDF5's library takes a damaged file's word for where things are: of 5,300 files with a few bytes changed, 2 crashed the
process that opened them, and 1 kept it busy without end (h5py 3.14). So another process reads a file first.
"""

import contextlib
import functools
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np

from keras_suite.models.transfer.torch_weights import NamedArray, layers_in_file
from keras_suite.tasks.reading.archives import most_weights, zip_member
from keras_suite.tasks.reading.files import damage_named, open_file, read_at_most, size_of
from keras_suite.tasks.reading.text import parse_json

Arrays = tuple[h5py.Dataset | NamedArray, ...]  # datasets are read from the disk by `values`, when they are used

_EXPECTED, _REMEDY = "a file of Keras's weights", "copy it anew; it was left as it is"
_LARGEST_CONFIG = 64 * 2**20  # bytes
_MOST_GROUPS, _DEEPEST = 100_000, 64  # of a file; Keras's own networks have a few hundred groups, 3 deep
_SECONDS, _BYTES_A_SECOND = 30, 10 * 2**20  # how long the other process may read

_WEIGHTS, _CONFIG = "model.weights.h5", "config.json"  # of a .keras archive


@dataclass(frozen=True)
class WeightsFile:
    """An open file.

    Attributes:
        path: of the file.
        layers: the arrays of each layer that has any, in the order of `layer.weights`.
        ordered: whether the layers come in the order of the network's graph.
        layer_configs: of a .keras file, those of all layers in that order.
    """

    path: Path
    layers: Mapping[str, Arrays]
    ordered: bool
    layer_configs: tuple[Mapping[str, Any], ...] | None = None


@contextlib.contextmanager
def opened(path: Path) -> Iterator[WeightsFile]:
    """Open the weights file at `path`.

    Raises:
        FileNotFoundError, ValueError: say what is wrong with it.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"there is no weights file {path}: expected model.weights=random, imagenet, or the path of a .h5, "
            ".weights.h5 or .keras file"
        )
    if path.suffix == ".pth":
        yield WeightsFile(path, layers_in_file(path), ordered=True)
        return
    with open_file(path, expected=_EXPECTED):
        pass
    found = path.stat()
    _require_survivable(path, found.st_mtime_ns, found.st_size)
    with _opened(path) as file:
        yield file


def values(file: WeightsFile, arrays: Arrays) -> list[np.ndarray]:
    """Read a layer's arrays; ValueError if they cannot be read, or have values that are no numbers."""
    with damage_named(file.path, _EXPECTED, _REMEDY):
        read = [np.asarray(array) for array in arrays]
    for array, name in zip(read, (array.name for array in arrays), strict=True):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{file.path} holds values in {name} that are no finite numbers: {_REMEDY}")
    return read


# -- the other process -------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=16)
def _require_survivable(path: Path, changed: int, size: int) -> None:
    """Raise ValueError if reading the file ends a process, or takes far longer than it should."""
    code = f"import sys; from {__name__} import read_everything; read_everything(sys.argv[1])"
    ended: int | None = None
    with contextlib.suppress(subprocess.TimeoutExpired):
        ended = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,  # what it says is said here again
            timeout=_SECONDS + size / _BYTES_A_SECOND,
            check=False,
        ).returncode
    if ended not in (0, 1):  # 1 after any error of Python's, which comes again here and is named
        happened = "HDF5's library does not come to an end with it" if ended is None else "HDF5's library crashes on it"
        raise ValueError(f"{path} cannot be read as {_EXPECTED} ({happened}): {_REMEDY}")


def read_everything(path: str) -> None:
    """Open a weights file and read each of its arrays: what crashes a process does so here."""
    with _opened(Path(path)) as file:
        for arrays in file.layers.values():
            with contextlib.suppress(Exception):  # of this layer only, which may not be asked for
                values(file, arrays)


# -- the layouts -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[WeightsFile]:
    with contextlib.ExitStack() as stack:
        with damage_named(path, _EXPECTED, _REMEDY):
            configs = None
            content: BinaryIO = stack.enter_context(open_file(path, expected=_EXPECTED))
            size = path.stat().st_size
            if path.suffix == ".keras":
                content, configs = _archive_members(content, size)
            file = stack.enter_context(h5py.File(content, "r"))
            ordered = _older_layout(file)
            layers = ordered or _keras_3_layout(file)
            for arrays in layers.values():
                for array in arrays:
                    _require_plain(array, most_weights(size))
        if not layers:
            raise ValueError(
                f"{path} is of another layout: it holds neither Keras's `layer_names` nor Keras 3's `vars` with weights"
            )
        yield WeightsFile(path, layers, bool(ordered), configs)


def _archive_members(file: BinaryIO, size: int) -> tuple[BinaryIO, tuple[Mapping[str, Any], ...]]:
    """Return the weights of a .keras file and its layers' configs; none for a model that is no graph of layers."""
    with zipfile.ZipFile(file) as archive:
        with zip_member(archive, _CONFIG, at_most=_LARGEST_CONFIG) as member:
            config = parse_json(read_at_most(member, _LARGEST_CONFIG))["config"]
        layers = config.get("layers", ()) if isinstance(config, dict) else ()
        for layer in layers:
            if not isinstance(layer["class_name"], str) or not isinstance(layer["config"], dict):
                raise ValueError(f"{_CONFIG} in it describes no layers")
        with zip_member(archive, _WEIGHTS, at_most=most_weights(size)) as member:
            return io.BytesIO(read_at_most(member, most_weights(size))), tuple(layers)


def _older_layout(file: h5py.File) -> dict[str, Arrays]:
    root = _member(file, "model_weights") if "model_weights" in file else file
    groups = {name: _member(root, name) for name in _names(root, "layer_names")}
    arrays = {
        name: tuple(_member(group, each) for each in _names(group, "weight_names")) for name, group in groups.items()
    }
    return {name: datasets for name, datasets in arrays.items() if datasets}


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """Return a list of names; one that is too long for an attribute is in several, counted from 0."""
    if attribute in group.attrs:
        parts = [group.attrs[attribute]]
    else:
        parts = []
        while f"{attribute}{len(parts)}" in group.attrs:
            parts.append(group.attrs[f"{attribute}{len(parts)}"])
    return [name.decode() if isinstance(name, bytes) else str(name) for part in parts for name in part]


def _keras_3_layout(file: h5py.File) -> dict[str, Arrays]:
    layers: dict[str, Arrays] = {}
    waiting: list[tuple[h5py.Group, int]] = [(file, 0)]
    count = 0
    while waiting:
        group, depth = waiting.pop()
        count += 1
        if count > _MOST_GROUPS or depth > _DEEPEST:
            raise ValueError(f"it has more than {_MOST_GROUPS:,} groups, or more than {_DEEPEST} in each other")
        if group.name.rpartition("/")[2] == "vars" and "name" in group.attrs and len(group):
            layers[str(group.attrs["name"])] = tuple(_member(group, str(i)) for i in range(len(group)))
            continue
        inside = [_member(group, name) for name in group]
        waiting += [(each, depth + 1) for each in reversed(inside) if isinstance(each, h5py.Group)]
    return layers


def _member(group: h5py.Group, path: str) -> Any:
    """Return what is at a path inside a group. Links, which may lead to other files, are not followed."""
    found: Any = group
    for name in filter(None, path.split("/")):
        if not isinstance(found.get(name, getlink=True), h5py.HardLink):
            raise ValueError(f"{name!r} in it is missing, or a link")
        found = found[name]
    return found


def _require_plain(array: Any, at_most: int) -> None:
    """Raise ValueError unless it is an array of numbers that lie in this file."""
    if not isinstance(array, h5py.Dataset) or array.dtype.kind not in "fiubV":
        raise ValueError("one of its weights is no array of numbers")
    if array.is_virtual or array.external:
        raise ValueError(f"the numbers of {array.name} lie in another file")
    if array.nbytes > at_most:
        raise ValueError(f"{array.name} says that it has {size_of(array.nbytes)}, far more than the file")
