"""How fast 100,000 photographs in files stream into training, decoded whenever they are read (dataset.cache=false).

    python benchmarks/many_files.py [--quick] [--data-dir FOLDER] [--files N] [--folder FOLDER]

The files are made: crops of real photographs of dogs and cats at 160 px, JPEG of quality 90, half of each kind. Four
sides take turns, each with as many threads as there are cores, in the same shuffled order:

    decoding        the files are read and decoded, and nothing else
    stream          the suite's training stream, without augmentation
    augmented       the same with a flip, rotation, zoom, shifts, brightness and contrast
    Keras           `image_dataset_from_directory` with the same changes as stacked layers

A process of its own then says what it takes from the command to the first batch, the first time and later, and how much
memory. The ratio on the last line is that of stream to decoding.
"""

import argparse
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it runs from anywhere, not installed
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from benchmarks.augmentation import keras_layers, rate, suite_augmentation
from benchmarks.paired import Ratio, json_line, paired_ratio
from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.image_folder import image_folder
from keras_suite.data_pipeline.images.plain_jpeg import decode_plain_jpeg
from keras_suite.data_pipeline.pipeline import training_stream
from keras_suite.data_pipeline.targets import targets_of

SIDE, BATCH_SIZE, KINDS = 160, 64, ("cats", "dogs")
SIZE = (SIDE, SIDE)
FIRST_BATCH = "--first-batch"


def main() -> int:
    """Print a table and, last, one JSON line. Exit code 2: data are missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where the files are, or are made to stay (a temporary one)")
    parser.add_argument("--quick", action="store_true", help="under a minute: 2,000 files, fewer and shorter turns")
    parser.add_argument(FIRST_BATCH, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first_batch:
        return first_batch(options.first_batch)
    count, turns, seconds = (2_000, 3, 1.5) if options.quick else (options.files, 10, 8.0)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["CACHE_DIR"] = str(Path(temporary) / "cache")
        folder = options.folder or Path(temporary) / "files"
        try:
            made = make_files(folder, count, options.data_dir)
        except (OSError, ValueError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        print(f"{count:,} files, {made / 1e6:,.0f} MB; decoded they are {count * SIDE * SIDE * 3 / 1e9:.1f} GB")
        starts = [in_a_process(folder) for _ in range(2)]
        compare(folder, count, turns, seconds, starts)
    return 0


def make_files(folder: Path, count: int, data_dir: Path | None) -> int:
    """Make the files unless they are there; return their bytes. Raises OSError or ValueError without photographs."""
    there = [path.stat().st_size for path in folder.glob("*/*.jpg")]
    if len(there) == count:
        return sum(there)
    if data_dir is None:
        raise FileNotFoundError("no data folder: give --data-dir or DATA_DIR, a folder with dogs_vs_cats.tar.gz")
    photographs = image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=SIZE)
    of_kind = [photographs.images[photographs.labels == kind] for kind in range(2)]
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)

    def make(number: int) -> int:
        random, kind = np.random.default_rng(number), number % 2
        image = of_kind[kind][random.integers(len(of_kind[kind]))]
        side, stored = int(random.integers(100, SIDE + 1)), io.BytesIO()
        top, left = random.integers(0, SIDE - side + 1, 2)
        crop = Image.fromarray(image[top : top + side, left : left + side]).resize(SIZE)
        crop.save(stored, "JPEG", quality=90)
        (folder / KINDS[kind] / f"{number:06}.jpg").write_bytes(stored.getvalue())
        return stored.tell()

    with ThreadPoolExecutor() as pool:
        return sum(pool.map(make, range(count), chunksize=256))


def compare(folder: Path, count: int, turns: int, seconds: float, starts: list[tuple[float, float]]) -> None:
    """Measure the four sides in turn, and print all."""
    dataset = image_folder(None, path=str(folder), image_size=SIZE, cache=False)
    sides: dict[str, Callable[[], float]] = {
        "decoding": lambda: decoding(folder, seconds),
        "stream": lambda: rate(stream(dataset, False), seconds),
        "augmented": lambda: rate(stream(dataset, True), seconds),
        "Keras": lambda: rate(keras_stream(folder), seconds),
    }
    measured: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(turns):
        for name, side in sides.items():
            measured[name].append(side())
    print(f"{turns} turns of {seconds:g} s a side, batches of {BATCH_SIZE}, {os.cpu_count()} cores; images a second")
    for name, rates in measured.items():
        print(f"{name:<10} {statistics.median(rates):>8,.0f}   ({min(rates):,.0f} to {max(rates):,.0f})")
    ratios = {}
    for one, other in (("stream", "decoding"), ("augmented", "stream"), ("augmented", "Keras")):
        found = ratios[one, other] = paired_ratio(measured[one], measured[other])
        print(f"{one} / {other}: {found.median:.2f} ({found.low:.2f} to {found.high:.2f})")
    for when, (until_first, memory) in zip(("first start", "later"), starts, strict=True):
        print(f"{when}: {until_first:.1f} s to the first batch; 200 batches, augmented, {memory:,.0f} MiB at most")
    data = f"{count:,} crops of photographs at {SIDE} px"
    stream_rate, decoding_rate = (statistics.median(measured[name]) for name in ("stream", "decoding"))
    more = {f"{one}_by_{other}".lower(): _listed(found) for (one, other), found in ratios.items()}
    print(json_line("many_files", ratios["stream", "decoding"], stream_rate, decoding_rate, data, **more))


def _listed(ratio: Ratio) -> list[float]:
    return [round(ratio.median, 3), round(ratio.low, 3), round(ratio.high, 3)]


def decoding(folder: Path, seconds: float) -> float:
    """Return how many files a second are read and decoded, on all cores."""
    files = np.random.default_rng(1).permutation(sorted(folder.glob("*/*.jpg")))
    cores, ends = os.cpu_count() or 1, time.perf_counter() + seconds

    def decode_some(core: int) -> int:
        done = 0
        for path in files[core::cores]:
            assert decode_plain_jpeg(path.read_bytes(), SIZE) is not None
            done += 1
            if time.perf_counter() > ends:
                break
        return done

    start = time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        return sum(pool.map(decode_some, range(cores))) / (time.perf_counter() - start)


def stream(dataset: Dataset, augmented: bool) -> tf.data.Dataset:
    """Return the suite's training stream."""
    rows, augment = np.arange(len(dataset.images)), suite_augmentation(dataset.image_shape) if augmented else None
    return training_stream(dataset.images, targets_of(dataset), rows, batch_size=BATCH_SIZE, seed=1, augment=augment)


def keras_stream(folder: Path) -> tf.data.Dataset:
    """Return what Keras's guides recommend for images in folders."""
    layers = keras_layers()
    batches = keras.utils.image_dataset_from_directory(
        folder, label_mode="categorical", image_size=SIZE, batch_size=BATCH_SIZE, seed=1, verbose=False
    )
    augmented = batches.repeat().map(lambda x, y: (layers(x, training=True), y), num_parallel_calls=tf.data.AUTOTUNE)
    return augmented.prefetch(tf.data.AUTOTUNE)


def in_a_process(folder: Path) -> tuple[float, float]:
    """Return the seconds to the first batch, and the most MiB of memory, of a process that streams 200 batches."""
    start = time.perf_counter()
    command = [sys.executable, str(Path(__file__)), FIRST_BATCH, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        lines: Iterator[str] = iter(process.stdout or ())
        next(lines)
        return time.perf_counter() - start, float(next(lines))


def first_batch(folder: Path) -> int:
    """Print a line at the first batch, and the peak of memory, MiB, after 200."""
    dataset = image_folder(None, path=str(folder), image_size=SIZE, cache=False)
    batches = iter(stream(dataset, True))
    next(batches)
    print("first batch", flush=True)
    for _ in range(200):
        next(batches)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
