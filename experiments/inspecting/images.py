"""The images that are inspected, and figures of images in rows and columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from keras_suite.data_pipeline.images.deep_levels import Levels
from keras_suite.data_pipeline.images.image_files import read_image
from keras_suite.experiments.inspecting.network import Network
from keras_suite.experiments.inspecting.predict import levels_of
from keras_suite.reports import run_directory
from keras_suite.reports.figures.style import GREY, drawing, shortened
from keras_suite.reports.results.classification import class_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MISTAKES = 6  # test images that are shown where no files are given


@dataclass(frozen=True)
class ShownImage:
    """An image to inspect.

    Attributes:
        title: One line, or two.
        file_name: The part of an output file's name that stands for the image.
        shown: The image as it is, uint8 (h, w, 1 or 3).
        pixels: The image as the network takes it, uint8 (H, W, C).
    """

    title: str
    file_name: str
    shown: np.ndarray
    pixels: np.ndarray


def images_to_show(run: Path, network: Network, paths: Sequence[Path]) -> list[ShownImage]:
    """Return image files, or without any the test images that the run got most confidently wrong.

    Args:
        run: The run directory, or a .keras file.
        network: Its network.
        paths: Image files of any size, read as `predict` reads them.

    Raises:
        ValueError, OSError: If a file cannot be read, or the run keeps no wrong images.
    """
    if paths:
        levels = levels_of(run)
        return [_from_file(path, number, network, levels) for number, path in enumerate(paths, 1)]
    if not run.is_dir():
        raise ValueError(f"{run} is a model file, which keeps no images: give image files")
    read = run_directory.read_run(run, needs=("examples.npz", "predictions.npz"))
    examples, predictions = run_directory.examples(read), run_directory.predictions(read)
    if examples is None or predictions is None or not len(examples[0]):
        raise ValueError(f"{run} keeps no wrong test images (none was wrong, or none was to be kept): give image files")
    labels = dict(zip(predictions.places.tolist(), predictions.labels.tolist(), strict=True))
    return [
        ShownImage(
            f"test image {index}\nis {class_name(network.class_names, labels[int(index)])}",
            f"test-{index}",
            pixels,
            pixels,
        )
        for index, pixels in zip(examples[0][:MISTAKES], examples[1], strict=False)
    ]


def _from_file(path: Path, number: int, network: Network, levels: Levels) -> ShownImage:
    shown, pixels = read_image(path, None, 3, levels), read_image(path, network.size, network.channels, levels)
    return ShownImage(path.name, f"{number}-{path.stem}", shown, pixels)


@dataclass(frozen=True)
class Panel:
    """One image: uint8 (h, w, 1 or 3), or numbers (h, w) in the colormap `colours` from `least` to `most`."""

    pixels: np.ndarray
    title: str = ""
    label: str = ""
    colours: str = "gray"
    least: float = 0.0
    most: float = 255.0


def draw_pairs(pairs: Sequence[tuple[Panel, Panel]], heading: str, bar: str = "") -> "Figure":
    """Plot pairs of an image and its result, two pairs in a row if there are several."""
    across = min(2, len(pairs))
    rows = [
        [panel for pair in pairs[first : first + across] for panel in pair] for first in range(0, len(pairs), across)
    ]
    return draw_panels(rows, heading, 3.5 * across, (0.9 if bar else 0.3) + 2.1 * len(rows), bar)


def draw_panels(
    panels: Sequence[Sequence[Panel]], heading: str, width: float, height: float, bar: str = ""
) -> "Figure":
    """Plot a row of images for each sequence, with panels' labels at their left.

    Args:
        panels: The rows.
        heading: The text above them.
        width: Of the figure, in inches.
        height: Of the figure, in inches.
        bar: The meaning of the last panel's colours, for a colour bar beneath; "" for none.
    """
    columns = max(len(row) for row in panels)
    with drawing(width, height) as figure:
        figure.suptitle(heading, x=0.01, ha="left", fontsize=9, color=GREY)
        for line, row in enumerate(panels):
            for place, panel in enumerate(row):
                axes = figure.add_subplot(len(panels), columns, line * columns + place + 1)
                _show(axes, panel)
                if panel.title:
                    characters = round(14 * width / len(row))
                    lines = [shortened(text, characters) for text in panel.title.split("\n")]
                    axes.set_title("\n".join(lines), fontsize=7.5, loc="left", pad=3)
        if bar:
            scale = figure.colorbar(axes.images[0], ax=figure.axes, location="bottom", shrink=0.6, aspect=40, pad=0.02)
            scale.set_label(bar)
            scale.outline.set_visible(False)
    return figure


def _show(axes: "Axes", panel: Panel) -> None:
    """Plot the panel's image on these axes, without ticks."""
    pixels = panel.pixels[..., 0] if panel.pixels.ndim == 3 and panel.pixels.shape[-1] == 1 else panel.pixels
    small = max(pixels.shape[:2]) <= 64  # few pixels are shown as the squares that they are
    axes.imshow(
        pixels,
        cmap=panel.colours,
        vmin=panel.least,
        vmax=panel.most,
        interpolation="nearest" if small else "antialiased",
    )
    axes.set_anchor("NW")  # titles of a row stand at one height, labels keep their distance
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if panel.label:
        axes.set_ylabel(panel.label, rotation=0, ha="right", va="center", fontsize=7.5)
