"""Which way up gives images back best: nearest upsampling, transposed convolution, or unpooling to remembered places?

    keras-suite run autoencoder --threads 1

Two halvings by convolution and max pooling, a code of 8x8x8 numbers for 32x32x3 pixels, and the same way back, in
layers whose gradients are derived by hand. All ways up have as many parameters, 13,019. A transposed convolution with
stride 2 is unpooling to one corner of each block and a convolution
(tests/models/ops/test_transposed_convolution.py): what "unpooling" has over "transposed" is the places alone. That
is no fair decoder of a code: 16x16x16 and 8x8x32 places of 2 bits each, 12,288 bits, go past the 512 numbers. The
last variant passes on the places and no code at all; so no gradient reaches its way down, and they are the places of
the maxima of random filters.

Measured (1,800 photographs of CIFAR-10 to train, 200 to validate, 300 to test; 8 seeds, 32 runs in 25 minutes on one
of 2 busy cores; sharpness is the energy of differences between neighbouring pixels, as a share of the originals';
times are of the faster of two runs, made again since unpooling became faster):

                       test error        sharpness    multiply-adds    time a run
    nearest         19.75 grey levels      39 %         5,636,096         13 s
    transposed      19.58                  43 %         2,981,888          9 s
    unpooling       15.36                  83 %         5,636,096         16 s
    places_alone    42.64                  81 %         5,607,424         16 s

"1 of 3 variants is better than 'nearest': 'unpooling', by 4.38 grey levels of test RMSE (95 % interval 3.65 to 5.12
over all 3 comparisons, 8 paired seeds); 'places_alone' is worse; 'transposed' is undecided." How a decoder goes up
from the code alone makes no difference shown (-0.17, -0.74 to 0.40), but "transposed" takes half of the
multiply-adds, and its errors follow its grid a little more (within a block of 4x4 pixels 0.89 to 1.14 of their mean,
0.92 to 1.09 of "nearest"). The places bring twice the sharpness and a fifth less error. Sharpness is not truth:
places alone draw edges as sharp, and are off by more than twice as much.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, TargetPredictions, target_predictions

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", task="image", limit=2000, test_limit=300),
        model=use("autoencoder", up="nearest", filters=[16, 32], code=8),
        loss=use("squared_error"),
        optimizer=use("adam", learning_rate=3e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=15,
    ),
    variants={
        "nearest": {},
        "transposed": {"model.up": "transposed"},
        "unpooling": {"model.up": "unpooling"},
        "places_alone": {"model.up": "unpooling", "model.code": 0},
    },
    seeds=8,
)

BLOCK = 4  # pixels a side that one place of the code stands for
SHOWN = 6  # images side by side

Answers = Mapping[str, Sequence[TargetPredictions]]  # of each variant's runs, the first seed first


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return images as each way gives them back, how sharp they are, and whether errors follow a grid."""
    answers: dict[str, list[TargetPredictions]] = {}
    for run in runs:
        predictions = target_predictions(run)
        if predictions is not None:
            answers.setdefault(run.variant, []).append(predictions)
    if not answers:
        return {}
    return {
        "The same images, given back": _side_by_side(answers),
        "Error and sharpness of each run": _error_and_sharpness(answers),
        "Where in a block of 4x4 pixels the error is": _blocks(answers),
    }


def sharpness(answers: TargetPredictions) -> float:
    """Return the energy of differences between neighbouring pixels of images (n, h, w, c), as a share of the true
    images'.
    """

    def energy(images: np.ndarray) -> float:
        return float(sum(np.square(np.diff(images.astype(float), axis=axis)).sum() for axis in (1, 2)))

    return energy(answers.predictions) / energy(answers.targets)


def error_in_blocks(answers: TargetPredictions) -> np.ndarray:
    """Return the mean squared error at each place of a block, over that of all: (BLOCK, BLOCK), 1 where it is as
    elsewhere.
    """
    error = np.square(answers.predictions.astype(float) - answers.targets).mean(axis=(0, 3))
    rows, columns = (side // BLOCK for side in error.shape)
    places = error.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(0, 2))
    return places / places.mean()


def _side_by_side(answers: Answers) -> Any:
    from keras_suite.reports.figures.predictions import as_seen
    from keras_suite.reports.figures.style import drawing

    firsts = {variant: of_runs[0] for variant, of_runs in answers.items()}
    true = next(iter(firsts.values())).targets
    rows = {"original": true, **{variant: of_runs.predictions for variant, of_runs in firsts.items()}}
    shown = np.linspace(0, len(true) - 1, SHOWN).astype(int)  # the test images may be in the order of their classes
    with drawing(height=0.68 * len(rows)) as figure:
        for (name, images), panels in zip(rows.items(), figure.subplots(len(rows), SHOWN, squeeze=False), strict=True):
            for axes, row in zip(panels, shown, strict=True):
                axes.imshow(as_seen(images[row]), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
                axes.set(xticks=(), yticks=())
                axes.grid(False)
            panels[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
    return figure


def _error_and_sharpness(answers: Answers) -> Any:
    from keras_suite.reports.figures.style import GREY, colour, drawing
    from keras_suite.tasks import task_named

    with drawing(height=2.8) as figure:
        axes = figure.add_subplot()
        axes.axhline(100, linewidth=0.8, color=GREY)
        for position, (variant, of_runs) in enumerate(answers.items()):
            errors = [task_named("image").scores(each.targets, each.predictions).mean() for each in of_runs]
            sharp = [100 * sharpness(each) for each in of_runs]
            axes.plot(errors, sharp, "o", color=colour(position), markersize=5, alpha=0.75, label=variant)
        axes.set(xlabel="test error, grey levels", ylabel="sharpness, % of the originals'", ylim=(0, None))
        axes.legend()
    return figure


def _blocks(answers: Answers) -> Any:
    from keras_suite.reports.figures.style import drawing

    errors = {name: np.mean([error_in_blocks(each) for each in of_runs], axis=0) for name, of_runs in answers.items()}
    reach = max(0.1, *(float(np.abs(places - 1).max()) for places in errors.values()))
    with drawing(height=1.7) as figure:
        panels = figure.subplots(1, len(errors), squeeze=False)[0]
        for axes, (variant, places) in zip(panels, errors.items(), strict=True):
            image = axes.imshow(places, cmap="PuOr", vmin=1 - reach, vmax=1 + reach)
            axes.set(xticks=(), yticks=())
            axes.grid(False)
            axes.set_title(variant, fontsize=8)
        figure.colorbar(image, ax=list(panels), shrink=0.8).set_label("squared error / mean", fontsize=8)
    return figure
