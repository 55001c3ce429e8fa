"""Read files of weights as arrays by layer, whichever of Keras's three layouts they have. Nothing is built or changed.

.h5           Keras's older layout: a group for each layer, in order, named in the attribute `layer_names`
.weights.h5   Keras 3's `save_weights`: groups by kind of layer; the layer's name is an attribute of its `vars`
.keras        a whole model: an archive of such a .weights.h5 and a config.json
"""

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import h5py

Arrays = tuple[h5py.Dataset, ...]  # read from the disk when they are used


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
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no weights file {path}: expected model.weights=random, imagenet, or the path of a .h5, "
            ".weights.h5 or .keras file"
        )
    with contextlib.ExitStack() as stack:
        configs = None
        content: BinaryIO = stack.enter_context(path.open("rb"))
        if path.suffix == ".keras":
            content, configs = _archive_members(path, content)
        try:
            file = stack.enter_context(h5py.File(content, "r"))
            ordered = _older_layout(file)
            layers = ordered or _keras_3_layout(file)
        except (OSError, KeyError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ValueError(
                f"{path} is no HDF5 file, or was cut off ({reason}): copy it anew; it was left as it is"
            ) from None
        if not layers:
            raise ValueError(
                f"{path} is of another layout: it holds neither Keras's `layer_names` nor Keras 3's `vars` with weights"
            )
        yield WeightsFile(path, layers, bool(ordered), configs)


def _archive_members(path: Path, file: BinaryIO) -> tuple[BinaryIO, tuple[Mapping[str, Any], ...]]:
    """Return the weights of a .keras file and its layers' configs; none for a model that is no graph of layers."""
    try:
        with zipfile.ZipFile(file) as archive:
            config = json.loads(archive.read("config.json"))
            return io.BytesIO(archive.read("model.weights.h5")), tuple(config["config"].get("layers", ()))
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError):
        raise ValueError(f"{path} is no .keras file, or was cut off: copy it anew; it was left as it is") from None


def _older_layout(file: h5py.File) -> dict[str, Arrays]:
    root = file.get("model_weights", file)
    groups = {name: root[name] for name in _names(root, "layer_names")}
    arrays = {name: tuple(group[each] for each in _names(group, "weight_names")) for name, group in groups.items()}
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

    def visit(path: str, group: Any) -> None:
        if path.rpartition("/")[2] == "vars" and "name" in group.attrs and len(group):
            layers[str(group.attrs["name"])] = tuple(group[str(i)] for i in range(len(group)))

    file.visititems(visit)
    return layers
