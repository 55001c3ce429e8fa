"""The suite as it is installed from a wheel, in a folder where a user has a models/ and a callbacks.py of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import REPOSITORY
from tests.end_to_end.own_folder import WRONG, content, edit, kill_after_three_epochs, runs_of, write_folder

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


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_own_parts_from_an_empty_folder_to_a_report_without_it(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    folder, alone = tmp_path / "mine", tmp_path / "alone"
    write_folder(folder, "models")
    check = ("check", "gradients", "models/layers_of_mine.py:square")
    edit(folder, "models/layers_of_mine.py", *WRONG)
    done = typed(*check, packages=installed, cwd=folder)
    assert done.returncode == 1 and "gradient of `x` is wrong" in done.stdout, done.stdout + done.stderr
    edit(folder, "models/layers_of_mine.py", *reversed(WRONG))
    done = typed(*check, packages=installed, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr

    shutil.copytree(folder, alone)
    run = ("run", "my_question.py", "--threads", "1", "--checkpoint-seconds", "0", "--set", "epochs=6")
    kill_after_three_epochs(run, folder, installed)
    for place, options in ((alone, ()), (folder, ("--workers", "2"))):
        done = typed(*run, *options, packages=installed, cwd=place)
        assert done.returncode == 0, done.stdout + done.stderr
    undisturbed, resumed = runs_of(alone), runs_of(folder)
    assert {name: content(run) for name, run in undisturbed.items()} == {
        name: content(run) for name, run in resumed.items()
    }

    done = typed("tune", "my_question.py", "--trials", "4", "--keep", "1", packages=installed, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "blank.png")
    moved = tmp_path / "moved"
    shutil.copytree(folder / "runs" / "my_question", moved)
    shutil.rmtree(folder)
    done = typed("predict", str(moved), "blank.png", packages=installed, cwd=tmp_path)
    assert done.returncode == 0 and "blank.png" in done.stdout, done.stdout + done.stderr
    done = typed("report", "moved", packages=installed, cwd=tmp_path)
    assert done.returncode == 0 and "wide" in done.stdout, done.stdout + done.stderr
