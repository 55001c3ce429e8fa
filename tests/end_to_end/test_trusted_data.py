"""A user's own folder with its faults, through the commands: what is refused, listed, left out, said and kept."""

import csv
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.end_to_end.typed import type_here

QUESTION = '''"""Cats or dogs?"""

from keras_suite.experiments import Config, Experiment, use

EXPERIMENT = Experiment(
    Config(dataset=use("image_folder", path="photos"), model=use("mlp", units=[4]), epochs=1), seeds=1
)


def space(hp):
    return {"model.units": [hp.Int("units", 4, 8)]}
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A question, and photos/ with eight noisy pictures of each of two classes."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "q.py").write_text(QUESTION)
    for label, name in enumerate(("cats", "dogs")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(8):
            rng = np.random.default_rng(100 * label + number)
            levels = rng.integers(0, 256, (4, 4, 3), np.uint8)
            picture = cv2.resize(levels, (36, 36), interpolation=cv2.INTER_CUBIC)
            Image.fromarray(picture).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path


def record(folder: Path) -> dict[str, object]:
    [path] = folder.glob("runs/q/base-*/seed-1/run.json")
    data: dict[str, object] = json.loads(path.read_text())["data"]
    return data


def test_a_thousand_bad_files_cost_one_pass_and_are_skipped(folder: Path) -> None:
    for number in range(1000):
        (folder / "photos" / "cats" / f"bad {number}.jpg").write_text("<html>")
    shutil.copy(folder / "photos" / "dogs" / "1.png", folder / "photos" / "dogs" / "9.png")
    refused = type_here("data", "q.py", "--problems", "problems.csv", cwd=folder)
    assert refused.returncode == 2 and "problems.csv lists 1,000 files" in refused.stdout
    assert refused.stderr.startswith(
        "error: photos: 1,000 of 1,017 files cannot be used: cats/bad 0.jpg, cats/bad 1.jpg"
    )
    assert "and 997 more (not an image); repair" in refused.stderr
    assert "--skip FILE.csv" in refused.stderr and len(refused.stderr.splitlines()) == 1
    rows = list(csv.DictReader((folder / "problems.csv").read_text().splitlines()))
    assert {(row["verdict"], row["reason"]) for row in rows} == {("refused", "not an image")}
    again = type_here("data", "q.py", "--problems", "doubtful.csv", "--skip", "problems.csv", cwd=folder)
    assert again.returncode == 0 and "Warning" not in again.stdout and "left out 1,000 files listed" in again.stdout
    assert "Data: 1 exact copy of other training images" in again.stdout or "2 exact" in again.stdout
    both = Counter(row["verdict"] for row in csv.DictReader((folder / "doubtful.csv").read_text().splitlines()))
    assert both == {"refused": 1000, "doubtful": 1}
    added = type_here("data", "q.py", "--problems", "problems.csv", "--skip", "problems.csv", cwd=folder)
    assert added.returncode == 0 and "problems.csv lists 1,001 files" in added.stdout
    done = type_here("run", "q.py", "--skip", "problems.csv", cwd=folder)
    assert done.returncode == 0 and "files that are left out: 1,001 listed to be skipped" in done.stdout
    assert len(record(folder)["skipped"]) == 1001  # type: ignore[arg-type]
    kinds = {finding["kind"] for finding in record(folder)["inspection"]["findings"]}  # type: ignore[index]
    assert kinds >= {"left_out"}
    page = (folder / "runs" / "q" / "report.html").read_text()
    assert "Files that are left out: 1,001 listed to be skipped" in page


def test_test_images_that_train_stop_run_and_tune_before_anything_is_written(folder: Path) -> None:
    (folder / "photos" / "train").mkdir()
    for name in ("cats", "dogs"):
        shutil.move(folder / "photos" / name, folder / "photos" / "train" / name)
        (folder / "photos" / "test" / name).mkdir(parents=True)
        for number in (1, 2):
            shutil.copy(folder / "photos" / "train" / name / f"{number}.png", folder / "photos" / "test" / name)
    for command in (["run", "q.py"], ["tune", "q.py", "--trials", "1"], ["data", "q.py"]):
        stopped = type_here(*command, cwd=folder)
        assert stopped.returncode == 2 and len(stopped.stderr.splitlines()) == 1
        assert "4 of the 4 test images train, too (test/cats/1.png is train/cats/1.png" in stopped.stderr
    assert not (folder / "runs").exists()
    type_here("data", "q.py", "--problems", "copies.csv", cwd=folder)
    assert {row["reason"] for row in csv.DictReader((folder / "copies.csv").read_text().splitlines())} == {
        "copy of a test image"
    }
    assert type_here("data", "q.py", "--skip", "copies.csv", cwd=folder).returncode == 0
    (folder / "others.csv").write_text("file\nphotos/train/cats/1.png\n")  # the name is from elsewhere
    stopped = type_here("data", "q.py", "--skip", "others.csv", cwd=folder)
    assert stopped.returncode == 2 and "none of the 1 files to skip is there (first: photos/train" in stopped.stderr
    kept = type_here("run", "q.py", "--set", "dataset.copies=keep", cwd=folder)
    assert kept.returncode == 0 and kept.stdout.count("4 of the 4 test images are exact copies") == 2
    assert "copies=keep" in (folder / "runs" / "q" / "report.html").read_text()


def test_of_clean_data_nothing_is_said_and_the_page_says_that(folder: Path) -> None:
    done = type_here("run", "q.py", cwd=folder)
    assert done.returncode == 0 and not re.search(r"^(Data|Warning: [^1])", done.stdout, re.MULTILINE)
    assert "The inspection found no copies" in (folder / "runs" / "q" / "report.html").read_text()
    assert "inspection: no copies, near duplicates or other findings" in type_here("data", "q.py", cwd=folder).stdout


def test_a_table_of_problems_that_is_none_is_named(folder: Path) -> None:
    for arguments in (["--skip", "gone.csv"], ["--skip", "photos"], ["--skip", "q.py"]):
        done = type_here("run", "q.py", *arguments, cwd=folder)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and done.stderr.startswith("error: ")


def test_predict_sees_twelve_bits_as_training_did_and_knows_its_training_files(folder: Path) -> None:
    for path in sorted((folder / "photos").rglob("*.png")):
        levels = np.asarray(Image.open(path).convert("L")).astype(np.uint16) * 16
        cv2.imwrite(str(path), levels)
    cv2.imwrite(str(folder / "dark.png"), levels // 16)  # by its own levels it would be 8 bits
    assert type_here("run", "q.py", cwd=folder).returncode == 0
    assert record(folder)["levels"] == [0, 4095]
    [run] = folder.glob("runs/q/base-*/seed-1")
    from keras_suite.experiments.inspecting.predict import reader_of, trained

    model, _ = trained(run)
    pixels = reader_of(run, model)(folder / "dark.png").pixels
    assert pixels.max() < 20
    done = type_here("predict", run, "photos", cwd=folder)
    assert "16 scored images lie in photos, where " in done.stderr and "accuracy" in done.stdout
