"""A table of the user's own, with real digits for images: a class, an angle, a direction and a part for each."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

COUNT = 40

Row = dict[str, object]
Change = Callable[[list[Row]], object]


def degrees(row: int) -> float:
    """An angle that no other row has."""
    return row * 4.5 - 90


def write(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return path


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def changed(path: Path, change: Change) -> Path:
    """The table rewritten with its rows changed."""
    rows = read(path)
    change(rows)
    return write(path, rows)


def write_drive(folder: Path) -> Path:
    """The table of 40 real digits, each with its class, an angle, a direction of length 3, and a part."""
    images, classes = load_digits(return_X_y=True)
    (folder / "frames").mkdir(parents=True)
    rows: list[Row] = []
    for row, digit in enumerate(np.flatnonzero(classes < 4)[:COUNT]):
        file = f"frames/{row:03}.png"
        Image.fromarray((images[digit].reshape(8, 8) * 15).astype(np.uint8)).save(folder / file)
        way = 3 * np.exp(1j * np.deg2rad(degrees(row)))
        rows.append(
            {
                "image": file,
                "steering": degrees(row),
                "x": way.real,
                "y": way.imag,
                "digit": f"digit {classes[digit]}",
                "part": "test" if row % 4 == 0 else "train",
            }
        )
    return write(folder / "drive.csv", rows)
