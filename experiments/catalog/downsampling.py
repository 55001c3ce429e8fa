"""How should a network halve its feature maps: by maxima, by means, by a stride, or not at all?

    keras-suite run downsampling --threads 1

Three blocks of one 3x3 convolution, then the logits directly. `none` keeps all 32x32 positions to the end, and so has
21 times the parameters.

Measured on CIFAR-10 re-encoded as JPEG (2,400 training and 600 validation images, 4,000 test images, 8 seeds, 32 runs
in 9 minutes on 2 busy cores): "None of 3 variants is shown to be better than 'max'; 'average' and 'stride' are worse;
'none' is undecided". max 45.97 % in 7.0 s a run; average 42.81 %, worse by 3.17 points (95 % interval 1.40 to 4.94 over
all 3 comparisons), in 7.2 s; stride 43.66 %, worse by 2.31 (0.77 to 3.86), in 4.9 s; none 47.23 %, 1.26 points more
(-0.90 to 3.43), in 26 s, and it overfits in every run: the lowest validation loss was in epoch 5 of 12.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=3000, test_limit=4000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=3, filters=[12, 24, 24], dense_layers=0, downsample="max"),
        augmentation=use("standard", horizontal_flip=True),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=12,
    ),
    variants={way: {"model.downsample": way} for way in ("max", "average", "stride", "none")},
    seeds=8,
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return accuracy against what it costs, one dot for each run; and the gap that many parameters open."""
    completed = [run for run in runs if run.metrics and "test" in run.metrics]
    return {"Accuracy, time and overfitting of each way": _costs(completed)} if completed else {}


def _costs(runs: Sequence[Run]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    with drawing(height=2.8) as figure:
        times, gaps = figure.subplots(1, 2)
        for position, way in enumerate(EXPERIMENT.variants):
            own = [run for run in runs if run.variant == way]
            metrics = [run.metrics for run in own if run.metrics]
            right = [100 * each["test"]["accuracy"] for each in metrics]
            times.plot([each["train_seconds"] for each in metrics], right, "o", color=colour(position), label=way)
            curves = [[100 * (row["accuracy"] - row["val_accuracy"]) for row in run.history] for run in own]
            if curves:
                mean = np.mean(curves, axis=0)
                gaps.plot(range(1, len(mean) + 1), mean, color=colour(position), label=way)
        times.set(xlabel="seconds of training", ylabel="test accuracy, %", xscale="log")
        times.set_xticks([5, 10, 20, 40], ["5", "10", "20", "40"])
        times.minorticks_off()
        gaps.set(xlabel="epoch", ylabel="gap to validation, points")
        gaps.legend()
    return figure
