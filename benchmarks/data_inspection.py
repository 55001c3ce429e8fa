"""What the inspection of the data costs beside plain decoding of the same files, the first time and when it is kept.

    DATA_DIR=... python benchmarks/data_inspection.py [--quick]

In turn, in one process: the files are decoded, as they are for a dataset, and the decoded images are hashed and
measured without near duplicates (exact), with them (near), and where that was kept (cached). Two data sets: 20,000
JPEGs of 32 x 32 (CIFAR-10), and 2,000 photographs at 160 x 160 (dogs and cats). "plain" decodes with the same number of
threads and nothing else; all ratios are of decoding and what is named to decoding alone.
"""

import argparse
import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from benchmarks.paired import json_line, paired_ratio
from keras_suite.data_pipeline.dataset import Dataset, Origin
from keras_suite.data_pipeline.images.image_files import decode
from keras_suite.data_pipeline.images.image_sources import open_source
from keras_suite.data_pipeline.inspection.inspect import inspect

SETS = (("cifar10_jpeg.tar.gz", 32, 20_000), ("dogs_vs_cats.tar.gz", 160, 2_000))
BLOCK = 32


def main() -> int:
    """Print the tables and a JSON line for each; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns of fewer files, under a minute")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"))
    arguments = parser.parse_args()
    turns, share = (3, 10) if arguments.quick else (10, 1)
    lines = []
    for archive, side, count in SETS:
        path = Path(arguments.data_dir or ".") / archive
        if not path.exists():
            print(f"error: {path} does not exist: give --data-dir", file=sys.stderr)
            return 2
        files = some_files(path, count // share)
        seconds = measure(files, side, turns)
        lines += report(archive, len(files), side, seconds)
    print("\n".join(lines))
    return 0


def some_files(archive: Path, count: int) -> list[bytes]:
    """Return the bytes of images spread over an archive."""
    source = open_source(archive)
    files = [content for _, content in source.contents(source.digests()) if isinstance(content, bytes)]
    return [files[row] for row in np.linspace(0, len(files) - 1, count).astype(int)]


def measure(files: list[bytes], side: int, turns: int) -> dict[str, list[float]]:
    """Return the seconds of each turn of decoding, and of what comes on top of it."""
    seconds: dict[str, list[float]] = {name: [] for name in ("plain", "exact", "near", "cached")}

    def timed(name: str, work: Callable[[], object]) -> None:
        began = time.perf_counter()
        work()
        seconds[name].append(time.perf_counter() - began)

    images = np.empty((len(files), side, side, 3), np.uint8)
    for _ in range(turns):
        timed("plain", functools.partial(decoded, files, images))
        for name, near in (("exact", False), ("near", True)):
            with tempfile.TemporaryDirectory() as folder:
                os.environ["CACHE_DIR"] = folder
                timed(name, functools.partial(inspected, images, near))
                if near:
                    timed("cached", functools.partial(inspected, images, near))
    return seconds


def decoded(files: list[bytes], images: np.ndarray) -> None:
    """Decode all files into the rows of an array, on all cores."""
    size = images.shape[1:3]

    def block(start: int) -> None:
        for row in range(start, min(start + BLOCK, len(files))):
            images[row] = decode(files[row], size, 3).pixels

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(block, range(0, len(files), BLOCK)))


def inspected(images: np.ndarray, near: bool) -> None:
    """Hash and inspect the images, as a dataset of two classes."""
    train = len(images) * 4 // 5
    labels = np.arange(len(images)) % 2
    whole = Dataset(
        "benchmark", images[:train], labels[:train], images[train:], labels[train:], ("a", "b"), "", origin=Origin()
    )
    inspect(whole, near=near)


def report(archive: str, count: int, side: int, seconds: dict[str, list[float]]) -> list[str]:
    """Print a table, and return the JSON lines: (decoding + inspection) / decoding."""
    print(f"{count:,} images of {archive} at {side} px, {len(seconds['plain'])} turns")
    lines = []
    for name in ("cached", "exact", "near"):
        together = [plain + more for plain, more in zip(seconds["plain"], seconds[name], strict=True)]
        ratio = paired_ratio(together, seconds["plain"])
        ours, theirs = float(np.median(together)), float(np.median(seconds["plain"]))
        print(f"  {name:8} {ours:7.3f} s   plain {theirs:7.3f} s   ratio {ratio.median:.3f}")
        data = f"{count} of {archive}, {side} px"
        lines.append(json_line("data_inspection", ratio, ours, theirs, data, with_inspection=name))
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
