"""How general is each depth: how many pretrained blocks can stay frozen on other photographs?

    keras-suite run cifar10_pretrain
    keras-suite run general_layers --workers 2

The first n of the five blocks are taken from `cifar10_pretrain` and kept frozen; the others start from random weights
and are trained on 400 photographs of dogs and cats (Yosinski et al. 2014 call this transfer AnB).

Measured at 48x48 pixels (400 training and 100 validation photographs, 500 test photographs, 10 seeds, 60 runs in 7
minutes on 2 busy cores): 65.26, 67.34, 71.66, 81.30, 82.96 and 83.66 % with 0 to 5 frozen blocks; "4 of 5 variants are
better than 'frozen_0', most of all 'frozen_5', by 18.40 percentage points of test accuracy (95 % interval 10.83 to
26.14 over all 5 comparisons, 10 paired seeds); 'frozen_1' is undecided". No depth was too special to be taken over:
CIFAR-10 is near, and 400 photographs train no block anew as well as 45,000 images had. The third block brings most.

Real ImageNet features, not transfer AnB but linear heads on the means of each block's outputs, nothing trained anew
(`benchmarks/imagenet_features.py`: EfficientNet-Lite0 is shown the 48 pixels at 160; 10 draws of 400 photographs of
1,000; 500 test photographs; standard deviation over the draws in brackets): 58.58 (2.00), 73.36 (1.35), 74.14 (1.52),
76.12 (1.46), 83.22 (1.18), 92.24 (1.31) and 93.36 % (0.75) after 1 to 7 blocks. No depth is worth less than the one
before; the second, fifth and sixth bring most, by 14.78, 7.10 and 9.02 points.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run

BLOCKS = 5


def variants() -> dict[str, dict[str, Any]]:
    """Return the overrides for n frozen blocks, for every n."""
    by_blocks: dict[str, dict[str, Any]] = {"frozen_0": {"model.weights": "random"}}
    for n in range(1, BLOCKS):
        trained = use("last_blocks", blocks=BLOCKS - n, cached_views=4)
        by_blocks[f"frozen_{n}"] = {"model.pretrained_blocks": n, "phases": (trained,)}
    return by_blocks | {f"frozen_{BLOCKS}": {"phases": (use("head", cached_views=4),)}}


EXPERIMENT = Experiment(
    base=Config(
        dataset=use(
            "image_folder", path="dogs_vs_cats.tar.gz", image_size=[48, 48], limit=500, validation_fraction=0.2
        ),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        model=use("vgg", width=0.25, batch_normalization="before_activation", weights="run:cifar10_pretrain"),
        optimizer=use("adam", learning_rate=1e-3),
        callbacks=(use("early_stopping", patience=10),),
        batch_size=32,
        epochs=40,
    ),
    variants=variants(),
    seeds=10,
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return test accuracy against the number of frozen blocks."""
    completed = [run for run in runs if run.metrics and "test" in run.metrics]
    return {"Accuracy against the number of frozen blocks": _curve(completed)} if completed else {}


def _curve(runs: Sequence[Run]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing
    from keras_suite.reports.statistics.intervals import t_interval

    with drawing(height=3.0) as figure:
        axes = figure.subplots()
        curve = []
        for n in range(BLOCKS + 1):
            own = [run.metrics["test"]["accuracy"] for run in runs if run.variant == f"frozen_{n}" and run.metrics]
            right = 100 * np.array(own)
            axes.plot([n] * len(right), right, ".", color=colour(0), alpha=0.5)
            if len(right):
                curve.append((n, right.mean()))
            interval = t_interval(right)
            if interval:
                axes.plot([n, n], [interval.low, interval.high], "-", color=colour(0), linewidth=3)
        axes.plot(*zip(*curve, strict=True), "o-", color=colour(0))
        axes.set(xlabel="frozen blocks, of 5", ylabel="test accuracy, %", xticks=range(BLOCKS + 1))
    return figure
