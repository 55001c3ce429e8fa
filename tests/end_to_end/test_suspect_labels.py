"""A folder with pictures in wrong folders: folds find them, the table names them, and training goes on without them."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from keras_suite.tasks.wording.quantities import counted
from tests.end_to_end.typed import type_here

QUESTION = '''"""Zero, four or six?"""

from keras_suite.experiments import Config, Experiment, use

EXPERIMENT = Experiment(
    Config(
        dataset=use("image_folder", path="photos", test_fraction=0.1, folds=3),
        model=use("mlp", units=[32]),
        optimizer=use("adam", learning_rate=0.01),
        batch_size=16,
        epochs=20,
    ),
    seeds=3,
)
'''
NAMES = {0: "zero", 4: "four", 6: "six"}
WRONG = 8  # of each digit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A question, and photos/ with 80 digits of each of three kinds, a tenth in the folder of the next kind."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "q.py").write_text(QUESTION)
    pixels, labels = load_digits(return_X_y=True)
    digits = list(NAMES)
    for position, digit in enumerate(digits):
        for number, row in enumerate(np.flatnonzero(labels == digit)[:80]):
            stands = digits[(position + (number < WRONG)) % 3]
            path = tmp_path / "photos" / NAMES[stands] / f"{NAMES[digit]} {number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((pixels[row].reshape(8, 8) * 15.9).astype(np.uint8)).save(path)
    return tmp_path


@pytest.mark.slow
def test_pictures_in_wrong_folders_are_found_and_can_be_left_out(folder: Path) -> None:
    done = type_here("run", "q.py", cwd=folder)
    assert done.returncode == 0 and "are probably wrong (estimate; 95 % interval" in done.stdout
    rows = list(csv.DictReader((folder / "runs" / "q" / "suspect_labels.csv").read_text().splitlines()))
    wrong = [row for row in rows if row["file"].split("/")[-1].split()[0] != row["given"]]
    assert len(wrong) >= WRONG and len(wrong) > 0.7 * len(rows)
    assert all(row["suggested"] == row["file"].split("/")[-1].split()[0] for row in wrong)
    assert rows[0]["file"] in (folder / "runs" / "q" / "report.html").read_text()
    (folder / "skip.csv").write_text("\n".join(["file", *(row["file"] for row in wrong)]))
    shown = type_here("data", "q.py", "--skip", "skip.csv", cwd=folder)
    assert shown.returncode == 0 and f"left out {counted(len(wrong), 'file')} listed" in shown.stdout
    again = type_here("run", "q.py", "--skip", "skip.csv", cwd=folder)
    assert again.returncode == 0
    after = folder / "runs" / "q" / "suspect_labels.csv"
    left = list(csv.DictReader(after.read_text().splitlines())) if after.exists() else []
    assert not {row["file"] for row in left} & {row["file"] for row in wrong} and len(left) < 0.5 * len(rows)
