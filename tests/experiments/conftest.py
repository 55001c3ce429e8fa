"""A runs folder with four finished runs of two variants."""

import shutil
from pathlib import Path

import pytest

from tests.end_to_end.typed import tiny_experiment, type_here


@pytest.fixture(scope="session")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored")
    done = type_here("run", tiny_experiment(folder), "--threads", "2", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def folder(_trained: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test, with the experiment file beside runs/."""
    shutil.copytree(_trained, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run_of(folder: Path, variant: str, seed: int) -> Path:
    """A run directory."""
    return next(folder.glob(f"runs/wider/{variant}-*/seed-{seed}"))


def flip(path: Path, place: float = 0.5) -> None:
    """One bit falls over."""
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 0x10
    path.write_bytes(content)
