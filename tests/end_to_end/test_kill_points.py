"""Each command is killed at changes of the disk that it makes, and ends as one that was left alone.

`KILL_POINTS=50` takes as many of the changes of each command, evenly spaced; all of them where there are fewer.
"""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.end_to_end.kill_points import leave_alone_for_days, outcome, run, said
from tests.end_to_end.sweeps import ONE_RATE
from tests.end_to_end.typed import TINY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

POINTS = int(os.environ.get("KILL_POINTS", "7"))  # of each command
ONE_SLOT = ("--threads", "1", "--checkpoint-seconds", "0")
RUN = ("run", "wider.py", *ONE_SLOT)
OBJECTIVE = ("--objective", "val_unpenalised_loss")  # of 45 images an accuracy would hide bits that differ


class Command(NamedTuple):
    """What is typed, and what before it, in a folder that it finds."""

    typed: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()


def tune(tuner: str, *budget: str) -> tuple[str, ...]:
    return ("tune", "width.py", "--tuner", tuner, *budget, *OBJECTIVE, *ONE_SLOT)


COMMANDS = {
    "run": Command(RUN),
    "run in two processes": Command(("run", "wider.py", "--threads", "1", "--workers", "2")),
    "run more seeds": Command((*RUN, "--seeds", "2"), (RUN,)),
    "run again from nothing": Command((*RUN, "--fresh"), (RUN,)),
    "random": Command(tune("random", "--trials", "2")),
    "bayesian": Command(tune("bayesian", "--trials", "5", "--seeds", "2")),
    "grid": Command(tune("grid", "--trials", "2")),
    "hyperband": Command(tune("hyperband", "--max-epochs", "3")),
    "confirm": Command(tune("random", "--trials", "2", "--confirm", "1", "--confirm-seeds", "2")),
    "report": Command(("report", "runs"), (RUN,)),
    "site": Command(("report", "runs", "--site", "site"), (RUN,)),
    "prune": Command(("runs", "--prune", "--older-than", "0", "--yes"), (RUN,)),
}


def folder_of(command: Command, path: Path) -> Path:
    path.mkdir()
    (path / "wider.py").write_text(TINY.replace("limit=300", "limit=150").replace("seeds=2", "seeds=1"))
    (path / "width.py").write_text(ONE_RATE.replace("limit=300", "limit=150").replace("epochs=2", "epochs=1"))
    for words in command.before:
        assert run(path, words)[0] == 0, said(path)
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_change_of_the_disk_it_ends_as_one_left_alone(name: str, tmp_path: Path) -> None:
    command = COMMANDS[name]
    begun = folder_of(command, tmp_path / "begun")
    alone = tmp_path / "alone"
    shutil.copytree(begun, alone)
    code, changes = run(alone, command.typed)
    assert code == 0 and changes > 0, said(alone)
    expected = outcome(alone)
    points = sorted({1 + (2 * k + 1) * changes // (2 * POINTS) for k in range(POINTS)})
    different = {}
    for point in points:
        folder = tmp_path / f"killed-at-{point}"
        shutil.copytree(begun, folder)
        killed, _ = run(folder, command.typed, point)
        leave_alone_for_days(folder)
        ended, _ = run(folder, command.typed)
        if killed == 0:  # times decide on a few changes: this one came to its end before
            continue
        found = outcome(folder) if ended == 0 else said(folder)
        if found != expected:
            different[point] = found if isinstance(found, str) else _differences(found, expected)
        shutil.rmtree(folder)
    assert different == {}, f"of {changes} changes of the disk"
    print(f"{name}: {len(points)} kills at {changes} changes of the disk")


def _differences(found: dict[str, object], expected: dict[str, object]) -> list[str]:
    names = sorted({*found, *expected})
    return [
        f"{name}: {'missing' if name not in found else 'too much' if name not in expected else 'other'}"
        for name in names
        if found.get(name) != expected.get(name)
    ]
