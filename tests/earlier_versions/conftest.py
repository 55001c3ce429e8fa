"""What the earlier version left behind, unpacked."""

import shutil
import tarfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of it, to read only."""
    folder = tmp_path_factory.mktemp("earlier_version")
    for archive in sorted(HERE.glob("*.tar.xz")):
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    shutil.copytree(HERE / "questions", folder / "questions", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def own_copy(unpacked: Path, tmp_path: Path) -> Path:
    """A copy of runs/ and questions/ that commands may write into."""
    for name in ("runs", "questions"):
        shutil.copytree(unpacked / name, tmp_path / name)
    return tmp_path
