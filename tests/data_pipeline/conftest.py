"""A real photograph, folders of real patches of it, and a cache folder a test."""

import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from tests.data_pipeline.drive_table import write_drive

SIDE = 24  # pixels of a patch

WriteTree = Callable[[Mapping[str, int]], Path]


@pytest.fixture(scope="session")
def photograph() -> np.ndarray:
    """The photograph of a temple that comes with scikit-learn, uint8 (427, 640, 3)."""
    return np.asarray(load_sample_image("china.jpg"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def write_tree(tmp_path: Path, photograph: np.ndarray, cache: Path) -> WriteTree:
    """Writes so many different PNG patches into each folder, and gives the tree's path."""

    def write(images: Mapping[str, int]) -> Path:
        root, patch = tmp_path / "tree", 0
        for folder, count in images.items():
            (root / folder).mkdir(parents=True, exist_ok=True)
            for number in range(count):
                top, left = divmod(patch, 26)
                pixels = photograph[top * SIDE : (top + 1) * SIDE, left * SIDE : (left + 1) * SIDE]
                Image.fromarray(pixels).save(root / folder / f"{number:03}.png")
                patch += 1
        return root

    return write


def pack(tree: Path, archive: Path, inside: str = "") -> Path:
    """Packs a folder as a zip or a tar (compressed as the name says), under another folder name if asked for."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            for path in sorted(tree.rglob("*")):
                zipped.write(path, inside + path.relative_to(tree).as_posix())
        return archive
    mode = "w:gz" if archive.name.endswith("gz") else "w"
    with tarfile.open(archive, mode) as file:
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                file.add(path, arcname=inside + path.relative_to(tree).as_posix())
    return archive


@pytest.fixture
def drive(tmp_path: Path, cache: Path) -> Path:
    """The table of 40 real digits, each with its class, an angle, a direction of length 3, and a part."""
    return write_drive(tmp_path / "drive")
