"""Which pixels belong to which digit: does a network see enough by dilation, or by going down and up again?

python -m experiments run digit_segmentation --threads 1
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.config import Config, Experiment, use
from reports.run_directory import Run, TargetPredictions, measured, target_predictions

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
    seeds=7,
)

DIGITS = "0123456789"
SHOWN = 6  # scenes

Given = Mapping[str, Sequence[TargetPredictions]]  # of each variant's runs, the first seed first


def measure(model: Any, images: np.ndarray, masks: np.ndarray) -> dict[str, Any]:
    """Keeps the grey levels of the first test scenes, for the pictures."""
    return {"scenes": images[:SHOWN, ..., 0].astype(int).tolist()}


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Scenes with the true mask and each network's, and how well each digit is found."""
    given: dict[str, list[TargetPredictions]] = {}
    scenes: list[Any] = []
    for run in runs:
        found = target_predictions(run)
        if found is not None:
            given.setdefault(run.variant, []).append(found)
            scenes = scenes or (measured(run) or {}).get("scenes", [])
    if not given:
        return {}
    figures = {"IoU over all test scenes, of any digit and of each: mean, least and most of the runs": _by_digit(given)}
    if scenes:
        figures["The same scenes, and what each network says of their pixels"] = _side_by_side(np.array(scenes), given)
    return figures


def overlaps(said: TargetPredictions) -> np.ndarray:
    """The intersection over union over all test scenes together (11,): of all digits' pixels as one, then of each."""
    from reports.measures import iou

    true, given = (masks.reshape(1, -1, 1) for masks in (said.targets, said.predictions))
    return np.concatenate([iou(true > 0, given > 0, 2)[0, 1:], iou(true, given, 1 + len(DIGITS))[0, 1:]])


def _by_digit(given: Given) -> Any:
    from reports.figures.style import colour, drawing

    with drawing(height=2.8) as figure:
        axes = figure.add_subplot()
        for position, (variant, said) in enumerate(given.items()):
            found = 100 * np.array([overlaps(each) for each in said])
            places = np.arange(found.shape[1]) + 0.18 * (position - (len(given) - 1) / 2)
            shade = colour(position)
            axes.vlines(places, found.min(axis=0), found.max(axis=0), color=shade, linewidth=1.2)
            axes.plot(places, found.mean(axis=0), "o", color=shade, markersize=3.5, label=variant)
        axes.set_xticks(range(1 + len(DIGITS)), ["any", *DIGITS])
        axes.set(ylabel="IoU, %", ylim=(0, 100))
        figure.legend(loc="outside upper left", ncols=4)
    return figure


def _side_by_side(scenes: np.ndarray, given: Given) -> Any:
    """A row for each scene (h, w): itself, the true mask, and the mask of each variant's first run."""
    from matplotlib.patches import Patch

    from reports.figures.given import coloured, mask_colour
    from reports.figures.style import drawing

    firsts = {variant: said[0] for variant, said in given.items()}
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
