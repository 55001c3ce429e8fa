"""The corpus that the diagnosis is scored on: planted faults and healthy runs, as plain data.

Each case is a healthy recipe with a fault put into it, or a recipe as it is with another optimizer, schedule or seed.
Of each kind every other case, as they are listed here, was set apart before the rules were written.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_suite.experiments.config import Config, use

HEALTHY = "healthy"
GRATINGS = "gratings.npz"  # drawn by diagnosis_faults.py


@dataclass(frozen=True)
class Case:
    """A run of the corpus.

    Attributes:
        kind: Of fault, a key of `FAULTS`, or "healthy".
        number: Among those of its kind, from 0.
        recipe: A key of `RECIPES`.
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


def _recipe(
    dataset: Any, model: Any, rate: float, epochs: int, optimizer: str = "adam", batch_size: int = 32, **more: Any
) -> Config:
    return Config(
        dataset=dataset,
        model=model,
        optimizer=use(optimizer, learning_rate=rate),
        batch_size=batch_size,
        epochs=epochs,
        **more,
    )


_DIGITS = use("digits", validation_fraction=0.2)
_MNIST = use("mnist", limit=1500, test_limit=200, image_size=(14, 14), validation_fraction=0.2)
_GRATINGS = use("arrays", path=GRATINGS, validation_fraction=0.2)
_PHOTOS = use("cifar10", limit=1000, test_limit=200, classes=("airplane", "frog"), validation_fraction=0.2)
_ANGLES = use("rotated_digits", limit=1000, test_limit=200, image_size=(16, 16), validation_fraction=0.2)
_SHIFTED = use("standard", shift=0.1)

RECIPES: dict[str, Config] = {
    "digits_mlp": _recipe(_DIGITS, use("mlp", units=(64, 64)), 3e-3, 12, schedule=use("one_cycle")),
    "digits_deep": _recipe(
        _DIGITS, use("mlp", units=(32,) * 5, initializer="he_normal"), 2e-3, 12, schedule=use("cosine")
    ),
    "digits_tanh": _recipe(_DIGITS, use("mlp", units=(48,), activation="tanh"), 3e-3, 12, schedule=use("cosine")),
    "digits_regression": _recipe(_DIGITS, use("mlp", units=()), 0.3, 15, "sgd", schedule=use("cosine")),
    "digits_cnn": _recipe(
        _DIGITS,
        use("pattern_cnn", blocks=2, filters=16, units=32, dropout=0.1),
        5e-3,
        14,
        schedule=use("one_cycle"),
    ),
    "digits_normalised": _recipe(
        _DIGITS,
        use("pattern_cnn", blocks=2, filters=8, units=32, batch_normalization="before_activation"),
        0.03,
        10,
        "momentum",
        schedule=use("cosine"),
    ),
    "digits_vit": _recipe(
        _DIGITS, use("vit", width=16, heads=2, units=32, blocks=1), 4e-3, 20, schedule=use("one_cycle")
    ),
    "digits_mobile": _recipe(
        _DIGITS, use("mobile_cnn", stem=8, filters=(16, 16), strides=(1, 2)), 5e-3, 12, schedule=use("cosine")
    ),
    "mnist_demo": _recipe(_MNIST, use("mnist_demo_net"), 1e-3, 10, schedule=use("cosine"), batch_size=64),
    "mnist_cnn": _recipe(
        _MNIST,
        use("pattern_cnn", blocks=2, filters=8, units=32),
        0.03,
        12,
        "momentum",
        schedule=use("cosine"),
        augmentation=_SHIFTED,
    ),
    "gratings_cnn": _recipe(
        _GRATINGS, use("pattern_cnn", blocks=2, filters=8, kernel_size=5, units=32), 2e-3, 10, schedule=use("cosine")
    ),
    "photos_cnn": _recipe(
        _PHOTOS,
        use("pattern_cnn", blocks=3, filters=(8, 16, 16), units=32, dropout=0.1),
        2e-3,
        14,
        schedule=use("cosine"),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
    ),
    "angles_cnn": _recipe(
        _ANGLES,
        use("pattern_cnn", blocks=2, filters=8, units=32),
        3e-3,
        15,
        schedule=use("cosine"),
        loss=use("squared_error"),
    ),
}

_NARROW = {"model.filters": 1, "model.dense_layers": 0, "model.pooling": "average"}
CONSTANT = {"schedule": use("constant")}


def _sgd(rate: float, name: str = "sgd") -> dict[str, Any]:
    return {"optimizer": use(name, learning_rate=rate), **CONSTANT}


def _named(name: str, changes: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return name, changes


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

# The recipes as they are, and what is as good: another seed, optimizer, schedule, initializer, some regularization.
_AS_GOOD: list[tuple[str, dict[str, Any]]] = [
    *[_named(recipe, {}) for recipe in RECIPES],
    _named("digits_mlp", {"optimizer": use("rmsprop", learning_rate=2e-3)}),
    _named("digits_mlp", {"optimizer": use("momentum", learning_rate=0.05), "schedule": use("cosine")}),
    _named("digits_mlp", {"optimizer": use("adamw", learning_rate=3e-3), "model.dropout": 0.1}),
    _named("digits_mlp", {"optimizer": use("adadelta", learning_rate=1.0), "model.initializer": "he_normal"}),
    _named("digits_mlp", {"optimizer": use("adagrad", learning_rate=0.05), "epochs": 16}),
    _named("digits_mlp", {"model.batch_normalization": "before_activation"}),
    _named("digits_mlp", {"model.l2": 1e-4}),
    _named("digits_mlp", {"dataset.limit": 1200, "model.activation": "elu"}),
    _named("digits_deep", {"model.activation": "leaky_relu"}),
    _named("digits_deep", {"model.batch_normalization": "before_activation", "optimizer.learning_rate": 3e-3}),
    _named("digits_tanh", {"optimizer": use("momentum", learning_rate=0.1)}),
    _named("digits_tanh", {"model.units": (64, 64), "optimizer": use("rmsprop", learning_rate=1e-3)}),
    _named("digits_regression", {"optimizer": use("adam", learning_rate=0.02)}),
    _named("digits_cnn", {"schedule": use("cosine"), "optimizer.learning_rate": 3e-3}),
    _named("digits_cnn", {"model.dense_dropout": 0.3}),
    _named("digits_cnn", {"augmentation": _SHIFTED, "epochs": 18}),
    _named("digits_cnn", {"model.dropout": 0.0, "model.l2": 1e-4}),
    _named("digits_cnn", {"optimizer": use("momentum", learning_rate=0.05), "schedule": use("cosine")}),
    _named("digits_normalised", {"optimizer": use("adam", learning_rate=3e-3)}),
    _named("digits_normalised", {"model.batch_normalization": "after_pooling"}),
    _named("digits_normalised", {"batch_size": 64, "optimizer.learning_rate": 0.06}),
    _named("digits_vit", {"model.blocks": 2}),
    _named("digits_mobile", {"optimizer": use("rmsprop", learning_rate=3e-3)}),
    _named("mnist_demo", {"optimizer": use("adadelta", learning_rate=1.0), "schedule": use("constant")}),
    _named("mnist_demo", {"model.batch_normalization": "before_pooling"}),
    _named("mnist_cnn", {"optimizer": use("adam", learning_rate=4e-3)}),
    _named("mnist_cnn", {"model.batch_normalization": "before_activation"}),
    _named("gratings_cnn", {"optimizer": use("momentum", learning_rate=0.02)}),
    _named("gratings_cnn", {"model.dropout": 0.1, "schedule": use("one_cycle")}),
    _named("gratings_cnn", {"model.batch_normalization": "before_activation"}),
    _named("angles_cnn", {"loss": use("huber", delta=0.1)}),
    _named("photos_cnn", {"optimizer": use("momentum", learning_rate=0.02)}),
]


def corpus() -> list[Case]:
    """Return all cases, healthy ones last."""
    cases = [
        Case(kind, number, *of_kind) for kind, (_, listed) in FAULTS.items() for number, of_kind in enumerate(listed)
    ]
    return cases + [Case(HEALTHY, number, recipe, changes) for number, (recipe, changes) in enumerate(_AS_GOOD)]


def data_file(folder: Path) -> Path:
    """Return where the drawn images lie below the folder of data."""
    return folder / GRATINGS
