"""A sweep killed with SIGKILL, driver, worker or both, ends with the table of one that was left alone."""

import random
from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal
from tests.end_to_end.sweeps import (
    FILE,
    ONE_RATE,
    finish,
    finish_fork,
    fork,
    kill_fork_after,
    lines,
    start,
    sweep_folder,
    table,
    wait_for,
    workers_of,
    write_file,
)

pytestmark = pytest.mark.slow

BUDGETS = {
    "random": ("--trials", "5"),
    "bayesian": ("--trials", "6"),  # three at random, and then the Gaussian process
    "grid": ("--trials", "5"),
    "hyperband": ("--max-epochs", "3"),
}
TRIALS = {"random": 5, "bayesian": 6, "grid": 5, "hyperband": 6}


def short(text: str) -> str:
    """The experiment with fewer images and epochs."""
    return text.replace("limit=300, test_limit=100", "limit=150, test_limit=50").replace("epochs=2", "epochs=1")


def command(tuner: str) -> tuple[str, ...]:
    """A loss, unlike an accuracy of 15 images, shows every bit that differs."""
    return ("--tuner", tuner, *BUDGETS[tuner], "--objective", "val_unpenalised_loss")


def killed_and_finished(folder: Path, tuner: str, kills: int) -> str:
    """The table of a sweep whose only process was killed at so many moments."""
    write_file(folder, short(ONE_RATE))
    chance, killed = random.Random(f"{tuner} {kills}"), 0
    last = 2 * TRIALS[tuner] + 1  # begun, the base, and two for each trial but the last
    for least in sorted(chance.sample(range(1, last), kills)):
        process = fork(folder, *command(tuner))
        killed += kill_fork_after(process, lambda least=least: lines(folder, tuner) >= least, chance.uniform(0, 0.4))  # type: ignore[misc]
    assert killed >= kills - 1, "the last may come too late"
    finish_fork(folder, *command(tuner))
    return table(folder, tuner)


ALSO = [pytest.param(tuner, marks=pytest.mark.slow) for tuner in ("hyperband", "random", "grid")]


@pytest.fixture(scope="module", params=["bayesian", *ALSO])
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A tuner, and the table of its sweep that was left alone."""
    folder = tmp_path_factory.mktemp(request.param)
    write_file(folder, short(ONE_RATE))
    finish_fork(folder, *command(request.param))
    assert table(folder, request.param).count("completed") == TRIALS[request.param] + 1
    return request.param, table(folder, request.param)


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.slow)])
def test_kills_at_random_moments_leave_no_trace_in_the_table(
    undisturbed: tuple[str, str], kills: int, tmp_path: Path
) -> None:
    tuner, expected = undisturbed
    assert killed_and_finished(tmp_path, tuner, kills) == expected


@pytest.mark.slow
def test_a_journal_cut_anywhere_gives_the_same_table_again(undisturbed: tuple[str, str], tmp_path: Path) -> None:
    tuner, expected = undisturbed
    write_file(tmp_path, short(ONE_RATE))
    finish_fork(tmp_path, *command(tuner))
    path = sweep_folder(tmp_path, tuner) / journal.NAME
    whole = path.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        finish_fork(tmp_path, *command(tuner))
        assert table(tmp_path, tuner) == expected


@pytest.mark.slow
@pytest.mark.parametrize("tuner", list(BUDGETS))
def test_two_slots_end_every_trial_once_whatever_was_killed(tuner: str, tmp_path: Path) -> None:
    write_file(tmp_path, short(FILE).replace("epochs=1", "epochs=6") if tuner != "hyperband" else short(FILE))
    budget = ("--max-epochs", "9") if tuner == "hyperband" else ("--trials", "8")
    asked = ("--tuner", tuner, *budget, "--workers", "2")
    for least, what in ((4, "a worker"), (7, "the driver"), (11, "both")):
        process = start(tmp_path, *asked)
        wait_for(process, lambda least=least: lines(tmp_path, tuner) >= least)  # type: ignore[misc]
        victims = workers_of(process)
        if what != "the driver":
            victims[0].kill()
        if what == "a worker":
            wait_for(process, lambda: lines(tmp_path, tuner) >= 6)
        process.kill()
        process.communicate()
    finish(tmp_path, *asked)
    events = journal.read(sweep_folder(tmp_path, tuner) / journal.NAME)
    created = [event["trial"] for event in events if event["event"] == "created"]
    ended = [event["trial"] for event in events if event["event"] == "ended"]
    assert created == list(range(len(created)))
    assert sorted(ended, key=str) == sorted([None, *created], key=str)
    assert all(event["score"] is not None for event in events if event["event"] == "ended")
