"""With few photographs of dogs and cats, is a pretrained network better than one trained from scratch?

    python -m experiments run cifar10_pretrain
    python -m experiments run dogs_vs_cats_transfer --workers 2

Four ways to train the same network on 100, 400 and 1,600 photographs (a quarter more, for validation, come on top):
from scratch, the head alone on frozen features, then also the last block, then also everything. It starts from VGG16's
ImageNet weights where Keras's cache holds them (`model.weights=imagenet` fetches them), else from `cifar10_pretrain`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.catalog import photo_transfer
from experiments.config import Experiment
from reports.run_directory import Run

SIZES = (100, 400, 1600)
WAYS = tuple(photo_transfer.EXPERIMENT.variants)

EXPERIMENT = Experiment(
    base=photo_transfer.EXPERIMENT.base,
    variants={
        f"{way}_{size}": {"dataset.limit": size * 5 // 4, **overrides}
        for size in SIZES
        for way, overrides in photo_transfer.EXPERIMENT.variants.items()
    },
    against=tuple(f"{way}_{size}=scratch_{size}" for size in SIZES for way in WAYS[1:]),
    seeds=9,
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Accuracy against the number of training photographs, one line for each way."""
    completed = [run for run in runs if run.metrics and "test" in run.metrics]
    return {"Accuracy against the number of training photographs": _lines(completed)} if completed else {}


def _lines(runs: Sequence[Run]) -> Any:
    from reports.figures.style import colour, drawing
    from reports.statistics import t_interval

    with drawing(height=3.2) as figure:
        axes = figure.subplots()
        for position, way in enumerate(WAYS):
            for size in SIZES:
                right = _accuracies(runs, f"{way}_{size}")
                axes.plot([size] * len(right), right, ".", color=colour(position), alpha=0.4)
                interval = t_interval(right)
                if interval:
                    axes.plot([size] * 2, [interval.low, interval.high], "-", color=colour(position), linewidth=3)
            present = [size for size in SIZES if len(_accuracies(runs, f"{way}_{size}"))]
            means = [_accuracies(runs, f"{way}_{size}").mean() for size in present]
            axes.plot(present, means, "o-", color=colour(position), label=way.replace("_", " "))
        axes.set(xlabel="training photographs", ylabel="test accuracy, %", xscale="log")
        axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
        axes.minorticks_off()
        axes.legend()
    return figure


def _accuracies(runs: Sequence[Run], variant: str) -> np.ndarray:
    found = [100 * run.metrics["test"]["accuracy"] for run in runs if run.variant == variant and run.metrics]
    return np.array(found)
