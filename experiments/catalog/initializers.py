"""Which initial weights let a network of ten layers learn?

python -m experiments run initializers --threads 1
"""

from typing import Any

import numpy as np

from experiments.config import Config, Experiment, use

DEPTH, UNITS = 10, 64
MEASURED_IMAGES = 500

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", limit=2000, test_limit=5000, validation_fraction=0.2),
        model=use("mlp", units=[UNITS] * DEPTH, initializer="he_uniform"),
        optimizer=use("adam", learning_rate=1e-3),
        batch_size=50,
        epochs=10,
    ),
    variants={
        "he": {},
        "glorot": {"model.initializer": "glorot_uniform"},
        "small": {"model.initializer": "random_uniform", "model.initializer_spread": 0.05},
        "large": {"model.initializer": "random_uniform", "model.initializer_spread": 0.5},
        "zeros": {"model.initializer": "zeros"},
    },
    seeds=8,
)


def measure(model: Any, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """By layer, before and after training: the sd of its outputs, and of the loss's gradient by them."""
    import keras

    untrained = keras.models.clone_model(model)  # initializers are keyed: these are the weights that it started with
    images, labels = images[:MEASURED_IMAGES].astype(np.float32), labels[:MEASURED_IMAGES]
    return {"before": _spreads(untrained, images, labels), "after": _spreads(model, images, labels)}


def _spreads(model: Any, images: np.ndarray, labels: np.ndarray) -> dict[str, list[float]]:
    import keras
    import tensorflow as tf

    names = [*(f"dense_{i}" for i in range(1, DEPTH + 1)), "logits"]
    layers = [model.get_layer(name) for name in names]
    with tf.GradientTape() as tape:
        x, outputs = model.get_layer("flatten")(model.get_layer("scale")(images)), []
        for layer in layers:
            x = layer(x)
            tape.watch(x)
            outputs.append(x)
        loss = tf.reduce_sum(keras.losses.sparse_categorical_crossentropy(labels, x, from_logits=True))
    gradients = tape.gradient(loss, outputs)
    return {
        "activations": [float(np.std(output)) for output in outputs],
        "gradients": [float(np.std(gradient)) for gradient in gradients],
    }
