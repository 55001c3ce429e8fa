"""What should a convolution see beyond the border: zeros, the mirrored image, its edge, or nothing at all?

    keras-suite run padding_modes --threads 1

Three blocks of one 3x3 convolution and a pooling, then the logits directly. `valid` pads nothing, so every convolution
takes a pixel off each side, and the last pooling leaves 2x2 positions of 4x4: it has 76 % of the parameters.

Measured on CIFAR-10 re-encoded as JPEG (2,400 training and 600 validation images, 4,000 test images, 8 seeds, 32 runs
in 5 minutes on 2 busy cores): "None of 3 variants is shown to be better than 'zeros'; 'valid' is worse; 'reflect' and
'edge' are undecided". zeros 43.00 %, reflect 42.53 (0.47 points less; 95 % interval -1.73 to 0.80 over all 3
comparisons), edge 43.48 (0.48 more; -0.61 to 1.57), valid 37.48 (5.52 less; -7.51 to -3.54). What stands beyond the
border matters little; that something stands there does, since otherwise less of the image is left.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, examples

SHOWN, BEYOND = 3, 8  # images drawn, and pixels beyond their borders
MODES: dict[str, dict[str, Any]] = {
    "zeros": {"mode": "constant"},
    "reflect": {"mode": "reflect"},
    "edge": {"mode": "edge"},
}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=3000, test_limit=4000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=3, filters=[12, 24, 24], dense_layers=0),
        augmentation=use("standard", horizontal_flip=True),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=8,
    ),
    variants={
        "zeros": {},
        "reflect": {"model.padding_mode": "reflect"},
        "edge": {"model.padding_mode": "edge"},
        "valid": {"model.padding": "valid"},
    },
    seeds=8,
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return test images as the three paddings continue them."""
    stored = next((images for run in runs if (images := examples(run)) is not None), None)
    return {"What lies beyond the border, 8 pixels of it": _beyond(stored[1][:SHOWN])} if stored is not None else {}


def _beyond(images: np.ndarray) -> Any:
    from keras_suite.reports.figures.style import INK, drawing

    height, width = images.shape[1:3]
    around = ((BEYOND, BEYOND), (BEYOND, BEYOND), (0, 0))
    with drawing(height=1.5 * len(images)) as figure:
        grid = figure.subplots(len(images), len(MODES), squeeze=False)
        for row, image in zip(grid, images, strict=True):
            for axes, (name, options) in zip(row, MODES.items(), strict=True):
                axes.imshow(np.pad(image, around, **options), interpolation="nearest")
                left, right = BEYOND - 0.5, BEYOND + width - 0.5
                top, bottom = BEYOND - 0.5, BEYOND + height - 0.5
                axes.plot([left, right, right, left, left], [top, top, bottom, bottom, top], color="white", linewidth=1)
                axes.set_axis_off()
                if axes in grid[0]:
                    axes.set_title(name, color=INK)
    return figure
