"""Copies of the folder with four finished runs, to be damaged."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def folder(four_runs: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test, with the experiment file beside runs/."""
    shutil.copytree(four_runs, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run_of(folder: Path, variant: str, seed: int) -> Path:
    """A run directory."""
    return next(folder.glob(f"runs/wider/{variant}-*/seed-{seed}"))


def flip(path: Path, place: float = 0.5) -> None:
    """One bit falls over."""
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 0x10
    path.write_bytes(content)
