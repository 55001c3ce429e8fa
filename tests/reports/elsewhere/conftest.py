"""Tables of scores as other frameworks' users write them."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

WriteTable = Callable[..., Path]


@pytest.fixture
def write_table(tmp_path: Path) -> WriteTable:
    """write_table(rows, name="scores.csv") writes dicts of equal keys as CSV."""

    def write(rows: Sequence[Mapping[str, Any]], name: str = "scores.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def scores(means: Mapping[str, float], seeds: int = 8, sd: float = 0.002) -> list[dict[str, Any]]:
    """A score for each variant and seed, normal about the variant's mean."""
    random = np.random.default_rng(0)
    return [
        {"variant": name, "seed": seed, "score": round(mean + sd * random.standard_normal(), 6)}
        for seed in range(1, seeds + 1)
        for name, mean in means.items()
    ]


def answers(shares: Mapping[str, float], seeds: int = 8, images: int = 200) -> list[dict[str, Any]]:
    """An answer for each variant, seed and image, right with the variant's probability."""
    random, names = np.random.default_rng(0), ["cat", "dog", "emu"]
    return [
        {
            "variant": name,
            "seed": seed,
            "image": f"{image:03}.png",
            "label": names[image % 3],
            "prediction": names[(image + (random.random() > share)) % 3],
        }
        for name, share in shares.items()
        for seed in range(1, seeds + 1)
        for image in range(images)
    ]
