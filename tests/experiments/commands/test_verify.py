"""`verify`, typed as a user types it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.typed import type_here
from tests.experiments.conftest import flip


def test_nothing_is_wrong_with_runs_as_they_were_made(folder: Path) -> None:
    done = type_here("verify", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 runs checked, nothing damaged.\n", "")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: flip(path), id="flip"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty", marks=pytest.mark.slow),
    ],
)
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
