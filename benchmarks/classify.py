"""Does `classify` keep what it says? Draws of photographs, the range that is named, and the photographs left over.

The features of all photographs (dogs and cats, CIFAR-10, at 224 px) are computed once. Of each draw, heads are
fitted as `classify` does; the share of all other photographs that the final head reads right is the truth, which the
range should hold. The 100 photographs more that the learning curve speaks of are drawn from the others, too. Draws of
one data set overlap: with 400 of 2,500 photographs, two draws share 64 on average.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from keras_suite.experiments.classifying.expected import expected_share, with_more
from keras_suite.experiments.classifying.head import cross_validate, fit_head

REPEATS, MORE = 5, 100
SIDE = 224  # pixels, as `classify` stretches them
SIZES = {"dogs_vs_cats": (20, 50, 100, 200, 400), "cifar10": (60, 100, 200, 400)}


@dataclass
class Counted:
    """What came of the draws of one size."""

    data: str
    images: int
    draws: int = 0
    held: int = 0
    held_more: int = 0
    with_curve: int = 0
    width: float = 0.0
    truth: float = 0.0
    said: float = 0.0

    def line(self) -> str:
        """Return a row of the table."""
        n = self.draws
        curve = f"{100 * self.held_more / self.with_curve:.0f} % of {self.with_curve}" if self.with_curve else "none"
        return (
            f"{self.data:13} {self.images:4} photographs: right {100 * self.truth / n:5.2f} %, said "
            f"{100 * self.said / n:5.2f}; range {100 * self.width / n:4.1f} points wide, holds in "
            f"{100 * self.held / n:.0f} % of {n}; that of 100 more in {curve}"
        )


def features(data: str, data_dir: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the features float64 (n, 1280) of all photographs, and their classes."""
    from keras_suite.data_pipeline.datasets.image_folder import image_folder
    from keras_suite.data_pipeline.datasets.keras_datasets import cifar10
    from keras_suite.data_pipeline.images.image_files import resize
    from keras_suite.experiments.classifying.classifier import features_of, networks_for

    if data == "cifar10":
        dataset = cifar10(data_dir)
        some = slice(None, None, 2)  # they lie class by class
        images = np.stack([resize(image, (SIDE, SIDE)) for image in dataset.test_images[some]])
        labels = dataset.test_labels[some]
        dataset = replace(dataset, images=images, labels=labels)
    else:
        dataset = image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=(SIDE, SIDE))
        images = np.concatenate([dataset.images, dataset.test_images])
        labels = np.concatenate([dataset.labels, dataset.test_labels])
    backbone, _ = networks_for(dataset, "imagenet")
    return features_of(backbone, images).astype(np.float64), labels


def drawn(labels: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Return rows of as many images of each class."""
    each = count // (int(labels.max()) + 1)
    return np.concatenate(
        [random.choice(np.flatnonzero(labels == label), each, replace=False) for label in np.unique(labels)]
    )


def measure(data: str, found: np.ndarray, labels: np.ndarray, images: int, draws: int) -> Counted:
    """Classify draws of so many photographs, and count what held."""
    random = np.random.default_rng([images, len(labels)])
    counted = Counted(data, images)
    for _ in range(draws):
        rows = drawn(labels, images, random)
        x, y = found[rows], labels[rows]
        folds = cross_validate(x, y, repeats=REPEATS)
        full = folds.probabilities.argmax(axis=-1) == y
        half = cross_validate(x, y, repeats=REPEATS, keep=0.5, strengths=(folds.strength,))
        expected = expected_share(full)
        truth = _right(found, labels, rows, folds.strength)
        counted.draws += 1
        counted.truth, counted.said = counted.truth + truth, counted.said + expected.share
        counted.held += bool(expected.interval.low <= truth <= expected.interval.high)
        counted.width += expected.interval.high - expected.interval.low
        more = with_more(half.probabilities.argmax(axis=-1) == y, full, len(rows), MORE)
        if more is not None:
            rest = np.setdiff1d(np.arange(len(labels)), rows)
            larger = np.concatenate([rows, rest[drawn(labels[rest], MORE, random)]])
            then = _right(found, labels, larger, folds.strength)
            counted.with_curve += 1
            counted.held_more += bool(more.low <= then <= more.high)
    return counted


def _right(found: np.ndarray, labels: np.ndarray, rows: np.ndarray, strength: float) -> float:
    """Return the share of the photographs that are not among `rows` that a head fitted to those reads right."""
    rest = np.setdiff1d(np.arange(len(labels)), rows)
    head = fit_head(found[rows], labels[rows], strength)
    return float(np.mean(head.probabilities(found[rest]).argmax(axis=1) == labels[rest]))


def main() -> int:
    """Print a row for each size, and a JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="20 draws of two sizes")
    parser.add_argument("--draws", type=int, default=100, help="of each size (100)")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    arguments = parser.parse_args()
    from keras_suite.experiments.training import runtime

    runtime.start_tensorflow(runtime.available_cores())
    rows = []
    for data, sizes in SIZES.items():
        if arguments.quick and data != "dogs_vs_cats":
            continue
        try:
            found, labels = features(data, Path(arguments.data_dir or "."))
        except (ValueError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        for images in sizes[:2] if arguments.quick else sizes:
            began = time.perf_counter()
            rows.append(measure(data, found, labels, images, 20 if arguments.quick else arguments.draws))
            print(f"{rows[-1].line()} ({time.perf_counter() - began:.0f} s)", flush=True)
    print(json.dumps({"benchmark": "classify", "rows": [vars(row) for row in rows]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
