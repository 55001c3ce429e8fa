"""Does batch normalisation belong before or after max pooling?

    python -m experiments run batchnorm_placement --workers 2

`before_pooling` normalises every position of a feature map, and the pooling then takes maxima of normalised numbers;
`after_pooling` normalises the maxima, a quarter as many. The report also draws the means and standard deviations that
the two estimated while they trained, and how fast they train.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.config import Config, Experiment, use
from reports.run_directory import Run, measured

BLOCKS = 3

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=4000, test_limit=5000, validation_fraction=0.2),
        model=use(
            "pattern_cnn", blocks=BLOCKS, filters=[32, 64, 64], units=64, batch_normalization="before_pooling",
            dropout=0.1, dense_dropout=0.3,
        ),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=64,
        epochs=20,
    ),
    variants={
        "before_pooling": {},
        "after_pooling": {"model.batch_normalization": "after_pooling"},
        "none": {"model.batch_normalization": None},
    },
    seeds=10,
)  # fmt: skip


def measure(model: Any, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """For each block, the mean over its channels of the moving mean and of the moving standard deviation."""
    found = {}
    for block in range(1, BLOCKS + 1):
        name = f"normalization_{block}"
        if any(layer.name == name for layer in model.layers):
            layer = model.get_layer(name)
            mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
            found[str(block)] = {"mean": float(mean.mean()), "sd": float(np.sqrt(variance).mean())}
    return found


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """What the layers estimated, block by block, and the speed of training."""
    completed = [run for run in runs if run.metrics is not None]
    if not completed:
        return {}
    return {"What batch normalisation estimated, and how fast it trains": _estimates(completed)}


def _estimates(runs: Sequence[Run]) -> Any:
    from reports.figures.style import colour, drawing

    with drawing(height=2.8) as figure:
        means, spreads, speed = figure.subplots(1, 3)
        for position, variant in enumerate(EXPERIMENT.variants):
            own = [run for run in runs if run.variant == variant]
            rates = [run.metrics["images_per_second"] for run in own if run.metrics]
            speed.plot([position] * len(rates), rates, "o", color=colour(position), alpha=0.6)
            found = [values for run in own if (values := measured(run))]
            for axes, key in ((means, "mean"), (spreads, "sd")) if found else ():
                values = np.array([[blocks[str(b)][key] for b in range(1, BLOCKS + 1)] for blocks in found])
                axes.plot(range(1, BLOCKS + 1), values.mean(axis=0), "o-", color=colour(position), label=variant)
        means.set(xlabel="block", ylabel="moving mean, over channels", xticks=range(1, BLOCKS + 1))
        spreads.set(xlabel="block", ylabel="moving standard deviation", xticks=range(1, BLOCKS + 1), ylim=(0, None))
        names = [name.replace("_", "\n") for name in EXPERIMENT.variants]
        speed.set(ylabel="training images per second", ylim=(0, None), xlim=(-0.5, len(names) - 0.5))
        speed.set_xticks(range(len(names)), names)
        means.legend()
    return figure
