"""What it saves to compute the features of a frozen VGG16 once: a head trained from the cache, against plain Keras.

    DATA_DIR=... python benchmarks/feature_cache.py [--quick] [--uncached-trials N]

Plain Keras is what its guide to transfer learning says: the base with `trainable = False`, called with `training=False`
in the model that `fit` trains. The weights are random, which costs the same as ImageNet's. Both sides train the same
heads on the same photographs at 96 px and validate after each epoch. Measured are 10 epochs of one head, the cache
empty at first, and a search of 20 trials of 10 epochs, the cache empty before its first trial. The ratio on the last
line is the search's. Plain Keras's trials all cost the same, so some of the 20 may stand for all of them: the line says
how many were measured.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.paired import json_line, paired_ratio
from keras_suite.experiments.training import runtime

SIDE, BATCH_SIZE, EPOCHS, TRIALS = 96, 32, 10, 20


@dataclass(frozen=True)
class Photographs:
    """uint8 images (n, 96, 96, 3), int64 labels (n,), and which of them train and validate."""

    images: Any
    labels: Any
    train: Any
    validation: Any


def main() -> int:
    """Print the table and the JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="48 images and one uncached trial, under a minute")
    parser.add_argument("--images", type=int, help="photographs, of which a fifth validates (2,000)")
    parser.add_argument("--uncached-trials", type=int, help=f"how many of plain Keras's are measured ({TRIALS})")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    options = parser.parse_args()
    count = options.images or (48 if options.quick else 2000)
    uncached_trials = options.uncached_trials or (1 if options.quick else TRIALS)
    runtime.start_tensorflow(runtime.available_cores())
    try:
        photographs = load(options.data_dir and Path(options.data_dir), count)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    report(*measure(photographs, uncached_trials), count)
    return 0


def load(data_dir: Path | None, count: int) -> Photographs:
    """Return the first `count` photographs, dogs and cats in turn."""
    import numpy as np

    from keras_suite.data_pipeline.datasets.image_folder import image_folder

    if data_dir is None:
        raise FileNotFoundError("no data folder: give --data-dir or DATA_DIR, a folder with dogs_vs_cats.tar.gz")
    data = image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=(SIDE, SIDE))
    if not 10 <= count <= len(data.images):
        raise ValueError(f"--images {count} is not possible: expected 10 to {len(data.images)}")
    chosen = np.argsort(np.arange(len(data.labels)) - np.searchsorted(data.labels, data.labels), kind="stable")[:count]
    position = np.arange(count)
    return Photographs(
        data.images[chosen], data.labels[chosen], position[position % 5 != 0], position[position % 5 == 0]
    )


def measure(photographs: Photographs, uncached_trials: int) -> tuple[list[float], list[float], float]:
    """Return seconds of plain Keras's trials, of the same with the cache empty at first, and of the whole cached
    search.
    """
    import keras

    keras.utils.set_random_seed(1)
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIDE, SIDE, 3))
    base.trainable = False
    inputs = keras.Input((SIDE, SIDE, 3))
    front = keras.Model(inputs, base(keras.applications.vgg16.preprocess_input(inputs), training=False), name="vgg16")
    plain, cached = [], []
    for trial in range(uncached_trials):
        plain.append(seconds(train_plain, front, photographs, trial))
        with empty_cache():
            cached.append(seconds(train_cached, front, photographs, trial))
        print(f"trial {trial + 1}: {plain[-1]:.1f} s by plain Keras, {cached[-1]:.1f} s with the cache", flush=True)
    with empty_cache():
        search = sum(seconds(train_cached, front, photographs, trial) for trial in range(TRIALS))
    return plain, cached, search


def head(inputs: Any, features: Any, trial: int, dropout: Any) -> Any:
    """Return the trial's head on the features of VGG16, compiled: units, dropout and learning rate differ between
    trials. `dropout` is the layer's class, Keras's or the suite's.
    """
    import keras

    # Layers of equal heads have equal names, as in the suite's runs.
    x = keras.layers.GlobalAveragePooling2D(name="pooling")(features)
    x = keras.layers.Dense((64, 128, 256, 512)[trial % 4], activation="relu", name="hidden")(x)
    x = dropout(0.1 * (trial % 5), name="dropout")(x) if trial % 5 else x
    model = keras.Model(inputs, keras.layers.Dense(2, name="logits")(x), name="head")
    optimizer = keras.optimizers.Adam(1e-4 * (1 + trial))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=runtime.use_xla())
    return model


def train_plain(front: Any, photographs: Photographs, trial: int) -> None:
    """A trial as Keras's guide has it: every epoch passes the photographs through VGG16 again."""
    import keras
    import numpy as np

    one_hot = np.eye(2, dtype=np.float32)[photographs.labels]
    train, validation = (
        (photographs.images[part].astype(np.float32), one_hot[part])
        for part in (photographs.train, photographs.validation)
    )
    model = head(front.input, front.output, trial, keras.layers.Dropout)
    model.fit(*train, batch_size=BATCH_SIZE, epochs=EPOCHS, validation_data=validation, verbose=0)


def train_cached(front: Any, photographs: Photographs, trial: int) -> None:
    """The same trial from features, which are computed where they are not in the cache, with graphs of earlier ones."""
    import keras

    from keras_suite.data_pipeline.feature_stream import feature_batches, feature_stream
    from keras_suite.data_pipeline.pipeline import steps_per_epoch
    from keras_suite.data_pipeline.targets import class_targets
    from keras_suite.experiments.feature_cache.frozen import frozen_features
    from keras_suite.experiments.training.graph_reuse import reusing_graphs
    from keras_suite.models.layers.core import Dropout

    features_of_all = frozen_features(front, photographs.images)
    view, targets = (features_of_all.array, features_of_all.rows), class_targets(photographs.labels, 2)
    features = keras.Input(features_of_all.array.shape[1:], name="features")
    validation = feature_batches(view, targets, photographs.validation, batch_size=BATCH_SIZE)
    with reusing_graphs(head(features, features, trial, Dropout)) as compiled:
        compiled.model.fit(
            feature_stream([view], targets, photographs.train, batch_size=BATCH_SIZE, seed=trial),
            steps_per_epoch=steps_per_epoch(len(photographs.train), BATCH_SIZE),
            epochs=EPOCHS,
            validation_data=validation.repeat(),
            validation_steps=len(validation),
            shuffle=False,
            verbose=0,
        )


@contextmanager
def empty_cache() -> Iterator[None]:
    """Yield a cache folder that is new, and gone afterwards."""
    kept = os.environ.get("CACHE_DIR")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CACHE_DIR"] = folder
        try:
            yield
        finally:
            os.environ.pop("CACHE_DIR")
            if kept is not None:
                os.environ["CACHE_DIR"] = kept


def seconds(task: Callable[..., None], *arguments: Any) -> float:
    """How long it takes."""
    start = time.perf_counter()
    task(*arguments)
    return time.perf_counter() - start


def report(plain: list[float], cached: list[float], search: float, count: int) -> None:
    """Both comparisons as a table, and the JSON line."""
    one = paired_ratio(plain, cached)
    whole = paired_ratio([TRIALS * trial for trial in plain], [search] * len(plain))
    plain_search = TRIALS * statistics.mean(plain)
    print(f"{count:,} photographs at {SIDE} px, {runtime.available_cores()} cores, the cache empty at first; seconds")
    print(f"{'':32}{'plain Keras':>12}{'cached':>9}{'ratio':>8}   95 % interval")
    rows = (
        (f"{EPOCHS} epochs of a head", statistics.median(plain), statistics.median(cached), one),
        (f"{TRIALS} trials of {EPOCHS} epochs", plain_search, search, whole),
    )
    for name, theirs, ours, ratio in rows:
        print(f"{name:32}{theirs:12.1f}{ours:9.1f}{ratio.median:8.1f}   {ratio.low:.1f} to {ratio.high:.1f}")
    if len(plain) < TRIALS:
        print(f"{len(plain)} of plain Keras's {TRIALS} trials measured; they stand for all of them")
    data = f"{count} photographs of dogs and cats at {SIDE} px, VGG16, {runtime.available_cores()} cores"
    measured = {"ten_epochs": round(one.median, 2), "uncached_trials_measured": len(plain)}
    print(json_line("feature_cache", whole, search, plain_search, data, **measured))


if __name__ == "__main__":
    sys.exit(main())
