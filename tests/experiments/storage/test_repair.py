"""Whatever is damaged under a runs folder is named, and what can be made again ends with the same numbers."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory
from tests.end_to_end.typed import type_here
from tests.experiments.storage.conftest import run_of


def flip(path: Path, place: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 0x10
    path.write_bytes(content)


def test_nothing_is_wrong_with_runs_as_they_were_made(folder: Path) -> None:
    done = type_here("verify", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 runs checked, nothing damaged.\n", "")


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
    assert advice == "To mend what can be made again: keras-suite verify runs --repair"
    mended = type_here("verify", "--repair", cwd=folder)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    told = "its former numbers are not known" if name == "metrics.json" else "the same numbers"
    assert f"{shown} was trained again, {told}; the damaged files lie in runs/.set-aside/" in mended.stdout
    after = run_directory.predictions(run_directory.read_run(directory))
    assert after is not None
    assert np.array_equal(before.probabilities, after.probabilities)
    assert type_here("verify", cwd=folder).returncode == 0
    assert (next(folder.glob("runs/.set-aside/*")) / name).exists()


def test_a_run_whose_files_are_all_damaged_is_made_of_what_its_other_seed_has(folder: Path) -> None:
    directory = run_of(folder, "wide", 2)
    before = (directory / "predictions.npz").read_bytes()
    for path in directory.glob("*.*"):
        path.write_bytes(b"")
    done = type_here("verify", "runs/wider", "--repair", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (directory / "predictions.npz").read_bytes() == before


def test_a_run_that_nothing_is_known_of_is_left_as_it_is(folder: Path) -> None:
    shutil.rmtree(run_of(folder, "wide", 2))
    directory = run_of(folder, "wide", 1)
    for name in ("run.json", "config.json"):
        (directory / name).write_bytes(b"")
    left = sorted(path.name for path in directory.iterdir())
    done = type_here("verify", "runs/wider", "--repair", cwd=folder)
    assert done.returncode == 1
    assert "left as it is: " in done.stdout and "run the experiment's command again" in done.stdout
    assert sorted(path.name for path in directory.iterdir()) == left


def test_a_run_of_other_data_is_not_trained_again_on_what_is_there_now(folder: Path) -> None:
    directory = run_of(folder, "wide", 1)
    other = directory.parent.with_name("wide-00000000")
    directory.parent.rename(other)
    flip(other / "seed-1" / "predictions.npz")
    done = type_here("verify", "--repair", cwd=folder)
    assert done.returncode == 1
    assert "the data, the weights or the suite are others than when it was trained" in done.stdout
    assert (other / "seed-1" / "predictions.npz").exists()


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


@pytest.mark.parametrize("damage", [lambda path: flip(path), lambda path: path.write_bytes(b"")], ids=["flip", "empty"])
def test_a_damaged_list_of_variants_is_written_by_the_command(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder / "runs" / "wider" / "experiment.json")
    done = type_here("verify", "--repair", cwd=folder)
    assert done.returncode == 1
    assert "run the experiment again, which trains nothing that is finished" in done.stdout
    again = type_here("run", "wider.py", "--threads", "2", cwd=folder)
    assert again.returncode == 0, again.stderr
    assert "nothing was trained" in again.stdout
    assert type_here("verify", cwd=folder).returncode == 0


def test_a_folder_without_runs_is_named(tmp_path: Path) -> None:
    done = type_here("verify", "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: nowhere holds no runs, sweep or study: give a folder")
