"""Arrays of the user's own on the command line: trained, reported and predicted from."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from keras_suite.reports import run_directory
from tests.end_to_end.typed import tiny_experiment, type_here

HERE = ("--set", "dataset.name=arrays", "--set", "dataset.path=mine.npz", "--set", "epochs=1")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder with 300 real digits as floats 0..1 and words for labels, and an experiment file."""
    digits = load_digits()
    words = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
    np.savez(tmp_path / "mine.npz", images=(digits.images / 16)[:300], labels=words[digits.target][:300])
    return tiny_experiment(tmp_path).parent


@pytest.mark.slow
def test_arrays_are_shown_trained_resumed_and_predicted_from(mine: Path) -> None:
    shown = type_here("data", "wider.py", *HERE, cwd=mine)
    assert shown.returncode == 0, shown.stderr
    assert "arrays: images of 8x8x1, pixels 0 to 255" in shown.stdout and "images of 0..1 were scaled" in shown.stdout
    assert "seven" in shown.stdout
    done = type_here("run", "wider.py", *HERE, "--seeds", "1", "--threads", "2", cwd=mine)
    assert done.returncode == 0, done.stderr
    [directory] = mine.glob("runs/wider/narrow-*/seed-1")
    assert "images of 0..1 were scaled to 0..255" in run_directory.read_run(directory).record["data"]["notes"]
    Image.fromarray((load_digits().images[3] * 15).astype(np.uint8)).save(mine / "three.png")
    asked = type_here("predict", directory, "three.png", cwd=mine)
    assert asked.returncode == 0 and "three.png" in asked.stdout, asked.stderr


@pytest.mark.slow
def test_the_same_content_elsewhere_is_the_same_run(mine: Path) -> None:
    done = type_here("run", "wider.py", *HERE, "--seeds", "1", "--threads", "2", cwd=mine)
    assert done.returncode == 0, done.stderr
    with np.load(mine / "mine.npz") as old:
        np.savez_compressed(mine / "other.npz", X=np.rint(old["images"] * 255).astype(np.uint8), y=old["labels"])
    again = [word.replace("mine.npz", "other.npz") for word in HERE]
    done = type_here("run", "wider.py", *again, "--seeds", "1", "--threads", "2", cwd=mine)
    assert done.returncode == 0, done.stderr
    assert len(list(mine.glob("runs/wider/*/seed-1"))) == 2, "the two variants, and no new runs"
