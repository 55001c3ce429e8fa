"""For a few photographs of dogs and cats, does a network pretrained on the nearer images win?

    keras-suite run which_pretraining_sources --workers 2
    keras-suite run which_pretraining --workers 2

A head is trained on the frozen features of networks that had seen 6,000 animals (dogs and cats among them), vehicles,
both or digits, or nothing (`random`).

Measured at 32x32 pixels (100 and 400 training photographs and a quarter more for validation, 500 test photographs, 9
seeds, 90 runs in 2 minutes on 2 busy cores), test accuracy:

    photographs    animals      both    digits    vehicles    random
            100    62.80 %    62.51 %    56.82 %     53.87 %    52.29 %
            400    69.42 %    67.02 %    60.24 %     58.33 %    57.07 %

"2 of 8 pairs differ: 'animals_400' is better than 'vehicles_400' by 11.09 percentage points of test accuracy (95 %
interval 4.53 to 17.82 over all 8 comparisons, 9 paired seeds) and 'animals_400' is better than 'digits_400' by 9.18"
(2.17 to 16.33): the nearer source wins at 400 photographs. At 100 it is undecided over vehicles (8.93 points, p 0.073)
and over digits, and so is whether digits beat random features, and ten classes the six of animals. One network of each
source was tried, so the intervals say nothing of others.

What real ImageNet features know of the same 32 pixels (`benchmarks/imagenet_features.py`, EfficientNet-Lite0, a larger
network; heads on 10 draws of 1,000 photographs, 500 test photographs, standard deviation over the draws in brackets):
86.76 % (1.43) from 100 photographs and 89.24 % (1.31) from 400 where the network is shown them at 160 pixels, but
56.76 % (2.18) and 62.82 % (1.42) where it is shown them at 32: near the digits' network. At what size pretrained
weights see things decides as much as what they have seen before.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run

SIZES = (100, 400)
SOURCES = ("animals", "vehicles", "both", "digits", "random")


def variants() -> dict[str, dict[str, Any]]:
    """Return frozen features of each source, at each number of training photographs."""
    overrides = {}
    for size in SIZES:
        for source in SOURCES:
            weights = "random" if source == "random" else f"run:which_pretraining_sources/{source}"
            overrides[f"{source}_{size}"] = {"dataset.limit": size * 5 // 4, "model.weights": weights}
    return overrides


EXPERIMENT = Experiment(
    base=Config(
        dataset=use("image_folder", path="dogs_vs_cats.tar.gz", image_size=[32, 32], validation_fraction=0.2),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        model=use("vgg", width=0.125, blocks=4, batch_normalization="before_activation"),
        optimizer=use("adam", learning_rate=3e-3),
        callbacks=(use("early_stopping", patience=10),),
        phases=(use("head", cached_views=4),),
        batch_size=20,
        epochs=40,
    ),
    variants=variants(),
    against=tuple(
        f"{a}_{size}={b}_{size}"
        for size in SIZES
        for a, b in (("animals", "vehicles"), ("animals", "digits"), ("digits", "random"), ("both", "animals"))
    ),
    seeds=9,
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return test accuracy of each source at both sizes, every seed and the mean."""
    completed = [run for run in runs if run.metrics and "test" in run.metrics]
    return {"Accuracy by what the network had seen before": _by_source(completed)} if completed else {}


def _by_source(runs: Sequence[Run]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    with drawing(height=3.0) as figure:
        axes = figure.subplots()
        for position, size in enumerate(SIZES):
            means = []
            for place, source in enumerate(SOURCES):
                own = [run.metrics for run in runs if run.variant == f"{source}_{size}" and run.metrics]
                right = [100 * metrics["test"]["accuracy"] for metrics in own]
                at = place + (position - 0.5) / 4
                axes.plot([at] * len(right), right, ".", color=colour(position), alpha=0.5)
                means.append((at, np.mean(right) if right else np.nan))
            label = f"{size} photographs"
            axes.plot(*zip(*means, strict=True), "_", color=colour(position), ms=18, mew=2.5, label=label)
        axes.set_xticks(range(len(SOURCES)), SOURCES)
        axes.set_ylabel("test accuracy, %")
        axes.legend()
    return figure
