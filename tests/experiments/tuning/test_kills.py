"""A sweep killed with SIGKILL, driver, worker or both, ends with the table of one that was left alone."""

import random
from pathlib import Path

import pytest

from tests.experiments.tuning.sweeps import (
    FILE,
    finish_fork,
    fork,
    kill_fork_after,
    lines,
    table,
    write_file,
)

SHORT = FILE.replace("limit=300, test_limit=100", "limit=150, test_limit=50").replace("epochs=2", "epochs=1")
ONE_RATE = SHORT[: SHORT.index('        "model.units"')] + "    }\n"
BUDGETS = {
    "random": ("--trials", "5"),
    "bayesian": ("--trials", "6"),  # three at random, and then the Gaussian process
    "grid": ("--trials", "5"),
    "hyperband": ("--max-epochs", "3"),
}
TRIALS = {"random": 5, "bayesian": 6, "grid": 5, "hyperband": 6}


def command(tuner: str) -> tuple[str, ...]:
    """A loss, unlike an accuracy of 15 images, shows every bit that differs."""
    return ("--tuner", tuner, *BUDGETS[tuner], "--objective", "val_unpenalised_loss")


def killed_and_finished(folder: Path, tuner: str, kills: int) -> str:
    """The table of a sweep whose only process was killed at so many moments."""
    write_file(folder, ONE_RATE)
    chance, killed = random.Random(f"{tuner} {kills}"), 0
    last = 2 * TRIALS[tuner] + 1  # begun, the base, and two for each trial but the last
    for least in sorted(chance.sample(range(1, last), kills)):
        process = fork(folder, *command(tuner))
        killed += kill_fork_after(process, lambda least=least: lines(folder, tuner) >= least, chance.uniform(0, 0.4))  # type: ignore[misc]
    assert killed >= kills - 1, "the last may come too late"
    finish_fork(folder, *command(tuner))
    return table(folder, tuner)


@pytest.fixture(scope="module", params=list(BUDGETS))
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A tuner, and the table of its sweep that was left alone."""
    folder = tmp_path_factory.mktemp(request.param)
    write_file(folder, ONE_RATE)
    finish_fork(folder, *command(request.param))
    assert table(folder, request.param).count("completed") == TRIALS[request.param] + 1
    return request.param, table(folder, request.param)


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.slow)])
def test_kills_at_random_moments_leave_no_trace_in_the_table(
    undisturbed: tuple[str, str], kills: int, tmp_path: Path
) -> None:
    tuner, expected = undisturbed
    assert killed_and_finished(tmp_path, tuner, kills) == expected
