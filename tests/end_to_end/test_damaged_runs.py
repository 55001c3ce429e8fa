"""Damaged, locked and unwritable run directories: named in one line, or trained on; nothing is lost."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keras_suite.reports import run_directory
from tests.end_to_end.typed import refused, tiny_experiment, type_here


def _edit_config(directory: Path) -> None:
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    (directory / "config.json").write_text(json.dumps({**config, "epochs": 99}), encoding="utf-8")


def _remove(name: str) -> Callable[[Path], None]:
    return lambda directory: (directory / name).unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_edit_config, "config.json"),
        (_remove("predictions.npz"), "predictions.npz is gone"),
        (_remove("run.json"), "run.json is missing"),
        (lambda directory: (directory / "run.json").write_text("{", encoding="utf-8"), "not readable JSON"),
    ],
    ids=["edited", "predictions gone", "record gone", "half a record"],
)
def test_a_damaged_finished_run_is_named_with_the_command_that_mends_it(
    damage: Callable[[Path], None], said: str, four_runs: Path, tmp_path: Path
) -> None:
    shutil.copytree(four_runs / "runs", tmp_path / "runs")
    directory = next(tmp_path.glob("runs/wider/narrow-*/seed-1"))
    damage(directory)
    left = sorted(path.name for path in directory.iterdir())
    line = refused("run", four_runs / "wider.py", "--seeds", "1", cwd=tmp_path)
    assert said in line
    assert f"keras-suite verify {directory.relative_to(tmp_path)} --repair" in line
    assert sorted(path.name for path in directory.iterdir()) == left


@pytest.mark.slow
def test_fresh_sets_earlier_runs_aside_and_loses_none(four_runs: Path, tmp_path: Path) -> None:
    shutil.copytree(four_runs / "runs", tmp_path / "runs")
    done = type_here("run", four_runs / "wider.py", "--seeds", "1", "--fresh", "--threads", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("runs/.set-aside/wider-*/*/seed-1/metrics.json"))) == 2
    assert len(list(tmp_path.glob("runs/wider/*/seed-1/metrics.json"))) == 2


def test_other_threads_than_the_runs_so_far_are_refused(four_runs: Path) -> None:
    assert "--threads 7" in refused("run", four_runs / "wider.py", "--threads", "7", cwd=four_runs)


def test_the_same_command_twice_at_once_is_refused_the_second_time(four_runs: Path) -> None:
    from keras_suite.reports.run_directory import locked

    with locked(four_runs / "runs" / "wider"):
        line = refused("run", four_runs / "wider.py", "--seeds", "2", cwd=four_runs)
    assert "in use by another process" in line


@pytest.mark.parametrize("failure", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_a_folder_that_cannot_be_written_is_named(
    failure: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise type(failure)(failure.errno, failure.strerror, str(folder))

    monkeypatch.setattr("keras_suite.reports.run_directory.locked", refuse)
    assert str(Path("runs") / "wider") in refused("run", tiny_experiment(tmp_path), "--seeds", "1", cwd=tmp_path)


UNDER_A_LIMIT = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))
sys.argv = ["experiments", *sys.argv[1:]]
runpy.run_module("keras_suite.experiments", run_name="__main__")
"""


@pytest.mark.slow
def test_a_disk_that_fills_up_in_mid_run_loses_nothing(tmp_path: Path) -> None:
    """Files above 12 kB cannot be written, so the first checkpoint, within an epoch, fails, and so does the report."""
    tiny_experiment(tmp_path)
    command = ["run", "wider.py", "--seeds", "1", "--checkpoint-seconds", "0"]
    full = subprocess.run(
        [sys.executable, "-c", UNDER_A_LIMIT, *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert full.returncode == 1, full.stdout + full.stderr
    assert full.stdout.count("File too large; make room") == 2
    assert "the report was not written" in full.stderr
    assert "Traceback" not in full.stderr
    for run in run_directory.read_experiment(tmp_path / "runs" / "wider").runs:
        assert run.status == "failed"
        assert not run.history
    again = type_here(*command, cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stderr == ""
    assert {run.status for run in run_directory.read_experiment(tmp_path / "runs" / "wider").runs} == {"completed"}
