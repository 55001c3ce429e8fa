"""The suite as it is installed from a wheel, in a folder where a user has a models/ and a callbacks.py of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

QUESTION = '''"""Does a wider layer help?"""

import callbacks
from keras_suite.experiments.config import Config, Experiment, use
from models.sizes import NARROW

EXPERIMENT = Experiment(
    base=Config(dataset=use("digits", limit=100, test_limit=40), model=use("mlp", units=[NARROW]), epochs=1),
    variants={"narrow": {}, "wide": {"model.units": [callbacks.WIDE]}},
    seeds=1,
)
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of packages into which a wheel of this checkout was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for name in files.rstrip("\0").split("\0"):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (REPOSITORY / name).exists():
            target.write_bytes((REPOSITORY / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(
        [*pip, "--no-build-isolation", "--target", str(folder / "packages"), str(source)], check=True, timeout=200
    )
    return folder / "packages"


def typed(*arguments: str, packages: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "keras_suite.experiments", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.slow
def test_a_users_own_models_and_callbacks_shadow_nothing_and_are_shadowed_by_nothing(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "sizes.py").write_text("NARROW = 8\n", encoding="utf-8")
    (tmp_path / "callbacks.py").write_text("WIDE = 32\n", encoding="utf-8")
    (tmp_path / "question.py").write_text(QUESTION, encoding="utf-8")
    where = subprocess.run(
        [sys.executable, "-c", "import keras_suite.models; print(keras_suite.models.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert Path(where.strip()).is_relative_to(installed)
    catalog = typed("list", packages=installed, cwd=tmp_path)
    assert catalog.returncode == 0 and "overfitting_ladder" in catalog.stdout, catalog.stderr
    done = typed("run", "question.py", "--threads", "2", packages=installed, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs" / "question" / "report.html").exists()
