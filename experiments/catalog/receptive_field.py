"""Two 3x3 convolutions, one 5x5 or one dilated 3x3: which way to see a field of 5 or 7 pixels?

    keras-suite run receptive_field --workers 2

Within a field of 5 pixels: one 5x5, two 3x3, one 3x3 with dilation 2. Within a field of 7: one 7x7, three 3x3, one 3x3
with dilation 3. All have two blocks with the same pooling and the same filters, so the fields are equal at every depth.
The report also draws accuracy against parameters and against multiply-adds.

Measured on CIFAR-10 re-encoded as JPEG (3,200 training and 800 validation images, 5,000 test images, 8 seeds, 48 runs
in 28 minutes on 2 cores that tests shared), with batch normalisation after every convolution:

                 test accuracy    parameters    multiply-adds    time a run
    one_5x5         59.27 %         228,402        9,413,248            48 s
    two_3x3         61.21 %         235,026       14,131,840       1 min 21 s
    dilated_2       56.53 %         208,818        3,515,008            41 s
    one_7x7         58.47 %         257,778       18,260,608       1 min 05 s
    three_3x3       61.20 %         261,234       24,748,672       1 min 57 s
    dilated_3       52.21 %         208,818        3,515,008            45 s

"4 of 4 pairs differ: 'dilated_3' is worse than 'one_7x7' by 6.26 percentage points of test accuracy (95 % interval 4.61
to 7.92 over all 4 comparisons, 8 paired seeds), 'dilated_2' is worse than 'one_5x5' by 2.74" (1.77 to 3.71); two_3x3 is
better than one_5x5 by 1.95 points (0.62 to 3.27), three_3x3 than one_7x7 by 2.74 (1.18 to 4.30). The stacks of 3x3 win,
but not for nothing: here the first of them widens to all filters, so they cost more than the large kernel.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, measured

FIELDS = {
    5: {"one_5x5": {"kernel_size": 5}, "two_3x3": {"convs": 2}, "dilated_2": {"dilation": 2}},
    7: {"one_7x7": {"kernel_size": 7}, "three_3x3": {"convs": 3}, "dilated_3": {"dilation": 3}},
}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=4000, test_limit=5000, validation_fraction=0.2),
        model=use(
            "pattern_cnn", blocks=2, filters=[24, 48], units=64, batch_normalization="before_activation",
            dropout=0.1, dense_dropout=0.3,
        ),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=64,
        epochs=20,
    ),
    variants={
        name: {f"model.{option}": value for option, value in options.items()}
        for way in FIELDS.values()
        for name, options in way.items()
    },
    against=("two_3x3=one_5x5", "dilated_2=one_5x5", "three_3x3=one_7x7", "dilated_3=one_7x7"),
    seeds=8,
)  # fmt: skip


def measure(model: Any, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return multiply-adds of one image, and the pixels that a position of the first block's last convolution sees."""
    from keras_suite.experiments.inspecting.layer_table import rows

    layers = rows(model)
    convolutions = [row for row in layers if row.name.startswith("conv_1_") and row.kind == "Conv2D"]
    return {
        "multiply_adds": sum(row.multiply_adds or 0 for row in layers),
        "field": list(convolutions[-1].field or ()),
    }


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return accuracy against parameters and against multiply-adds, one dot for each variant."""
    completed = [run for run in runs if run.metrics is not None]
    return {"Accuracy at equal receptive fields": _costs(completed)} if completed else {}


def _costs(runs: Sequence[Run]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    with drawing(height=3.4) as figure:
        panels = figure.subplots(1, 2, sharey=True)
        for position, (pixels, ways) in enumerate(FIELDS.items()):
            for name, marker in zip(ways, "so^", strict=True):
                own = [run for run in runs if run.variant == name]
                metrics = [run.metrics for run in own if run.metrics]
                measurements = [values for run in own if (values := measured(run))]
                if not metrics or not measurements:
                    continue
                accuracy = 100 * np.mean([each["test"]["accuracy"] for each in metrics])
                costs = (metrics[0]["parameters"] / 1e3, measurements[0]["multiply_adds"] / 1e6)
                label = f"{name.replace('_', ' ')} (field of {pixels})"
                for axes, cost in zip(panels, costs, strict=True):
                    axes.plot(cost, accuracy, marker, color=colour(position), label=label)
        panels[0].set(xlabel="thousand parameters", ylabel="test accuracy, %")
        panels[1].set(xlabel="million multiply-adds an image")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
