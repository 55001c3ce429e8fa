"""Which way does a digit move: does a convolution over time tell it better than frames stacked as channels?

    keras-suite run moving_digits --workers 2

Six frames of a digit that goes one of eight ways, 0.5 to 1.5 pixels a frame, under noise that is new in each frame.
Stacked, the frames are channels: each kernel of the first layer sees all of them at once, with a weight for each. In
3-D, kernels of 3 frames slide over time, too, and the mean over all times comes last. Both networks have 10,760
parameters; the third variant gives the 3-D one twice the epochs.

Measured (clips of 1,000 digits of MNIST to train, 250 to validate, 2,000 to test; 8 seeds, 24 runs in 5 minutes on 2
busy cores):

                 test accuracy    multiply-adds    time a run
    stacked         97.45 %         1,799,488          6.0 s
    3d              91.39 %         7,112,576           17 s
    3d_longer       96.64 %         7,112,576           33 s

"None of 2 variants is shown to be better than 'stacked'; '3d' is worse; '3d_longer' is undecided": worse by 6.06 points
of test accuracy (95 % interval over both comparisons 1.13 to 11.00), and with twice the epochs by 0.81 (-1.80 to 3.41).
Of all wrong answers 94 to 97 % are the neighbouring direction. For six frames that are always all there, kernels that
slide over time buy nothing at equal parameters: they cost 4 times the multiply-adds and learn more slowly.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run, examples, predictions

THREE_D = {"model.convolution": "3d", "model.filters": [8, 16, 16]}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("moving_digits", noise=60.0, limit=1250, validation_fraction=0.2),
        model=use("clip_cnn", convolution="stacked", filters=[18, 24, 26]),
        optimizer=use("adam", learning_rate=3e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=20,
    ),
    variants={
        "stacked": {},
        "3d": THREE_D,
        "3d_longer": {**THREE_D, "epochs": 40},
    },
    seeds=8,
)

OFF = (45, 90, 135, 180)  # degrees between two of eight directions
CLIPS = 3  # shown of each network


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Plot how far off wrong answers are, and some of the misclassified clips."""
    completed = [run for run in runs if run.metrics is not None]
    figures = {"How far off wrong answers are": _off(completed)} if completed else {}
    first = {run.variant: run for run in reversed(completed)}
    shown = [clip for name in ("stacked", "3d") if name in first for clip in _wrong_clips(first[name])]
    return figures | ({"Misclassified clips, frame by frame": _frames(shown)} if shown else {})


def degrees_off(run: Run) -> np.ndarray:
    """Return the angle between the predicted and the true direction of each test clip, 0 to 180 degrees (n,)."""
    answers = predictions(run)
    if answers is None:
        return np.zeros(0)
    directions = answers.probabilities.shape[1]
    turned = (answers.probabilities.argmax(axis=1) - answers.labels) % directions
    return np.minimum(turned, directions - turned) * (360 // directions)


def _off(runs: Sequence[Run]) -> Any:
    from keras_suite.reports.figures.style import colour, drawing

    variants = list(dict.fromkeys(run.variant for run in runs))
    with drawing(height=2.4) as figure:
        axes = figure.add_subplot()
        for position, variant in enumerate(variants):
            off = np.concatenate([degrees_off(run) for run in runs if run.variant == variant])
            shares = [100 * np.mean(off == angle) for angle in OFF]
            places = np.arange(len(OFF)) + 0.26 * (position - (len(variants) - 1) / 2)
            axes.bar(places, shares, 0.24, color=colour(position), label=variant)
        axes.set_xticks(range(len(OFF)), [f"{angle}°" for angle in OFF])
        axes.set(xlabel="between the answer and the truth", ylabel="% of test clips")
        axes.grid(False, axis="x")
        axes.legend()
    return figure


def _wrong_clips(run: Run) -> list[tuple[np.ndarray, str]]:
    """Return the clips (h, w, frames) that a run was most confidently wrong about, and what is to be said of each."""
    stored, answers = examples(run), predictions(run)
    if stored is None or answers is None:
        return []
    at = {int(place): row for row, place in enumerate(answers.places)}
    rows = [at[int(place)] for place in stored[0][:CLIPS]]
    from keras_suite.data_pipeline.datasets.synthetic.moving_digits import DIRECTIONS  # late: `list` loads this file

    names = [(DIRECTIONS[answers.probabilities[row].argmax()], DIRECTIONS[answers.labels[row]]) for row in rows]
    texts = [f"{run.variant} said {wrong},\nit goes {true}" for wrong, true in names]
    return list(zip(stored[1][: len(texts)], texts, strict=True))


def _frames(clips: Sequence[tuple[np.ndarray, str]]) -> Any:
    from keras_suite.reports.figures.style import drawing

    frames = clips[0][0].shape[-1]
    with drawing(height=0.62 * len(clips)) as figure:
        for row, panels in enumerate(figure.subplots(len(clips), frames, squeeze=False)):
            clip, text = clips[row]
            for frame, axes in enumerate(panels):
                axes.imshow(clip[..., frame], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
                axes.set(xticks=(), yticks=())
                axes.grid(False)
            panels[0].set_ylabel(text, rotation=0, ha="right", va="center", fontsize=8)
    return figure
