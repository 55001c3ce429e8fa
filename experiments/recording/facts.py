"""What can be known of a model and its training from the outside: loss, optimizer, size, versions, device."""

import hashlib
import platform
import re
import shlex
import sys
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

CROSS_ENTROPIES = ("categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy")
ACCURACIES = ("acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy")


def config_of(model: keras.Model, planned: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands for a Config in config.json: the loss, the optimizer, and the epochs that were planned."""
    optimizer = _optimizer(model)
    rate = optimizer.get_config().get("learning_rate")
    return {
        "loss": loss_of(getattr(model, "loss", None)),
        "optimizer": {
            "name": _snake(type(optimizer).__name__),
            "options": {"learning_rate": float(rate)} if isinstance(rate, int | float | np.number) else {},
        },
        "epochs": int(planned["epochs"]),
    }


def loss_of(loss: Any) -> dict[str, Any]:
    """Return a compiled loss's name, and what smooths its labels; Keras's cross-entropies have the suite's name."""
    smoothing = 0.0
    if loss is None:
        return {"name": "unknown", "options": {}}
    if isinstance(loss, keras.losses.Loss):
        smoothing = float(getattr(loss, "label_smoothing", 0.0) or loss.get_config().get("label_smoothing") or 0.0)
        name = _snake(type(loss).__name__)
    else:
        name = _snake(loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__))
    if name in CROSS_ENTROPIES:
        name = "cross_entropy"
    return {"name": name, "options": {"label_smoothing": smoothing} if smoothing else {}}


def network_of(model: keras.Model) -> str:
    """Return 16 hex digits that stand for the kinds of a model's layers and the shapes of its weights."""
    layers = [type(layer).__name__ for layer in model.layers]
    return hashlib.sha256(repr((layers, [tuple(weight.shape) for weight in model.weights])).encode()).hexdigest()[:16]


def size_of(model: keras.Model) -> dict[str, int]:
    """Return the numbers of parameters, for metrics.json."""
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return {"parameters": int(model.count_params()), "trainable_parameters": trainable}


def learning_rate(model: keras.Model) -> float:
    """Return the rate that the optimizer uses now."""
    return float(np.asarray(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))


def has_schedule(model: keras.Model) -> bool:
    """Return whether the rate follows a schedule, and so changes within an epoch: callbacks set it for the next one."""
    return isinstance(_optimizer(model).get_config().get("learning_rate"), dict)


def history_row(logs: Mapping[str, Any], penalised: bool) -> dict[str, float]:
    """Return an epoch's measurements by the suite's names for them.

    Args:
        logs: What Keras measured.
        penalised: Whether the loss holds penalties of layers; else it is also the loss without them.
    """
    row = {}
    for name, value in logs.items():
        prefix, plain = ("val_", name[4:]) if name.startswith("val_") else ("", name)
        plain = "accuracy" if plain in ACCURACIES and f"{prefix}accuracy" not in logs else plain
        row[prefix + plain] = float(value)
        if plain == "loss" and not penalised:
            row[f"{prefix}unpenalised_loss"] = float(value)
    return row


def surroundings() -> dict[str, Any]:
    """Return versions, platform and device."""
    packages = {name: sys.modules[name] for name in ("keras", keras.backend.backend(), "numpy") if name in sys.modules}
    versions = {name: str(getattr(module, "__version__", "unknown")) for name, module in packages.items()}
    return {
        "versions": {"python": platform.python_version(), **versions},
        "platform": f"{platform.system()} {platform.machine()}",
        "device": _device(),
    }


def command() -> str:
    """Return the script as it was started; "" where there is none, as in a notebook."""
    return shlex.join(["python", *sys.argv]) if sys.argv[0].endswith(".py") else ""


def _optimizer(model: keras.Model) -> keras.optimizers.Optimizer:
    """Return the optimizer, without what scales its losses for half precision."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def _device() -> str | None:
    if keras.backend.backend() != "tensorflow":
        return None
    from keras_suite.experiments.training import runtime

    return runtime.device()


def _snake(name: str) -> str:
    """Return "sparse_categorical_crossentropy" of "SparseCategoricalCrossentropy"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
