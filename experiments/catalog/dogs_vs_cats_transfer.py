"""With few photographs of dogs and cats, is a pretrained network better than one trained from scratch?

    keras-suite run cifar10_pretrain
    keras-suite run dogs_vs_cats_transfer --workers 2

Four ways to train one network on 100, 400 and 1,600 photographs (a quarter more, for validation, come on top): from
scratch; the head alone, on frozen features; then also the last block; then also everything. It starts from VGG16's
ImageNet weights where `keras-suite weights vgg16` has put them into Keras's cache, else from `cifar10_pretrain`.

Measured from `cifar10_pretrain`, since no ImageNet weights were to be had, at 48x48 pixels (500 test photographs, 9
seeds, 108 runs in 66 minutes on 2 busy cores), test accuracy:

    photographs     scratch    frozen    last block    all
            100     56.29 %    81.49 %      83.16 %    83.73 %
            400     65.51 %    83.62 %      83.44 %    85.60 %
          1,600     77.27 %    83.62 %      84.49 %    87.82 %

"9 of 9 pairs differ: most of all, 'all_100' is better than 'scratch_100' by 27.44 percentage points of test accuracy
(95 % interval 19.29 to 35.60 over all 9 comparisons, 9 paired seeds)"; the least, 'frozen_1600' by 6.36 points (3.72
to 8.99). With `report --against frozen_100=scratch_1600`: frozen features of 100 photographs are better than training
from scratch on 1,600, by 4.22 points (1.87 to 6.57). All runs start from one pretrained network, so the intervals say
nothing of another one. CIFAR-10 itself has cats and dogs among its ten classes.

With real ImageNet features of the same photographs, of 48x48 pixels, too: `imagenet_transfer`, where frozen ones read
89.40 % from 100, 92.56 % from 400 and 94.31 % from 1,600 (11 seeds).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, Part, use
from keras_suite.models.transfer.imagenet_weights import has_imagenet
from keras_suite.reports.run_directory import Run

SIZES = (100, 400, 1600)
HEAD = use("head", cached_views=4)
WAYS: dict[str, dict[str, Any]] = {
    "scratch": {"model.weights": "random"},
    "frozen": {"phases": (HEAD,)},
    "last_block": {"phases": (HEAD, use("last_blocks", epochs=20, learning_rate=2e-4))},
    "all": {"phases": (HEAD, use("whole", epochs=20, learning_rate=2e-4))},
}


def pretrained() -> tuple[Part, int]:
    """Return the network to start from, and the side of the images that suits it."""
    if has_imagenet("vgg16"):
        return use("vgg16", weights="imagenet"), 128
    return use("vgg", width=0.25, batch_normalization="before_activation", weights="run:cifar10_pretrain"), 48


MODEL, SIDE = pretrained()

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("image_folder", path="dogs_vs_cats.tar.gz", image_size=[SIDE, SIDE], validation_fraction=0.2),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        model=MODEL,
        optimizer=use("adam", learning_rate=1e-3),
        callbacks=(use("early_stopping", patience=10),),
        batch_size=32,
        epochs=40,
    ),
    variants={
        f"{way}_{size}": {"dataset.limit": size * 5 // 4, **overrides}
        for size in SIZES
        for way, overrides in WAYS.items()
    },
    against=tuple(f"{way}_{size}=scratch_{size}" for size in SIZES for way in tuple(WAYS)[1:]),
    seeds=10,
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return accuracy against the number of training photographs, one line for each way."""
    completed = [run for run in runs if run.metrics and "test" in run.metrics]
    title = "Accuracy against the number of training photographs"
    return {title: accuracy_lines(completed, tuple(WAYS), SIZES)} if completed else {}


def accuracy_lines(runs: Sequence[Run], ways: Sequence[str], sizes: Sequence[int]) -> Any:
    """Return the figure of runs of variants "<way>_<size>": each run, the means, their 95 % t-intervals."""
    from keras_suite.reports.figures.style import colour, drawing
    from keras_suite.reports.statistics.intervals import t_interval

    with drawing(height=3.2) as figure:
        axes = figure.subplots()
        for position, way in enumerate(ways):
            for size in sizes:
                right = _accuracies(runs, f"{way}_{size}")
                axes.plot([size] * len(right), right, ".", color=colour(position), alpha=0.4)
                interval = t_interval(right)
                if interval:
                    axes.plot([size] * 2, [interval.low, interval.high], "-", color=colour(position), linewidth=3)
            present = [size for size in sizes if len(_accuracies(runs, f"{way}_{size}"))]
            means = [_accuracies(runs, f"{way}_{size}").mean() for size in present]
            axes.plot(present, means, "o-", color=colour(position), label=way.replace("_", " "))
        axes.set(xlabel="training photographs", ylabel="test accuracy, %", xscale="log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        axes.legend()
    return figure


def _accuracies(runs: Sequence[Run], variant: str) -> np.ndarray:
    accuracies = [100 * run.metrics["test"]["accuracy"] for run in runs if run.variant == variant and run.metrics]
    return np.array(accuracies)
