"""How many images a second are augmented: the suite's pipeline against the same set of stacked Keras layers.

    python benchmarks/augmentation.py [--quick] [--data-dir FOLDER]

Both sides read the same uint8 images from memory, in batches, through tf.data with AUTOTUNE, and give float32 batches.
Keras's side is the usual way: shuffle, batch, `map(lambda x, y: (layers(x, training=True), y))`, prefetch. The set is a
horizontal flip, rotation by 15 degrees, zoom by 10 %, shifts by 10 %, brightness and contrast by 20 %. They take turns
(A B A B ...). The ratio on the last line is the one at 160 px.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it runs from anywhere, not installed
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.augmentation.standard import standard
from keras_suite.data_pipeline.datasets.image_folder import image_folder
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.pipeline import BatchAugmentation, training_stream
from keras_suite.data_pipeline.targets import class_targets

BATCH_SIZE = 64
WARM_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Case:
    """Images (n, h, w, c) uint8, where they come from, and how long one turn of a side is."""

    name: str
    data: str
    images: np.ndarray
    seconds: float


def main() -> int:
    """Print a table and, last, one JSON line. Exit code 2: data are missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    parser.add_argument("--quick", action="store_true", help="under a minute: fewer and shorter turns")
    options = parser.parse_args()
    turns, seconds = (3, 1.5) if options.quick else (10, 5.0)
    try:
        cases = load_cases(options.data_dir, seconds)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{turns} turns of {seconds:g} s a side, batches of {BATCH_SIZE}, {os.cpu_count()} cores; images a second")
    print(f"{'images':<12} {'suite':>9} {'Keras':>9} {'ratio':>6}   ratios of the turns")
    results = {case.name: compare(case, turns) for case in cases}
    for case in cases:
        ours, theirs = (statistics.median(side) for side in results[case.name])
        ratios = sorted(a / b for a, b in zip(*results[case.name], strict=True))
        print(
            f"{case.name:<12} {ours:>9,.0f} {theirs:>9,.0f} {ours / theirs:>6.1f}   {ratios[0]:.1f} to {ratios[-1]:.1f}"
        )
    ours, theirs = (statistics.median(side) for side in results[cases[0].name])
    figures = {"ratio": round(ours / theirs, 2), "ours": round(ours), "theirs": round(theirs), "n": turns}
    print(json.dumps({"benchmark": "augmentation", **figures, "data": cases[0].data}))
    return 0


def load_cases(data_dir: Path | None, seconds: float) -> tuple[Case, ...]:
    """Return photographs at 160 px first, then MNIST. Raises OSError or ValueError where they are missing."""
    if data_dir is None:
        raise FileNotFoundError(
            "no data folder: give --data-dir or DATA_DIR, a folder with dogs_vs_cats.tar.gz and mnist.npz"
        )
    photographs = image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=(160, 160)).images
    digits = mnist(data_dir, limit=None).images[:10_000]
    return (
        Case("160x160x3", f"dogs_vs_cats, {len(photographs):,} photographs at 160x160x3", photographs, seconds),
        Case("28x28x1", f"MNIST, {len(digits):,} images", digits, seconds),
    )


def compare(case: Case, turns: int) -> tuple[list[float], list[float]]:
    """Return images a second of each turn, ours and Keras's, taken in turn."""
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(turns):
        for stream, measured in zip((suite_stream, keras_stream), rates, strict=True):
            measured.append(rate(stream(case.images), case.seconds))
    return rates


def suite_stream(images: np.ndarray) -> tf.data.Dataset:
    """Return the suite's training stream with its standard augmentation."""
    targets, augment = class_targets(np.zeros(len(images)), 2), suite_augmentation(images.shape[1:])
    return training_stream(images, targets, np.arange(len(images)), batch_size=BATCH_SIZE, seed=1, augment=augment)


def suite_augmentation(image_shape: tuple[int, ...]) -> BatchAugmentation:
    """Return the set of changes as the suite makes them."""
    height, width, channels = image_shape
    augmentation = standard(
        (height, width, channels),
        2,
        horizontal_flip=True,
        rotation=15,
        zoom=0.1,
        shift=0.1,
        brightness=0.2,
        contrast=0.2,
    )
    assert augmentation is not None
    return augmentation


def keras_layers() -> keras.Sequential:
    """Return the same set of changes as stacked Keras layers, fill black as ours."""
    return keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomRotation(15 / 360, fill_mode="constant"),
            keras.layers.RandomZoom(0.1, fill_mode="constant"),
            keras.layers.RandomTranslation(0.1, 0.1, fill_mode="constant"),
            keras.layers.RandomBrightness(0.2),
            keras.layers.RandomContrast(0.2),
        ]
    )


def keras_stream(images: np.ndarray) -> tf.data.Dataset:
    """Return batches that stacked Keras layers change in a parallel map."""
    layers = keras_layers()
    labels = tf.zeros((len(images), 2))
    shuffled = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images), seed=1)
    data = shuffled.repeat().batch(BATCH_SIZE)
    augmented = data.map(lambda x, y: (layers(x, training=True), y), num_parallel_calls=tf.data.AUTOTUNE)
    return augmented.prefetch(tf.data.AUTOTUNE)


def rate(stream: tf.data.Dataset, seconds: float) -> float:
    """Return images a second over at least `seconds`, once AUTOTUNE had time to settle.

    The iterator ends with its turn: kept, it would go on filling its buffers while the other side is measured.
    """
    batches = iter(stream)
    _count(batches, WARM_UP_SECONDS)
    return _count(batches, seconds)


def _count(batches: Iterator[tuple[tf.Tensor, tf.Tensor]], seconds: float) -> float:
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        count += len(next(batches)[0])
    return count / elapsed


if __name__ == "__main__":
    sys.exit(main())
