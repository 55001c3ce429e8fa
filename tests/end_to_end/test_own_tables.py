"""A table of the user's own on the command line: trained, reported and predicted from, or refused in one line."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from keras_suite.reports import run_directory
from tests.end_to_end.typed import refused, tiny_experiment, type_here

FILE = '''"""Is the angle read off?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("image_table", path="drive.csv", angle="steering", part="part"),
        model=use("mlp", units=[8]),
        loss=use("absolute_error"),
        batch_size=16,
        epochs=1,
    ),
    seeds=1,
)
'''


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A folder with a table of 60 real digits that are turned by 0, 90, 180 or 270 degrees, and an experiment file."""
    (tmp_path / "frames").mkdir()
    lines = ["image,steering,part"]
    for row, image in enumerate(load_digits().images[:60]):
        quarter = row % 4
        Image.fromarray(np.rot90(image * 15, quarter).astype(np.uint8)).save(tmp_path / "frames" / f"{row}.png")
        lines.append(f"frames/{row}.png,{90 * quarter},{'test' if row >= 48 else 'train'}")
    (tmp_path / "drive.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "drive.py").write_text(FILE, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_angles_of_a_table_are_trained_scored_reported_and_predicted(drive: Path) -> None:
    done = type_here("run", "drive.py", "--threads", "2", cwd=drive)
    assert done.returncode == 0, done.stderr
    [directory] = drive.glob("runs/drive/*/seed-1")
    said = run_directory.target_predictions(run_directory.read_run(directory))
    assert said is not None and np.rad2deg(said.targets[:, 0]) == pytest.approx([0, 90, 180, 270] * 3)
    asked = type_here("predict", directory, drive / "frames" / "3.png", cwd=drive)
    assert asked.returncode == 0 and "3.png" in asked.stdout, asked.stderr
    shown = type_here("data", "drive.py", cwd=drive)
    assert "target: an angle: 0.0 to 270.0 degrees" in shown.stdout and "all images" in shown.stdout


@pytest.mark.slow
def test_any_experiment_is_pointed_at_a_table_of_labels(drive: Path) -> None:
    settings = ("dataset.name=image_table", "dataset.path=drive.csv", "dataset.label=steering", "epochs=1")
    done = type_here(
        "run",
        tiny_experiment(drive),
        *(word for setting in settings for word in ("--set", setting)),
        *("--seeds", "1", "--variant", "narrow", "--threads", "2"),
        cwd=drive,
    )
    assert done.returncode == 0, done.stderr
    [directory] = drive.glob("runs/wider/*/seed-1")
    assert run_directory.read_run(directory).record["data"]["class_names"] == ["0", "90", "180", "270"]


@pytest.mark.slow
def test_moved_and_renamed_files_are_the_same_runs(drive: Path) -> None:
    assert type_here("run", "drive.py", "--threads", "2", cwd=drive).returncode == 0
    (drive / "moved").mkdir()
    (drive / "frames").rename(drive / "moved" / "pictures")
    text = (drive / "drive.csv").read_text(encoding="utf-8").replace("frames/", "pictures/")
    (drive / "moved" / "drive.csv").write_text(text, encoding="utf-8")
    done = type_here("run", "drive.py", "--set", "dataset.path=moved/drive.csv", "--threads", "2", cwd=drive)
    assert done.returncode == 0 and len(list(drive.glob("runs/drive/*/seed-1"))) == 1, done.stdout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["dataset.path=gone.csv"], "image_table path 'gone.csv' does not exist"),
        (["dataset.angle=stering"], "drive.csv has no column 'stering'; did you mean 'steering'?"),
        (["dataset.label=part"], "got label and angle: give one"),
        (['dataset.direction=["steering"]'], "dataset.direction"),
        (
            ["dataset.part=image"],
            "drive.csv, row 2: 'frames/0.png' in column 'image', expected 'train', 'test' or 'validation'",
        ),
        (["dataset.stratify=image"], "add images, or leave out `stratify`"),
        (["loss=cross_entropy"], "is an angle, and loss"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_before_anything_is_written(
    drive: Path, settings: list[str], said: str
) -> None:
    assert said in refused("run", "drive.py", *(word for each in settings for word in ("--set", each)), cwd=drive)
    assert not (drive / "runs").exists()
