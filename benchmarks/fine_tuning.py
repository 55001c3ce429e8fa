"""What does `classify --fine-tune` bring, and does it choose right? Draws of photographs, and all others to tell.

    python benchmarks/fine_tuning.py [--quick] [--draws N]

Each draw is a folder of photographs, a folder a class, and is classified with `--fine-tune` by the command itself. If
the fine-tuned network is kept, it and the head alone answer photographs that are in no draw: their difference, and
whether the range that was said holds the truth. Draws of one data set overlap in part; the photographs that tell do not
overlap with any.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from keras_suite.data_pipeline.dataset import Dataset

SIDE = 160  # pixels that the network is shown
OTHERS = 1_000  # photographs that tell, at most
DRAWN = {"mnist": 200, "cifar10": 200, "dogs_vs_cats": 400}  # photographs of a draw, all classes together
TEXT = re.compile(r"reads ([\d,]+) of ([\d,]+) images right and the head alone ([\d,]+) .* McNemar's p ([\d.e-]+)\)")


@dataclass(frozen=True)
class Draw:
    """What came of one draw.

    Attributes:
        seconds: That the command took.
        tuned: How many of its images the fine-tuned network reads right, out of fold; None where nothing trained.
        head: How many the head alone does.
        p: McNemar's.
        kept: Whether the fine-tuned network was kept.
        truth: The share of the others that the model that the command names reads right.
        head_truth: The share of them that the head alone does.
        holds: Whether the range that was said holds `truth`.
    """

    seconds: float
    tuned: int | None
    head: int | None
    p: float | None
    kept: bool
    truth: float
    head_truth: float
    holds: bool


def photographs(data: str, data_dir: Path) -> Dataset:
    """Return a data set with all images that are drawn from."""
    from keras_suite.data_pipeline.datasets.image_folder import image_folder
    from keras_suite.data_pipeline.datasets.keras_datasets import cifar10, mnist

    if data == "dogs_vs_cats":
        return image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=(SIDE, SIDE))
    return {"mnist": mnist, "cifar10": cifar10}[data](data_dir)


def write_folder(dataset: Dataset, rows: np.ndarray, folder: Path) -> None:
    """Write images as files in a folder of each class."""
    from PIL import Image

    for row in rows:
        place = folder / str(dataset.class_names[dataset.labels[row]]) / f"{row}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.squeeze(np.asarray(dataset.images[row]))).save(place)


def draws_of(dataset: Dataset, count: int, draws: int, folder: Path) -> Iterator[Path]:
    """Write the photographs that tell into `others`, and yield the folder of each draw."""
    chance = np.random.default_rng([count, len(dataset.labels)])
    classes = len(dataset.class_names)
    by_class = [chance.permutation(np.flatnonzero(dataset.labels == label)) for label in range(classes)]
    write_folder(dataset, np.concatenate([rows[: OTHERS // classes] for rows in by_class]), folder / "others")
    for number in range(draws):
        rows = [chance.choice(each[OTHERS // classes :], count // classes, replace=False) for each in by_class]
        write_folder(dataset, np.concatenate(rows), folder / f"draw{number}")
        yield folder / f"draw{number}"


def measure(photos: Path) -> Draw:
    """Classify a draw, and ask its models about the others."""
    began = time.perf_counter()
    said = _typed(photos.parent, "classify", photos.name, "--fine-tune", "--image-size", str(SIDE))
    seconds = time.perf_counter() - began
    found = TEXT.search(said)
    tuned, _, head = (int(each.replace(",", "")) for each in found.groups()[:3]) if found else (None, None, None)
    [model] = re.findall(r"The model: (.*)/model\.keras", said)
    [(low, high)] = re.findall(r"Expect ([\d.]+) to ([\d.]+) %", said)
    kept = "/fine-tuned-" in model
    [of_head] = (photos.parent / "runs" / f"classify-{photos.name}").glob("classifier-*/seed-1/model.keras")
    head_truth = _right(photos.parent, str(of_head.parent))
    truth = _right(photos.parent, model) if kept else head_truth
    holds = float(low) <= 100 * truth <= float(high)
    return Draw(seconds, tuned, head, float(found[4]) if found else None, kept, truth, head_truth, holds)


def _right(folder: Path, run: str) -> float:
    """Return the share of the others that a run's model reads right."""
    [right] = re.findall(r"accuracy ([\d.]+) %", _typed(folder, "predict", run, "others"))
    return float(right) / 100


def _typed(folder: Path, *arguments: str) -> str:
    """Run a command of the suite in a folder; return what it says."""
    command = [sys.executable, "-m", "keras_suite.experiments", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def row(data: str, images: int, found: list[Draw]) -> str:
    """Return what is printed of all draws of a data set."""
    kept = [draw for draw in found if draw.kept]
    gained = [100 * (draw.truth - draw.head_truth) for draw in kept]
    said = (
        f"{data}, {images} photographs: kept in {len(kept)} of {len(found)} draws; the head alone reads "
        f"{100 * np.mean([draw.head_truth for draw in found]):.2f} % of the others right"
    )
    if gained:
        said += (
            f", where kept fine-tuning adds {np.mean(gained):+.2f} points ({min(gained):+.2f} to {max(gained):+.2f})"
        )
    held = sum(draw.holds for draw in found)
    seconds = sorted(draw.seconds for draw in found)
    return f"{said}; the range held in {held}; {seconds[0]:.0f} to {seconds[-1]:.0f} s"


def main() -> int:
    """Print a line for each draw and a row for each data set, and a JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one draw of 60 digits")
    parser.add_argument("--draws", type=int, default=5, help="of each data set (5)")
    parser.add_argument("--only", choices=list(DRAWN), help="of this data set alone")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    options = parser.parse_args()
    drawn = {"mnist": 60} if options.quick else {options.only: DRAWN[options.only]} if options.only else DRAWN
    rows = {}
    for data, images in drawn.items():
        try:
            dataset = photographs(data, Path(options.data_dir or "."))
        except (ValueError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        found = []
        with tempfile.TemporaryDirectory() as folder:
            for photos in draws_of(dataset, images, 1 if options.quick else options.draws, Path(folder)):
                found.append(measure(photos))
                print(f"{data}: {found[-1]}", flush=True)
        print(row(data, images, found), flush=True)
        rows[data] = [vars(draw) for draw in found]
    print(json.dumps({"benchmark": "fine_tuning", "side": SIDE, "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
