"""How many photographs a second `predict` answers, beside plain `model.predict` on a `tf.data` stream of the files.

    DATA_DIR=... python benchmarks/predict.py [--quick] [--network pattern_cnn|vgg16] [--side 96]

Both sides ask the same network about the same JPEG files, in turns. Plain Keras's side is what its guides show:
`tf.io.read_file`, `tf.io.decode_jpeg`, `tf.image.resize`, batches of 32, `model.predict`. Ours is what the command
does: any format and orientation, unreadable files, bits that do not depend on the batch, areas averaged instead of
four neighbours, and the check whether a picture looks like the training images. Above 1 ours is faster.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import json_line, paired_ratio
from keras_suite.experiments.training import runtime

SIDE, BATCH_SIZE, TURNS, QUICK_TURNS = 96, 32, 10, 3
NETWORKS = ("pattern_cnn", "vgg16")


def main() -> int:
    """Print the table and the JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="200 photographs, 3 turns, under a minute")
    parser.add_argument("--images", type=int, help="photographs (2,500 with pattern_cnn, 200 with vgg16)")
    parser.add_argument("--network", choices=NETWORKS, default=NETWORKS[0])
    parser.add_argument("--side", type=int, default=SIDE, help="pixels that photographs are stretched to")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    options = parser.parse_args()
    count = options.images or (200 if options.quick or options.network == "vgg16" else 2500)
    runtime.start_tensorflow(runtime.available_cores())
    with tempfile.TemporaryDirectory() as folder:
        try:
            files = photographs(options.data_dir and Path(options.data_dir), Path(folder), count)
        except (ValueError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        turns = QUICK_TURNS if options.quick else TURNS
        ours, theirs = measure(files, options.network, options.side, turns)
    report(ours, theirs, count, f"{options.network} at {options.side} px")
    return 0


def photographs(data_dir: Path | None, folder: Path, count: int) -> list[Path]:
    """Unpack photographs and return the paths of some, spread over all."""
    import tarfile

    if data_dir is None:
        raise FileNotFoundError("no data folder: give --data-dir or DATA_DIR, a folder with dogs_vs_cats.tar.gz")
    with tarfile.open(data_dir / "dogs_vs_cats.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    files = sorted(folder.rglob("*.jpg"))
    if not 10 <= count <= len(files):
        raise ValueError(f"--images {count} is not possible: expected 10 to {len(files)}")
    return [files[at * len(files) // count] for at in range(count)]


def network(name: str, side: int) -> Any:
    """Return an untrained network for two classes."""
    import keras

    from keras_suite.models.networks.pattern_cnn import pattern_cnn

    keras.utils.set_random_seed(1)
    if name == "pattern_cnn":
        return pattern_cnn((side, side, 3), 2, 1)
    inputs = keras.Input((side, side, 3))
    base = keras.applications.VGG16(weights=None, include_top=False, pooling="avg", input_shape=(side, side, 3))
    return keras.Model(inputs, keras.layers.Dense(2)(base(keras.applications.vgg16.preprocess_input(inputs))))


def measure(files: Sequence[Path], name: str, side: int, turns: int) -> tuple[list[float], list[float]]:
    """Return seconds of each turn, ours and plain Keras's; the first turn of each, which traces graphs, is left out."""
    import numpy as np

    from keras_suite.data_pipeline.images.image_files import read_image
    from keras_suite.data_pipeline.images.likeness import likeness_of
    from keras_suite.experiments.inspecting.predict import Predictor
    from keras_suite.tasks.classes import CLASSES

    model = network(name, side)
    known = np.stack([read_image(file, (side, side), 3) for file in files[:64]])
    asked = Predictor(Path("benchmark.keras"), (model,), ("cat", "dog"), CLASSES, likeness_of(known))
    ours, theirs = [], []
    for _ in range(turns + 1):
        start = time.perf_counter()
        answered = sum(1 for _ in asked.classes(files))
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        predicted = len(plain(model, files, side))
        theirs.append(time.perf_counter() - start)
        assert answered == predicted == len(files)
        print(f"turn {len(ours)}: {ours[-1]:.2f} s ours, {theirs[-1]:.2f} s by model.predict", flush=True)
    return ours[1:], theirs[1:]


def plain(model: Any, files: Sequence[Path], side: int) -> Any:
    """Predict the files as Keras's guides show."""
    import tensorflow as tf

    def decoded(path: Any) -> Any:
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(image, (side, side))

    stream = tf.data.Dataset.from_tensor_slices([str(file) for file in files])
    stream = stream.map(decoded, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)
    return model.predict(stream, verbose=0)


def report(ours: Sequence[float], theirs: Sequence[float], count: int, what: str) -> None:
    """Both sides as a table, and the JSON line."""
    from statistics import median

    ratio = paired_ratio(theirs, ours)
    print(f"{count:,} photographs, {what}, {runtime.available_cores()} cores")
    print(f"{'':14}{'photographs a second':>21}{'least':>8}{'most':>8}")
    for name, seconds in (("predict", ours), ("model.predict", theirs)):
        print(f"{name:14}{count / median(seconds):21.0f}{count / max(seconds):8.0f}{count / min(seconds):8.0f}")
    print(f"ratio {ratio.median:.3f}, 95 % interval {ratio.low:.3f} to {ratio.high:.3f}, {ratio.n} turns of each")
    data = f"{count} photographs of dogs and cats, {what}, {runtime.available_cores()} cores"
    print(json_line("predict", ratio, count / median(ours), count / median(theirs), data))


if __name__ == "__main__":
    sys.exit(main())
