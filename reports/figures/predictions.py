"""Test images with targets and predictions: wrong classes, arrows for directions, images, masks, sentences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.reports.figures.style import INK, SERIES, drawing, shortened
from keras_suite.reports.results.classification import WrongImage, class_name
from keras_suite.reports.wording import sureness
from keras_suite.tasks.angle import degrees_off, upright
from keras_suite.tasks.caption import sentence
from keras_suite.tasks.wording.quantities import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TARGET, PREDICTED = SERIES[2], SERIES[1]
ARROW = 0.42  # length, of the shorter side of the image
MOST_ARROWS = 12  # images
SHOWN = 8  # images, of the other figures
BACKGROUND = "#2b2b2a"  # pixel class 0
MASKS = (*SERIES, "#e8d44d", "#f2b6c6", "#9fd6a8", "#b0b0b0")
ROW = 1.12  # inches


def as_seen(pixels: np.ndarray) -> np.ndarray:
    """Return what can be displayed of an image (h, w, channels): grey (h, w), or colours (h, w, 3).

    Of a clip, whose frames are channels, the first frame is red, the middle one green and the last one blue.
    """
    channels = pixels.shape[-1]
    return pixels[..., 0] if channels < 3 else pixels[..., [0, channels // 2, channels - 1]]


def wrong_images_figure(images: Sequence[WrongImage], class_names: Sequence[str], columns: int = 4) -> "Figure":
    """Plot thumbnails of misclassified test images, with true class, prediction and confidence."""
    rows = -(-len(images) // columns)
    with drawing(height=1.62 * rows) as figure:
        for position, image in enumerate(images):
            axes = figure.add_subplot(rows, columns, position + 1)
            _image(axes, image.pixels)
            true, predicted = (shortened(class_name(class_names, k), 11) for k in (image.label, image.predicted))
            axes.set_title(
                f"true {true}\npredicted {predicted}\nconfidence {sureness(image.confidence)}",
                fontsize=7.5,
                loc="center",
            )
    return figure


def directions_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, scores: np.ndarray, names: Sequence[str] = ()
) -> "Figure":
    """Plot the images with the largest errors and arrows in the directions (n, 2) of target and prediction."""
    return arrows_figure(images, targets, predictions)


def angles_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, scores: np.ndarray, names: Sequence[str] = ()
) -> "Figure":
    """Plot the images with the largest errors and arrows that point where their top would be, by angles (n, 1)."""
    return arrows_figure(images, upright(targets), upright(predictions))


def arrows_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, columns: int = 4, most: int = MOST_ARROWS
) -> "Figure":
    """Plot the images with the largest errors, worst first, with arrows for target and prediction.

    Args:
        images: uint8 (n, h, w, c).
        targets: Directions (n, 2) of any length, x to the right and y up.
        predictions: The same of the network.
        columns: Images in a row.
        most: Images at most.
    """
    errors = np.abs(degrees_off(targets, predictions))
    shown = np.argsort(-errors, kind="stable")[:most]
    rows = -(-len(shown) // columns)
    with drawing(height=0.3 + 1.28 * rows) as figure:
        for position, row in enumerate(shown):
            axes = figure.add_subplot(rows, columns, position + 1)
            _image(axes, images[row])
            _arrow(axes, images.shape[1:3], targets[row], TARGET)
            _arrow(axes, images.shape[1:3], predictions[row], PREDICTED)
            axes.set_title(f"error {errors[row]:.3g}°", fontsize=7.5, loc="center")
        lines = [axes.plot([], [], color=shade)[0] for shade in (TARGET, PREDICTED)]
        figure.legend(lines, ["target", "prediction"], loc="outside upper left", ncols=2)
    return figure


def _arrow(axes: "Axes", shape: tuple[int, int], direction: np.ndarray, shade: str) -> None:
    """Plot an arrow from the centre, outlined in black to stand out from any image; none for (0, 0)."""
    length = float(np.hypot(*direction))
    if length == 0:
        return
    centre = ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    x, y = ARROW * min(shape) * np.asarray(direction, np.float64) / length
    for black in (True, False):
        axes.annotate(
            "",
            (centre[0] + x, centre[1] - y),
            centre,
            arrowprops={
                "arrowstyle": "-|>,head_width=0.22,head_length=0.42",
                "color": "#000000" if black else shade,
                "linewidth": 3.4 if black else 1.6,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )


def images_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, errors: np.ndarray, names: Sequence[str] = ()
) -> "Figure":
    """Plot rows of two: the target and the prediction, uint8 (n, h, w, c), with the RMSE in grey levels.

    The input precedes them where it differs from the target.
    """
    images, targets, predictions, errors = (each[:SHOWN] for each in (images, targets, predictions, errors))
    columns = {} if images.shape == targets.shape and np.array_equal(images, targets) else {"image": images}
    return _rows({**columns, "target": targets, "prediction": predictions}, [f"RMSE {error:.1f}" for error in errors])


def masks_figure(
    images: np.ndarray, targets: np.ndarray, predictions: np.ndarray, iou: np.ndarray, names: Sequence[str]
) -> "Figure":
    """Plot rows of three: the image, the true mask and the predicted one, uint8 (n, h, w), with the mean IoU."""
    from matplotlib.patches import Patch

    images, targets, predictions, iou = (each[:SHOWN] for each in (images, targets, predictions, iou))
    columns = {"image": images, "target": coloured(targets), "prediction": coloured(predictions)}
    figure = _rows(columns, [percent(share, 0) for share in iou])
    present = sorted(set(np.unique(targets).tolist()) | set(np.unique(predictions).tolist()))
    patches = [Patch(color=mask_colour(number)) for number in present]
    labels = [shortened(names[number] if number < len(names) else str(number), 12) for number in present]
    figure.legend(patches, labels, loc="outside lower center", ncols=6, fontsize=7.5)
    return figure


def mask_colour(number: int) -> str:
    """Return the colour of a pixel class; the first is the background."""
    return BACKGROUND if number == 0 else MASKS[(number - 1) % len(MASKS)]


def coloured(masks: np.ndarray) -> np.ndarray:
    """Return masks of class numbers (n, h, w) as colours uint8 (n, h, w, 3)."""
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
                axes[1].text(0.17, height, shortened(sentence(words, names), 60), color=INK, fontsize=8, va="center")
    return figure


def _rows(columns: dict[str, np.ndarray], texts: Sequence[str]) -> "Figure":
    """Plot two blocks of rows side by side, each row with its text under the last image."""
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
