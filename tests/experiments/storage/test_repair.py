"""Whatever is damaged under a runs folder is named, and what can be made again ends with the same numbers."""

import os
from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.looks import Looks, read_looks
from tests.end_to_end.typed import type_here
from tests.experiments.conftest import flip, run_of


@pytest.mark.parametrize(
    "name", ["run.json", "config.json", "history.csv", "metrics.json", "predictions.npz", "examples.npz", "model.keras"]
)
def test_a_flipped_bit_is_found_and_the_run_is_trained_again_to_the_same_numbers(folder: Path, name: str) -> None:
    directory = run_of(folder, "narrow", 1)
    whole = run_directory.read_run(directory)
    before = run_directory.predictions(whole)
    assert before is not None
    flip(directory / name)
    shown = directory.relative_to(folder)
    done = type_here("verify", cwd=folder)
    assert done.returncode == 1
    assert done.stdout == "4 runs checked, 1 damaged.\n"
    error, advice = done.stderr.splitlines()
    assert error.startswith(f"error: {shown / name}")
    assert advice == "to mend it: what can be made again is made by keras-suite verify runs --repair"
    mended = type_here("verify", "--repair", cwd=folder)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    told = "its former numbers are not known" if name == "metrics.json" else "the same numbers"
    assert f"{shown} was trained again, {told}; the damaged files lie in runs/.set-aside/" in mended.stdout
    after = run_directory.predictions(run_directory.read_run(directory))
    assert after is not None
    assert np.array_equal(before.probabilities, after.probabilities)
    assert type_here("verify", cwd=folder).returncode == 0
    assert (next(folder.glob("runs/.set-aside/*")) / name).exists()


def test_a_damaged_checkpoint_and_what_kills_left_are_cleared_away(folder: Path) -> None:
    directory = run_of(folder, "narrow", 2)
    (directory / "metrics.json").unlink()
    run_directory.write_checkpoint(directory, {"epoch": 1}, {"model/0": np.arange(5.0)})
    flip(directory / "checkpoint" / "state.npz")
    old = directory / ".history-abcdefgh.csv"
    old.write_text("epoch", encoding="utf-8")
    os.utime(old, (1_000_000, 1_000_000))
    (directory / ".history-hgfedcba.csv").write_text("being written", encoding="utf-8")
    done = type_here("verify", "--repair", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 damaged; 1 temporary file left by killed processes." in done.stdout
    assert not old.exists() and (directory / ".history-hgfedcba.csv").exists()
    assert [path.name.startswith("unusable-") for path in (directory / "checkpoint").iterdir()] == [True]


def test_a_damaged_record_of_looks_is_taken_away_and_nothing_is_known_of_looks_then(folder: Path) -> None:
    path = folder / "runs" / "wider" / "looks.json"
    assert read_looks(path.parent).first_look_known
    flip(path)
    done = type_here("verify", "--repair", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("4 runs checked, 1 damaged.")
    assert "each number of seeds up to the present one counts as looked at" in " ".join(done.stdout.split())
    assert not path.exists() and read_looks(path.parent) == Looks()
    assert list(path.parent.glob("looks-damaged-*.json")), "nothing damaged is deleted"
    assert type_here("verify", cwd=folder).returncode == 0
