"""Which initial weights let a network of ten layers learn?

    keras-suite run initializers --threads 1

Ten dense layers of 64 rectified units. `he` and `glorot` are uniform with the variance 2 / inputs and 2 / (inputs +
outputs); `small` and `large` are uniform between -0.05 and 0.05 and between -0.5 and 0.5. The report also draws what
becomes of the spread of activations and gradients from layer to layer.

Measured on real MNIST (1,600 training and 400 validation digits, 5,000 test digits, 8 seeds, 40 runs in 4 minutes on 2
busy cores): "None of 4 variants is shown to be better than 'he'; 'glorot', 'small', 'large' and 'zeros' are worse". he
88.87 %; glorot 85.70 %, worse by 3.17 points (95 % interval 0.38 to 5.97 over all 4 comparisons); large 35.50, small
17.82 and zeros 11.36 %, worse by 53.37, 71.06 and 77.51. With 48 seeds of those two, he reads 87.77 and glorot 86.89 %:
0.88 points less (-0.12 to 1.88 over all comparisons and both looks), undecided. So 8 seeds were too few to say by how
much. At the start the tenth layer's outputs spread by 0.21 (he), 0.0087 (glorot), 9.7e-9 (small) and 97 (large), and
gradients at the first layer's by 0.16, 0.0063, 2.1e-9 and 32: what one layer does to a signal, ten do to the tenth
power. Of zeros nothing comes back at all; only the last bias learns.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, measured

DEPTH, UNITS = 10, 64
MEASURED_IMAGES = 500
LINES = ("he", "glorot", "small", "large")  # of zeros, nothing has any spread

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
    """Return by layer, before and after training, the sd of its outputs, and of the loss's gradient by them."""
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


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the spread of activations and gradients by layer, at the start and in the end."""
    of_variant = {variant: [m for run in runs if run.variant == variant and (m := measured(run))] for variant in LINES}
    return {"Spread from layer to layer": _lines(of_variant)} if all(of_variant.values()) else {}


def _lines(measurements: dict[str, list[dict[str, Any]]]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    layers = range(1, DEPTH + 2)
    with drawing(height=4.8) as figure:
        grid = figure.subplots(2, 2, sharex=True, sharey="row")
        for row, kind in zip(grid, ("activations", "gradients"), strict=True):
            for axes, when in zip(row, ("before", "after"), strict=True):
                for position, (variant, of_runs) in enumerate(measurements.items()):
                    curves = np.log10([values[when][kind] for values in of_runs])
                    axes.plot(layers, 10 ** curves.mean(axis=0), "o-", color=colour(position), label=variant, ms=3)
                axes.set(yscale="log", title=f"{kind}, {when} training")
            row[0].set_ylabel("standard deviation")
        for axes in grid[1]:
            axes.set(xlabel="layer", xticks=(1, 4, 7, 10))
        grid[0, 1].legend()
    return figure
