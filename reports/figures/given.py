"""Test images with their targets and predictions beside them: images, masks, sentences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import INK, SERIES, drawing, shortened
from keras_suite.reports.page.thumbnails import as_seen
from keras_suite.tasks.caption import sentence
from keras_suite.tasks.wording.quantities import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GROUND = "#2b2b2a"  # the first pixel class, the background
MASKS = (*SERIES, "#e8d44d", "#f2b6c6", "#9fd6a8", "#b0b0b0")
ROW = 1.12  # inches


SHOWN = 8  # images on a figure


def images_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, errors: np.ndarray, names: Sequence[str] = ()
) -> "Figure":
    """Plot rows of two: the target and the prediction, uint8 (n, h, w, c), with the RMSE in grey levels.

    The picture that the network saw stands before them where it is another one.
    """
    images, targets, predictions, errors = (each[:SHOWN] for each in (images, targets, predictions, errors))
    own = None if images.shape == targets.shape and np.array_equal(images, targets) else images
    columns = {} if own is None else {"image": own}
    return _rows({**columns, "target": targets, "prediction": predictions}, [f"RMSE {error:.1f}" for error in errors])


def masks_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, iou: np.ndarray, names: Sequence[str]
) -> "Figure":
    """Plot rows of three: the image, the true mask and the predicted one, uint8 (n, h, w), with the mean IoU."""
    from matplotlib.patches import Patch

    images, targets, predictions, iou = (each[:SHOWN] for each in (images, targets, predictions, iou))
    columns = {"image": images, "target": coloured(targets), "prediction": coloured(predictions)}
    figure = _rows(columns, [percent(share, 0) for share in iou])
    held = sorted(set(np.unique(targets).tolist()) | set(np.unique(predictions).tolist()))
    patches = [Patch(color=mask_colour(number)) for number in held]
    labels = [shortened(names[number] if number < len(names) else str(number), 12) for number in held]
    figure.legend(patches, labels, loc="outside lower center", ncols=6, fontsize=7.5)
    return figure


def mask_colour(number: int) -> str:
    """The colour of a pixel class; the first is the background."""
    return GROUND if number == 0 else MASKS[(number - 1) % len(MASKS)]


def coloured(masks: np.ndarray) -> np.ndarray:
    """Masks of class numbers (n, h, w) as colours uint8 (n, h, w, 3)."""
    shades = [mask_colour(number) for number in range(int(masks.max(initial=0)) + 1)]
    table = np.array([[int(shade[at : at + 2], 16) for at in (1, 3, 5)] for shade in shades], np.uint8)
    return table[masks]


def as_pixels(image: np.ndarray) -> np.ndarray:
    """Return a predicted image, which is a picture already."""
    return image


def sentences_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, scores: np.ndarray, names: Sequence[str]
) -> "Figure":
    """Plot each image with a true sentence, of words (n, R, T), and the predicted one, (n, T)."""
    images, targets, predictions = (each[:SHOWN] for each in (images, targets, predictions))
    with drawing(height=0.75 * len(images)) as figure:
        for place, axes in enumerate(figure.subplots(len(images), 2, squeeze=False, width_ratios=(1, 4.4))):
            _image(axes[0], images[place])
            axes[1].set_axis_off()
            lines = (("true", targets[place, 0], SERIES[2]), ("predicted", predictions[place], SERIES[1]))
            for height, (what, words, shade) in zip((0.72, 0.28), lines, strict=True):
                axes[1].text(0.0, height, what, color=shade, fontsize=8, va="center")
                axes[1].text(0.14, height, shortened(sentence(words, names), 62), color=INK, fontsize=8, va="center")
    return figure


def _rows(columns: dict[str, np.ndarray], texts: Sequence[str]) -> "Figure":
    """Two blocks of rows side by side, each row with its text under the last image."""
    count, width = len(texts), len(columns)
    half = -(-count // 2)
    with drawing(height=0.3 + ROW * half * (2 / width) ** 0.6) as figure:
        grid = figure.subplots(half, 2 * width + 1, squeeze=False, width_ratios=[*[1] * width, 0.25, *[1] * width])
        for axes in grid.ravel():
            axes.set_axis_off()
        for place, text in enumerate(texts):
            block, row = divmod(place, half)
            first = block * (width + 1)
            for column, (name, images) in enumerate(columns.items()):
                axes = grid[row, first + column]
                _image(axes, images[place])
                if row == 0:
                    axes.set_title(name, fontsize=8, loc="center")
            grid[row, first + width - 1].text(
                0.5, -0.04, text, transform=grid[row, first + width - 1].transAxes, ha="center", va="top", fontsize=7
            )
    return figure


def _image(axes: "Axes", pixels: np.ndarray) -> None:
    axes.imshow(as_seen(pixels), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_axis_off()
