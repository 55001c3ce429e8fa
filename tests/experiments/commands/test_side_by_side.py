"""Reports that several processes write, beside those that one writes."""

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keras_suite.experiments.cli import app
from keras_suite.experiments.commands import side_by_side
from keras_suite.experiments.commands.command_line import complain, out
from keras_suite.experiments.commands.side_by_side import Failure, outcomes, processes_for
from keras_suite.reports.page.index import Entry
from tests.reports.conftest import MakeRuns, make_runs

__all__ = ["make_runs"]  # a fixture


class TakesTwo(ValueError):
    """An error that cannot be pickled."""

    def __init__(self, what: str, more: str) -> None:
        super().__init__(f"{what} {more}")


def written(name: str, here: int, marks: Path, killed: str = "") -> Entry:
    """Print a name, and tell in which process; 'torn' fails, and `killed` ends a process that is not `here`.

    The process that is `here` waits until another one has begun with `killed`, else with any name.
    """
    if os.getpid() != here:
        (marks / name).touch()
        if name == killed:
            os.kill(os.getpid(), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    until = time.monotonic() + 60
    while not (marks / killed if killed else next(marks.iterdir(), marks / "any")).is_file():
        assert time.monotonic() < until
        time.sleep(0.01)
    if name == "torn":
        raise TakesTwo("torn is", "torn")
    out.print(f"The report: [bold]{name}[/bold]")
    complain(f"{name} lacks a figure", kind="warning")
    return Entry(Path(name), "experiments", {"name": name, "process": os.getpid()})


def said(entries: list[Entry | Failure]) -> list[str]:
    return [str(each.error) if isinstance(each, Failure) else each.row["name"] for each in entries]


def test_what_two_processes_print_and_return_is_in_order(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = ["first", "torn", "third", "fourth"]
    write = partial(written, here=os.getpid(), marks=tmp_path)
    both = list(outcomes(names, write, 2))
    printed = capfd.readouterr()
    alone = list(outcomes(names, write, 1))
    assert capfd.readouterr() == printed
    assert printed.out.splitlines() == ["The report: first", "The report: third", "The report: fourth"]
    assert said(both) == said(alone) == ["first", "torn is torn", "third", "fourth"]
    processes = [each.row["process"] for each in both if isinstance(each, Entry)]
    assert processes[0] != os.getpid() == processes[-1], "this process begins with the last, the other with the first"


def test_what_a_killed_process_leaves_is_written_in_this_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = ["first", "second", "third", "fourth"]
    entries = list(outcomes(names, partial(written, here=os.getpid(), marks=tmp_path, killed="first"), 2))
    assert said(entries) == names
    assert [line.split()[-1] for line in capfd.readouterr().out.splitlines()] == names
    assert {each.row["process"] for each in entries if isinstance(each, Entry)} == {os.getpid()}


def test_of_more_items_than_processes_none_is_written_twice(tmp_path: Path) -> None:
    names = [f"n{k}" for k in range(40)]
    entries = list(outcomes(names, partial(written, here=os.getpid(), marks=tmp_path), 3))
    assert said(entries) == names
    others = [each.row["name"] for each in entries if isinstance(each, Entry) and each.row["process"] != os.getpid()]
    assert sorted(others) == sorted(each.name for each in tmp_path.iterdir())


def test_processes_are_started_where_that_pays(tmp_path: Path) -> None:
    folders = [tmp_path / str(k) for k in range(8)]
    for folder in folders:
        (folder / "base-0" / "seed-1").mkdir(parents=True)
    assert processes_for([]) == processes_for(folders[:1]) == processes_for(folders[:3]) == 1
    assert 1 <= processes_for(folders) <= 2
    for seed in range(2, 200):
        (folders[0] / "base-0" / f"seed-{seed}").mkdir()
    assert processes_for(folders[:1]) == 1
    assert 1 <= processes_for(folders[:2]) <= 2


@pytest.mark.slow
def test_reports_of_two_processes_are_those_of_one(make_runs: MakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    make_runs(seeds=1, name="first")
    torn = make_runs(seeds=1, name="torn").folder
    runs_dir = make_runs(seeds=2, name="third").folder.parent
    (torn / "experiment.json").write_text("{", encoding="utf-8")

    def reported(processes: int) -> tuple[str, dict[str, bytes]]:
        for kept in runs_dir.glob("*/report.json"):
            kept.unlink()
        monkeypatch.setattr("keras_suite.experiments.commands.report.processes_for", lambda folders: processes)
        done = CliRunner().invoke(app, ["report", str(runs_dir)])
        assert done.exit_code == 2
        pages = [*runs_dir.glob("*/report.[hm]*"), *runs_dir.glob("*/figures/*.svg"), runs_dir / "index.html"]
        return done.output, {str(page): page.read_bytes() for page in pages}

    (printed, pages), (printed_by_one, pages_by_one) = reported(2), reported(1)
    assert printed == printed_by_one
    assert [name for name in pages if pages[name] != pages_by_one[name]] == []


def test_a_process_needs_memory_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        (tmp_path / name / "base-0" / "seed-1").mkdir(parents=True)
    monkeypatch.setattr(side_by_side, "WORTH_STARTING", 0.0)
    assert processes_for([tmp_path / "a", tmp_path / "b"]) >= 1
    monkeypatch.setattr(side_by_side, "BYTES_A_PROCESS", 1 << 60)
    assert processes_for([tmp_path / "a", tmp_path / "b"]) == 1
