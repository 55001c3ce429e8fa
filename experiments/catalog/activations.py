"""Which activation suits a small CNN: sigmoid, tanh, relu, leaky relu, elu or maxout, at equal parameters?

    keras-suite run activations --threads 1

Three blocks of one 3x3 convolution and a pooling, and a hidden dense layer. A maxout unit takes the larger of two
linear ones, so that network has fewer of them: 27,080 parameters, the others 27,130. Leaky relu has Keras's slope of
0.2.

Measured on CIFAR-10 re-encoded as JPEG (2,400 training and 600 validation images, 4,000 test images, 8 epochs, 9 seeds,
54 runs in 7 minutes on 2 busy cores), Adam with one learning rate for all: "4 of 5 variants are better than 'relu',
most of all 'elu', by 4.44 percentage points of test accuracy (95 % interval 2.90 to 6.01 over all 5 comparisons, 9
paired seeds); 'sigmoid' is worse". relu 42.37 %, elu 46.82, tanh 46.35 (3.98 more), maxout 44.44 (2.06 more, in more
than twice the time), leaky_relu 44.40 (2.02 more), sigmoid 16.24 (26.13 less): its slope is at most a quarter, and
after four layers next to nothing comes back. In so short a training what has a slope everywhere gets further; a longer
one was not tried.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run

CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=3000, test_limit=4000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=3, filters=[12, 24, 24], units=48, activation="relu"),
        augmentation=use("standard", horizontal_flip=True),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=8,
    ),
    variants={
        "relu": {},
        "sigmoid": {"model.activation": "sigmoid"},
        "tanh": {"model.activation": "tanh"},
        "leaky_relu": {"model.activation": "leaky_relu"},
        "elu": {"model.activation": "elu"},
        "maxout": {"model.activation": "maxout", "model.filters": [8, 17, 17], "model.units": 34},
    },
    seeds=9,
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the functions beside what networks of them learn."""
    completed = [run for run in runs if run.metrics]
    return {"The functions, and what networks of them learn": _side_by_side(completed)} if completed else {}


def _side_by_side(runs: Sequence[Run]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    x = np.linspace(-3, 3, 301)
    with drawing(height=3.4) as figure:
        functions, learnt = figure.subplots(1, 2)
        for position, name in enumerate(EXPERIMENT.variants):
            if name in CURVES:
                functions.plot(x, CURVES[name](x), color=colour(position))
            curves = [[100 * row["val_accuracy"] for row in run.history] for run in runs if run.variant == name]
            if curves:
                mean = np.mean(curves, axis=0)
                learnt.plot(range(1, len(mean) + 1), mean, color=colour(position), label=name)
        functions.set(xlabel="input", ylabel="output", ylim=(-1.5, 3))
        learnt.set(xlabel="epoch", ylabel="validation accuracy, %")
        figure.legend(*learnt.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
