"""Small batches or all at once: which gradient descent gets furthest in as many epochs?

    keras-suite tune batch_size --tuner grid --trials 24 --threads 1
    keras-suite run batch_size --threads 1

Plain gradient descent on 400 digits, in batches of 8, 50 and 400 (the full batch), each at the learning rate that wins
in the sweep, on validation digits. In 8 epochs that are 400, 64 and 8 steps; `full_64_steps` is the full batch with as
many steps as batches of 50 make, in 64 epochs. The sweep also tries batches of 1, stochastic gradient descent in the
strict sense, whose 3,200 steps take longer than all else together.

Measured on real MNIST at 14x14 pixels (400 training and 100 validation digits, 4,000 test digits, 8 seeds, the 32 runs
in 4 minutes and the sweep's 24, one seed each, in 1 minute of one of 2 cores, beside other work): "None of 3 variants
is shown to be better than 'batch_50'; 'full' and 'full_64_steps' are worse; 'batch_8' is undecided". batch_8 79.57 %
(95 % interval of its mean 71.32 to 87.82), batch_50 62.00 (50.03 to 73.97), full 18.80, 43.21 points less,
full_64_steps 23.78, 38.22 less. So in as many epochs more and smaller steps get further: 17.57 points from 50 to 8
digits a step, though not decided. The full batch does not make up for it with as many steps: its rate of 1, the sweep's
best for 8 steps, is too large: the training loss jumps in all seeds and ends between 1.5 and 2.3. Two caveats: the
sweep stopped trials of large batches after 4 of 8 epochs, as they were far below the small ones', and compared them
there; and batches of 1 read 87 % of the 100 validation digits in it, 8 read 91, 50 58 and 400 38.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run

TRAINED, EPOCHS = 400, 8
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
WINNERS = {1: 0.03, 8: 0.1, 50: 0.3, TRAINED: 1.0}  # of the sweep, by the validation accuracy when they ended
LONG = EPOCHS * TRAINED // 50  # epochs of a step each

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", image_size=[14, 14], limit=TRAINED * 5 // 4, test_limit=4000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=2, filters=[6, 12], units=32),
        optimizer=use("sgd", learning_rate=WINNERS[50]),
        batch_size=50,
        epochs=EPOCHS,
    ),
    variants={
        "batch_50": {},
        "batch_8": {"batch_size": 8, "optimizer.learning_rate": WINNERS[8]},
        "full": {"batch_size": TRAINED, "optimizer.learning_rate": WINNERS[TRAINED]},
        f"full_{LONG}_steps": {
            "batch_size": TRAINED,
            "optimizer.learning_rate": WINNERS[TRAINED],
            "epochs": LONG,
        },
    },
    seeds=8,
)


def space(hp: Any) -> dict[str, Any]:
    return {
        "batch_size": hp.Choice("batch_size", list(WINNERS)),
        "optimizer.learning_rate": hp.Choice("learning_rate", list(RATES)),
    }


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the training loss against images seen and against steps made, the mean of each variant's runs."""
    completed = [run for run in runs if run.metrics]
    return {"The training loss, by images seen and by steps": _losses(completed)} if completed else {}


def _losses(runs: Sequence[Run]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    with drawing(height=3.2) as figure:
        by_images, by_steps = figure.subplots(1, 2, sharey=True)
        for position, name in enumerate(EXPERIMENT.variants):
            curves = [[row["loss"] for row in run.history] for run in runs if run.variant == name]
            if not curves:
                continue
            epochs = np.arange(1, len(curves[0]) + 1)
            steps = -(-TRAINED // EXPERIMENT.config(name).batch_size)
            for axes, x in ((by_images, TRAINED * epochs), (by_steps, steps * epochs)):
                axes.plot(x, np.mean(curves, axis=0), ".-", color=colour(position), label=name, ms=4)
        by_images.set(xlabel="images seen", ylabel="training loss", xscale="log", ylim=(0, 2.6))
        by_steps.set(xlabel="steps made", xscale="log")
        figure.legend(*by_images.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
