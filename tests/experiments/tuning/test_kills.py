"""A sweep whose driver was killed with SIGKILL ends with the same table as one that was left alone."""

import random
from pathlib import Path

import pytest

from experiments.tuning import journal
from tests.experiments.tuning.sweeps import finish, kill_after, lines, start, sweep_folder, table, write_file

BUDGETS = {
    "random": ("--trials", "6"),
    "bayesian": ("--trials", "9"),
    "grid": ("--trials", "6"),
    "hyperband": ("--max-epochs", "3"),
}
TRIALS = {"random": 6, "bayesian": 9, "grid": 6, "hyperband": 6}


def killed_and_finished(folder: Path, tuner: str, kills: int) -> str:
    """The table of a sweep that was killed at so many moments."""
    write_file(folder)
    command, chance = ("--tuner", tuner, *BUDGETS[tuner]), random.Random(f"{tuner} {kills}")
    last = 2 * TRIALS[tuner]  # begun, the base, and two for each trial but the last
    for least in sorted(chance.sample(range(1, last), kills)):
        process = start(folder, *command)
        kill_after(process, lambda least=least: lines(folder, tuner) >= least, chance.uniform(0, 0.5))  # type: ignore[misc]
    finish(folder, *command)
    return table(folder, tuner)


def undisturbed(folder: Path, tuner: str) -> str:
    """The table of a sweep that was left alone."""
    write_file(folder)
    finish(folder, "--tuner", tuner, *BUDGETS[tuner])
    return table(folder, tuner)


def test_a_sweep_goes_on_after_its_driver_was_killed(tmp_path: Path) -> None:
    assert killed_and_finished(tmp_path / "killed", "random", 1) == undisturbed(tmp_path / "left", "random")


@pytest.mark.slow
@pytest.mark.parametrize("tuner", list(BUDGETS))
def test_kills_at_random_moments_leave_no_trace_in_the_table(tuner: str, tmp_path: Path) -> None:
    assert killed_and_finished(tmp_path / "killed", tuner, 3) == undisturbed(tmp_path / "left", tuner)


@pytest.mark.slow
def test_a_journal_cut_anywhere_gives_the_same_table_again(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path, "random")
    path = sweep_folder(tmp_path) / journal.NAME
    whole = path.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        finish(tmp_path, *BUDGETS["random"])
        assert table(tmp_path) == expected
