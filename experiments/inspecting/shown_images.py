"""The images that are looked at: files of any size, or those of the test set that a run got most confidently wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_suite.data_pipeline.images.image_files import read_image
from keras_suite.experiments.inspecting.network import Network
from keras_suite.reports import run_directory
from keras_suite.reports.results.mistakes import class_name

WRONG = 6  # test images that are shown where none are given


@dataclass(frozen=True)
class ShownImage:
    """An image uint8 as it is, `shown` (h, w, 1 or 3), and as the network takes it, `pixels` (H, W, C).

    `title` has one line, or two; `file_name` is the part of a picture's name that stands for the image.
    """

    title: str
    file_name: str
    shown: np.ndarray
    pixels: np.ndarray


def images_to_show(run: Path, network: Network, paths: Sequence[Path]) -> list[ShownImage]:
    """The image files, or without any the most confidently wrong test images of the run.

    Files are read as `predict` reads them. ValueError or OSError names what cannot be read, or where there is nothing.
    """
    if paths:
        return [_from_file(path, number, network) for number, path in enumerate(paths, 1)]
    if not run.is_dir():
        raise ValueError(f"{run} is a model file, which keeps no images: give image files to look at")
    read = run_directory.read_run(run)
    kept, predictions = run_directory.examples(read), run_directory.predictions(read)
    if kept is None or predictions is None or not len(kept[0]):
        raise ValueError(f"{run} keeps no wrong test images (none was wrong, or none was asked): give image files")
    labels = dict(zip(predictions.places.tolist(), predictions.labels.tolist(), strict=True))
    return [
        ShownImage(
            f"test image {index}\nis {class_name(network.class_names, labels[int(index)])}",
            f"test-{index}",
            pixels,
            pixels,
        )
        for index, pixels in zip(kept[0][:WRONG], kept[1], strict=False)
    ]


def _from_file(path: Path, number: int, network: Network) -> ShownImage:
    shown = read_image(path, None, 3)
    return ShownImage(path.name, f"{number}-{path.stem}", shown, read_image(path, network.size, network.channels))
