"""Healthy recipes on real and drawn images, and what is as good: the diagnosis is to say nothing of any of them."""

from typing import Any

from keras_suite.experiments.config import Config, use

GRATINGS = "gratings.npz"  # drawn by diagnosis_faults.py


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

# The recipes as they are, and what is as good: another seed, optimizer, schedule, initializer, some regularization.
AS_GOOD: list[tuple[str, dict[str, Any]]] = [
    *[(recipe, dict[str, Any]()) for recipe in RECIPES],
    ("digits_mlp", {"optimizer": use("rmsprop", learning_rate=2e-3)}),
    ("digits_mlp", {"optimizer": use("momentum", learning_rate=0.05), "schedule": use("cosine")}),
    ("digits_mlp", {"optimizer": use("adamw", learning_rate=3e-3), "model.dropout": 0.1}),
    ("digits_mlp", {"optimizer": use("adadelta", learning_rate=1.0), "model.initializer": "he_normal"}),
    ("digits_mlp", {"optimizer": use("adagrad", learning_rate=0.05), "epochs": 16}),
    ("digits_mlp", {"model.batch_normalization": "before_activation"}),
    ("digits_mlp", {"model.l2": 1e-4}),
    ("digits_mlp", {"dataset.limit": 1200, "model.activation": "elu"}),
    ("digits_deep", {"model.activation": "leaky_relu"}),
    ("digits_deep", {"model.batch_normalization": "before_activation", "optimizer.learning_rate": 3e-3}),
    ("digits_tanh", {"optimizer": use("momentum", learning_rate=0.1)}),
    ("digits_tanh", {"model.units": (64, 64), "optimizer": use("rmsprop", learning_rate=1e-3)}),
    ("digits_regression", {"optimizer": use("adam", learning_rate=0.02)}),
    ("digits_cnn", {"schedule": use("cosine"), "optimizer.learning_rate": 3e-3}),
    ("digits_cnn", {"model.dense_dropout": 0.3}),
    ("digits_cnn", {"augmentation": _SHIFTED, "epochs": 18}),
    ("digits_cnn", {"model.dropout": 0.0, "model.l2": 1e-4}),
    ("digits_cnn", {"optimizer": use("momentum", learning_rate=0.05), "schedule": use("cosine")}),
    ("digits_normalised", {"optimizer": use("adam", learning_rate=3e-3)}),
    ("digits_normalised", {"model.batch_normalization": "after_pooling"}),
    ("digits_normalised", {"batch_size": 64, "optimizer.learning_rate": 0.06}),
    ("digits_vit", {"model.blocks": 2}),
    ("digits_mobile", {"optimizer": use("rmsprop", learning_rate=3e-3)}),
    ("mnist_demo", {"optimizer": use("adadelta", learning_rate=1.0), "schedule": use("constant")}),
    ("mnist_demo", {"model.batch_normalization": "before_pooling"}),
    ("mnist_cnn", {"optimizer": use("adam", learning_rate=4e-3)}),
    ("mnist_cnn", {"model.batch_normalization": "before_activation"}),
    ("gratings_cnn", {"optimizer": use("momentum", learning_rate=0.02)}),
    ("gratings_cnn", {"model.dropout": 0.1, "schedule": use("one_cycle")}),
    ("gratings_cnn", {"model.batch_normalization": "before_activation"}),
    ("angles_cnn", {"loss": use("huber", delta=0.1)}),
    ("photos_cnn", {"optimizer": use("momentum", learning_rate=0.02)}),
]
