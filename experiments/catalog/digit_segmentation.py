"""Which pixels belong to which digit: does a network see enough by dilation, or by going down and up again?

    keras-suite run digit_segmentation --threads 1

One to three digits of MNIST in a scene of 32x32 pixels, overlapping, among scraps of other digits and under noise:
what is each pixel, ground or one of ten digits? Four networks of six convolutions with the same 12,235 parameters, in
layers whose gradients are derived by hand. An output sees 33x33 pixels by dilation, 30 or 34 on each axis where the
network goes down twice and up again, with or without the maps of the way down added to those of the way up, and 13x13
of plain convolutions.

Measured (1,800 scenes to train, 200 to validate, 300 to test, no digit stands in two; 8 seeds, 32 runs in 15 minutes on
2 busy cores; IoU is the mean over a scene's digits, "of any digit" that of all digits' pixels as one; times are those
of each variant's fastest run in an earlier measurement of 7 seeds on one core):

                   test IoU    of any digit    multiply-adds    time a run
    dilated        39.45 %        85.6 %         12,124,160        31 s
    down_and_up    29.88 %        69.6 %          4,161,536        13 s
    with_skips     35.82 %        87.5 %          4,161,536        11 s
    plain          11.21 %        87.0 %         12,124,160        26 s

"None of 3 variants is shown to be better than 'dilated'; 'down_and_up', 'with_skips' and 'plain' are worse", by 9.57
points of test IoU (95 % interval over all 3 comparisons 6.29 to 12.86), by 3.63 (0.73 to 6.52) and by 28.24 (24.64 to
31.84). Finding a digit's pixels and naming them are two things: 13x13 pixels are enough for the first, and call 44 % of
the pixels that they find by the right name, dilation 76. Going down without skips names nearly as well (70 %) and loses
the outlines; skips bring those back, for a third of the multiply-adds of dilation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, TargetPredictions, measured, target_predictions

EXPERIMENT = Experiment(
    base=Config(
        dataset=use(
            "digit_scenes", scenes=2000, test_scenes=300, side=32, digits=[1, 3], sizes=[12, 18], scraps=2, noise=20.0
        ),
        model=use("segmenter", context="dilated", filters=16),
        optimizer=use("adam", learning_rate=2e-2),
        schedule=use("one_cycle"),
        batch_size=25,
        epochs=12,
    ),
    variants={
        "dilated": {},
        "down_and_up": {"model.context": "down_and_up"},
        "with_skips": {"model.context": "down_and_up", "model.skips": True},
        "plain": {"model.context": "plain"},
    },
    seeds=8,
)

DIGITS = "0123456789"
SHOWN = 6  # scenes

Answers = Mapping[str, Sequence[TargetPredictions]]  # of each variant's runs, the first seed first


def measure(model: Any, images: np.ndarray, masks: np.ndarray) -> dict[str, Any]:
    """Keep the grey levels of the first test scenes, for the pictures."""
    return {"scenes": images[:SHOWN, ..., 0].astype(int).tolist()}


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return scenes with the true mask and each network's, and how well each digit is found."""
    answers: dict[str, list[TargetPredictions]] = {}
    scenes: list[Any] = []
    for run in runs:
        predictions = target_predictions(run)
        if predictions is not None:
            answers.setdefault(run.variant, []).append(predictions)
            scenes = scenes or (measured(run) or {}).get("scenes", [])
    if not answers:
        return {}
    figures = {"IoU over all test scenes, of any digit and of each": _by_digit(answers)}
    if scenes:
        figures["The same scenes, and what each network says of their pixels"] = _side_by_side(
            np.array(scenes), answers
        )
    return figures


def overlaps(answers: TargetPredictions) -> np.ndarray:
    """Return the intersection over union over all test scenes together (11,): of all digits' pixels as one, then of
    each.
    """
    from keras_suite.tasks.mask import iou

    true, predicted = (masks.reshape(1, -1, 1) for masks in (answers.targets, answers.predictions))
    return np.concatenate([iou(true > 0, predicted > 0, 2)[0, 1:], iou(true, predicted, 1 + len(DIGITS))[0, 1:]])


def _by_digit(answers: Answers) -> Any:
    """Return the mean of each variant's runs, and a line from the least to the most."""
    from keras_suite.reports.figures.style import colour, drawing

    with drawing(height=2.8) as figure:
        axes = figure.add_subplot()
        for position, (variant, of_runs) in enumerate(answers.items()):
            ious = 100 * np.array([overlaps(each) for each in of_runs])
            places = np.arange(ious.shape[1]) + 0.18 * (position - (len(answers) - 1) / 2)
            shade = colour(position)
            axes.vlines(places, ious.min(axis=0), ious.max(axis=0), color=shade, linewidth=1.2)
            axes.plot(places, ious.mean(axis=0), "o", color=shade, markersize=3.5, label=variant)
        axes.set_xticks(range(1 + len(DIGITS)), ["any", *DIGITS])
        axes.set(ylabel="IoU, %", ylim=(0, 100))
        figure.legend(loc="outside upper left", ncols=4)
    return figure


def _side_by_side(scenes: np.ndarray, answers: Answers) -> Any:
    """Return a row for each scene (h, w): itself, the true mask, and the mask of each variant's first run."""
    from matplotlib.patches import Patch

    from keras_suite.reports.figures.predictions import coloured, mask_colour
    from keras_suite.reports.figures.style import drawing

    firsts = {variant: of_runs[0] for variant, of_runs in answers.items()}
    columns = {"true": next(iter(firsts.values())).targets, **{name: each.predictions for name, each in firsts.items()}}
    with drawing(height=0.5 + 0.78 * len(scenes)) as figure:
        for row, panels in enumerate(figure.subplots(len(scenes), 1 + len(columns), squeeze=False)):
            panels[0].imshow(scenes[row], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            for axes, masks in zip(panels[1:], columns.values(), strict=True):
                axes.imshow(coloured(masks[row]), interpolation="nearest")
            for axes, name in zip(panels, ("scene", *columns), strict=True):
                axes.set(xticks=(), yticks=())
                axes.grid(False)
                if not row:
                    axes.set_title(name, fontsize=8, loc="center")
        patches = [Patch(color=mask_colour(number), label=digit) for number, digit in enumerate(DIGITS, 1)]
        spacing = {"handlelength": 0.7, "columnspacing": 0.8}
        figure.legend(handles=patches, loc="outside lower center", ncols=len(DIGITS), **spacing)
    return figure
