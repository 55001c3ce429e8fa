"""The corpus that the diagnosis is scored on: planted faults and healthy runs, as plain data.

Each case is a healthy recipe with a fault put into it, or a recipe as it is with another optimizer, schedule or seed.
Of each kind every other case, as they are listed here, was set apart before the rules were written.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.diagnosis_recipes import AS_GOOD, GRATINGS
from keras_suite.experiments.config import use

HEALTHY = "healthy"


@dataclass(frozen=True)
class Case:
    """A run of the corpus.

    Attributes:
        kind: Of fault, a key of `FAULTS`, or "healthy".
        number: Among those of its kind, from 0.
        recipe: A key of `RECIPES` in diagnosis_recipes.py.
        changes: Overrides of the recipe.
        network: What is done to the built network, as in `diagnosis_faults.NETWORK`: its name and an argument.
        data: What is done to the images, as in `diagnosis_faults.DATA`.
    """

    kind: str
    number: int
    recipe: str
    changes: dict[str, Any] = field(default_factory=dict)
    network: tuple[str, float] | None = None
    data: str | None = None

    @property
    def name(self) -> str:
        return f"{self.kind}_{self.number}"

    @property
    def set_apart(self) -> bool:
        """Whether the case belongs to the half that no rule was written on."""
        return self.number % 2 == 1


_NARROW = {"model.filters": 1, "model.dense_layers": 0, "model.pooling": "average"}
CONSTANT = {"schedule": use("constant")}


def _sgd(rate: float, name: str = "sgd") -> dict[str, Any]:
    return {"optimizer": use(name, learning_rate=rate), **CONSTANT}


# Each fault: what the first advice must be about, as a cause in reports/diagnosis/rules.py, and the cases.
FAULTS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "wrong_labels": (
        "labels",
        [
            ("digits_cnn", {"dataset.label_noise": 0.3}),
            ("digits_mlp", {"dataset.label_noise": 0.5}),
            ("mnist_demo", {"dataset.label_noise": 0.9}),
            ("digits_mlp", {"dataset.label_noise": 0.9, "epochs": 25}),
            ("gratings_cnn", {"dataset.label_noise": 0.4}),
            ("digits_normalised", {"dataset.label_noise": 0.2}),
            ("digits_vit", {"dataset.label_noise": 0.6}),
            ("mnist_cnn", {"dataset.label_noise": 0.4}),
        ],
    ),
    "unscaled": (
        "inputs",
        [
            ("mnist_demo", {}, ("rescaled", 255.0)),
            ("gratings_cnn", {}, ("rescaled", 255.0)),
            ("digits_tanh", {}, ("rescaled", 255.0)),
            ("digits_mlp", {}, ("rescaled", 255.0)),
            ("mnist_cnn", {}, ("rescaled", 1 / 255)),
            ("digits_mlp", {"epochs": 6}, ("rescaled", 1 / 255)),
            ("photos_cnn", {}, ("rescaled", 255.0)),
            ("angles_cnn", {}, ("rescaled", 255.0)),
        ],
    ),
    "constant": (
        "inputs",
        [
            ("digits_mlp", {}, None, "constant"),
            ("mnist_demo", {"epochs": 6}, None, "constant"),
            ("gratings_cnn", {}, None, "constant"),
            ("digits_cnn", {}, None, "constant"),
        ],
    ),
    "probabilities": (
        "output",
        [
            ("digits_cnn", {}, ("softmax", 0)),
            ("digits_mlp", {}, ("softmax", 0)),
            ("mnist_demo", {"epochs": 6}, ("softmax", 0)),
            ("gratings_cnn", {}, ("softmax", 0)),
            ("digits_vit", {"epochs": 8}, ("softmax", 0)),
            ("photos_cnn", {"epochs": 6}, ("softmax", 0)),
            ("digits_mlp", {}, ("sigmoid", 0)),
            ("mnist_cnn", {}, ("sigmoid", 0)),
        ],
    ),
    "equal_weights": (
        "initial",
        [
            ("digits_mlp", {"model.initializer": "zeros"}),
            ("digits_cnn", {"model.initializer": "zeros"}),
            ("digits_tanh", {"model.initializer": "zeros"}),
            ("mnist_demo", {"model.initializer": "zeros", "epochs": 5}),
            ("digits_mlp", {}, ("constant", 0.05)),
            ("gratings_cnn", {}, ("constant", 0.05)),
            ("mnist_cnn", {}, ("constant", 0.1)),
            ("digits_deep", {}, ("constant", 0.1)),
        ],
    ),
    "large_weights": (
        "initial",
        [
            ("digits_tanh", {}, ("scaled", 60.0)),
            ("digits_mlp", {"model.activation": "sigmoid"}, ("scaled", 40.0)),
            ("digits_deep", {}, ("scaled", 10.0)),
            ("mnist_cnn", {"model.activation": "tanh"}, ("scaled", 40.0)),
        ],
    ),
    "vanishing": (
        "vanishing",
        [
            ("digits_deep", {"model.activation": "sigmoid", "model.initializer": "glorot_uniform"}),
            ("digits_deep", {"model.units": (32,) * 12, "model.activation": "tanh"}, ("scaled", 0.3)),
            ("digits_mlp", {"model.units": (32,) * 8, "model.activation": "sigmoid"}),
            ("digits_deep", {"model.units": (32,) * 10}, ("scaled", 0.3)),
        ],
    ),
    "dead": (
        "dead",
        [
            ("digits_mlp", {}, ("bias", -3.0)),
            ("digits_cnn", {}, ("bias", -2.0)),
            ("mnist_demo", {"epochs": 5}, ("bias", -2.0)),
            ("gratings_cnn", {}, ("bias", -3.0)),
        ],
    ),
    "large_rate": (
        "large rate",
        [
            ("digits_mlp", _sgd(1e4)),
            ("digits_cnn", _sgd(1.0, "adam")),
            ("digits_mlp", _sgd(2.0)),
            ("mnist_demo", {**_sgd(1.0, "momentum"), "epochs": 5}),
            ("digits_vit", _sgd(0.3, "adam")),
            ("gratings_cnn", _sgd(0.5, "momentum")),
            ("digits_mlp", {**_sgd(1.5), "batch_size": 8}),
            ("mnist_cnn", _sgd(0.2, "rmsprop")),
            ("angles_cnn", _sgd(0.5, "adam")),
            ("digits_tanh", _sgd(0.5, "adam")),
        ],
    ),
    "small_rate": (
        "small rate",
        [
            ("digits_mlp", _sgd(1e-5)),
            ("digits_cnn", _sgd(1e-6, "adam")),
            ("mnist_demo", {**_sgd(1e-3, "adadelta"), "epochs": 5}),
            ("mnist_cnn", _sgd(1e-5, "momentum")),
            ("digits_vit", _sgd(3e-6, "adam")),
            ("gratings_cnn", _sgd(1e-4)),
            ("digits_normalised", _sgd(1e-5, "momentum")),
            ("angles_cnn", _sgd(1e-6, "adam")),
        ],
    ),
    "undertrained": (
        "epochs",
        [
            ("digits_mlp", {**_sgd(5e-4, "adam"), "epochs": 8}),
            ("digits_cnn", {**_sgd(5e-4, "adam"), "epochs": 6}),
            ("mnist_demo", {**_sgd(2e-4, "adam"), "epochs": 3}),
            ("mnist_cnn", {**_sgd(5e-3, "momentum"), "epochs": 4}),
            ("gratings_cnn", {**_sgd(5e-4, "adam"), "epochs": 6}),
            ("digits_mlp", {**_sgd(1e-3, "adam"), "epochs": 2}),
            ("digits_vit", {**_sgd(1e-3, "adam"), "epochs": 8}),
            ("digits_tanh", {**_sgd(1e-3, "adam"), "epochs": 5}),
        ],
    ),
    "small_network": (
        "capacity",
        [
            ("digits_mlp", {"model.units": (2,), "epochs": 25}),
            (
                "digits_cnn",
                {"model.blocks": 1, "model.filters": 1, "model.dense_layers": 0, "model.pooling": "average"},
            ),
            ("mnist_cnn", {**_NARROW, "epochs": 20}),
            ("digits_vit", {"model.width": 2, "model.heads": 1, "model.units": 2, "epochs": 30}),
            ("digits_mlp", {"model.units": (3, 3), "epochs": 25}),
            ("digits_mobile", {"model.stem": 2, "model.filters": (2, 2), "epochs": 20}),
        ],
    ),
    "overfit": (
        "overfitting",
        [
            ("digits_mlp", {"dataset.limit": 150, "epochs": 40}),
            ("mnist_demo", {"dataset.limit": 150, "model.dropout": 0.0, "model.dense_dropout": 0.0, "epochs": 20}),
            ("mnist_cnn", {"dataset.limit": 150, "augmentation": use("standard"), "epochs": 40}),
            ("photos_cnn", {"dataset.limit": 200, "model.dropout": 0.0, "augmentation": use("standard"), "epochs": 30}),
            ("digits_tanh", {"dataset.limit": 100, "epochs": 40}),
            ("angles_cnn", {"dataset.limit": 150, "epochs": 40}),
        ],
    ),
    "large_penalty": (
        "regularization",
        [
            ("digits_mlp", {"model.l2": 0.3}),
            ("digits_cnn", {"model.l2": 0.2}),
            ("mnist_demo", {"model.l1": 0.02, "epochs": 6}),
            ("mnist_cnn", {"model.l2": 0.1}),
            ("gratings_cnn", {"model.l1": 0.05}),
            ("digits_deep", {"model.l2": 0.3}),
        ],
    ),
    "large_dropout": (
        "regularization",
        [
            ("digits_mlp", {"model.dropout": 0.9}),
            ("digits_cnn", {"model.dense_dropout": 0.95}),
            ("mnist_demo", {"model.dropout": 0.9, "model.dense_dropout": 0.9, "epochs": 8}),
            ("gratings_cnn", {"model.dense_dropout": 0.95}),
            ("digits_cnn", {"model.dropout": 0.8}),
            ("mnist_cnn", {"model.dropout": 0.7}),
        ],
    ),
}


def corpus() -> list[Case]:
    """Return all cases, healthy ones last."""
    cases = [
        Case(kind, number, *of_kind) for kind, (_, listed) in FAULTS.items() for number, of_kind in enumerate(listed)
    ]
    return cases + [Case(HEALTHY, number, recipe, changes) for number, (recipe, changes) in enumerate(AS_GOOD)]


def data_file(folder: Path) -> Path:
    """Return where the drawn images lie below the folder of data."""
    return folder / GRATINGS
