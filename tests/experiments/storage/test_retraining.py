"""A damaged run is made again of what is known of it, or left as it is."""

import shutil
from pathlib import Path

from tests.end_to_end.typed import type_here
from tests.experiments.conftest import flip, run_of


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
