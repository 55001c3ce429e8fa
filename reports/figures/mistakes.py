"""Where a variant goes wrong, in pictures: a confusion matrix, and thumbnails of wrong images."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import INK, SERIES, WIDTH, drawing, shortened
from keras_suite.reports.page.thumbnails import as_seen
from keras_suite.reports.results.mistakes import WrongImage, class_name
from keras_suite.reports.wording import sureness

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def confusion_figure(counts: np.ndarray, class_names: Sequence[str]) -> "Figure":
    """A confusion matrix (true in rows, predicted in columns) of counts summed over seeds.

    Shade is the share of the row: right answers blue, mistakes orange on a scale of their own, so that few are seen.
    Counts are written in up to 12 classes; up to 30 classes are named, of more every tenth.
    """
    classes = len(counts)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = share * ~np.eye(classes, dtype=bool)
    most = wrong.max() if wrong.max() > 0 else 1.0
    colours = np.zeros((classes, classes, 4))
    colours[..., :3] = _rgb(SERIES[1])
    colours[..., 3] = 0.9 * np.sqrt(wrong / most)
    diagonal = np.arange(classes)
    colours[diagonal, diagonal, :3] = _rgb(SERIES[0])
    colours[diagonal, diagonal, 3] = 0.75 * np.diag(share)
    with drawing(height=WIDTH * 0.92) as figure:
        axes = figure.add_subplot()
        axes.imshow(colours, interpolation="none", aspect="equal")
        axes.grid(False)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        shown = diagonal if classes <= 30 else diagonal[::10]
        names = [shortened(class_names[k] if k < len(class_names) else str(k), 12) for k in shown]
        crowded = classes > 12 or max(len(name) for name in names) > 3
        axes.set_xticks(shown, names, rotation=90 if crowded else 0)
        axes.set_yticks(shown, names)
        axes.tick_params(length=0, labelsize=8.5 if classes <= 20 else 7)
        for spine in axes.spines.values():
            spine.set_visible(False)
        if classes <= 12:
            size = 8.5 if counts.max() < 10_000 else 7
            for row, column in np.argwhere(counts > 0):
                text = "#ffffff" if colours[row, column, 3] > 0.6 else INK
                axes.text(column, row, f"{counts[row, column]}", ha="center", va="center", fontsize=size, color=text)
    return figure


def _rgb(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def wrong_images_figure(images: Sequence[WrongImage], class_names: Sequence[str], columns: int = 4) -> "Figure":
    """Thumbnails of test images that the runs got wrong, the most confidently wrong first."""
    rows = -(-len(images) // columns)
    with drawing(height=1.62 * rows) as figure:
        for position, image in enumerate(images):
            axes = figure.add_subplot(rows, columns, position + 1)
            axes.imshow(as_seen(image.pixels), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set_axis_off()
            true, predicted = (shortened(class_name(class_names, k), 11) for k in (image.label, image.predicted))
            axes.set_title(
                f"is {true}\nsaid {predicted}\n{sureness(image.confidence)} sure", fontsize=7.5, loc="center"
            )
    return figure
