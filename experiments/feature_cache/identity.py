"""Which networks give the same outputs for good: equal in what they compute, whatever their layers are called.

Names, initializers and their seeds, regularizers, constraints and `trainable` change no output of a finished network in
inference mode, and they do differ between the runs of one experiment, which are to share their features.
"""

import hashlib
import json
from typing import Any

import keras
import numpy as np

_IRRELEVANT = ("_initializer", "_regularizer", "_constraint")


def frozen_identity(model: keras.Model) -> str:
    """Return 32 hex digits that identify the architecture, its precision, and every byte of its weights."""
    digest = hashlib.blake2b(digest_size=16)
    serialised = json.loads(model.to_json())
    digest.update(json.dumps([serialised["class_name"], _network(serialised["config"])], sort_keys=True).encode())
    for weight in model.weights:
        values = np.ascontiguousarray(keras.ops.convert_to_numpy(weight))
        digest.update(f"{values.dtype}{values.shape}".encode())
        digest.update(values.view(np.uint8).data if values.ndim else values.tobytes())
    return digest.hexdigest()


def _network(config: dict[str, Any]) -> dict[str, Any]:
    """Return a Functional or Sequential model's config with its layers numbered instead of named."""
    number = {layer["config"]["name"]: position for position, layer in enumerate(config["layers"])}

    def numbered(value: Any) -> Any:
        """Replace the names of layers that tensors come from by numbers."""
        if isinstance(value, dict):
            items = ((key, value[key]) for key in value)
            return {key: _origin(inner) if key == "keras_history" else numbered(inner) for key, inner in items}
        return [numbered(inner) for inner in value] if isinstance(value, list) else value

    def _origin(tensor: list[Any]) -> list[Any]:
        return [number[tensor[0]], *tensor[1:]]

    def ends(tensors: Any) -> Any:
        """`[name, node, index]`, or a structure of such; a list of one is that one."""
        if isinstance(tensors, list) and len(tensors) == 1:
            return ends(tensors[0])
        if isinstance(tensors, list) and tensors and isinstance(tensors[0], str):
            return _origin(tensors)
        if isinstance(tensors, dict):
            return {key: ends(inner) for key, inner in tensors.items()}
        return [ends(inner) for inner in tensors] if isinstance(tensors, list) else tensors

    layers = []
    for layer in config["layers"]:
        kind = [layer[key] for key in ("module", "class_name", "registered_name")]
        layers.append([*kind, _layer(layer["config"]), numbered(layer.get("inbound_nodes"))])
    return {"layers": layers, "inputs": ends(config.get("input_layers")), "outputs": ends(config.get("output_layers"))}


def _layer(config: dict[str, Any]) -> Any:
    if "layers" in config:
        return _network(config)
    return {
        key: _relevant(value) for key, value in config.items() if key not in ("name", "trainable") and _is_relevant(key)
    }


def _relevant(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _relevant(inner) for key, inner in value.items() if _is_relevant(key)}
    return [_relevant(inner) for inner in value] if isinstance(value, list) else value


def _is_relevant(key: str) -> bool:
    return key != "seed" and not key.endswith(_IRRELEVANT)
