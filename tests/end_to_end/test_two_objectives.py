"""Sweeps of a metric and a cost, as typed: both numbers are in the journal, and a kill leaves no trace in the table."""

import json
import random
from pathlib import Path

import pytest

from keras_suite.experiments.tuning import journal
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layout import MODEL
from tests.end_to_end.sweeps import (
    FILE,
    finish,
    finish_fork,
    finish_here,
    fork,
    kill_fork_after,
    lines,
    sweep_folder,
    table,
    write_file,
)
from tests.end_to_end.typed import refused

SMALL = FILE.replace("limit=300, test_limit=100", "limit=150, test_limit=50").replace("epochs=2", "epochs=1")
BOTH = ("--objective", "val_unpenalised_loss", "--objective", "parameters")
LATENCY = ("--objective", "latency", "--objective", "val_unpenalised_loss")
ALONE = ("--objective", "val_unpenalised_loss", "--full-trials")


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a sweep of a loss and latency, and one beside it of the loss alone; what the first one said."""
    folder = tmp_path_factory.mktemp("timed")
    for name in ("both", "alone"):
        write_file(folder / name, SMALL)
    said = finish_here(folder / "both", "--trials", "3", "--keep", "1", *LATENCY).stdout
    finish_here(folder / "alone", "--trials", "3", *ALONE)
    return folder, said


def ended(folder: Path, tuner: str = "random") -> dict[int | None, journal.Event]:
    events = journal.read(sweep_folder(folder, tuner) / journal.NAME)
    return {event["trial"]: event for event in events if event["event"] == "ended"}


def test_it_says_what_it_looks_for_and_what_it_does_not_do(timed: tuple[Path, str]) -> None:
    said = timed[1]
    assert "Two objectives: val_unpenalised_loss and latency of the exported file, and the front" in said
    assert "None is stopped early and each gets all its seeds" in said
    assert "exported to LiteRT and timed" in said and "a resumed sweep keeps the times that it recorded" in said
    assert " ms; on the front, of 1 trial so far" in said
    assert "No other trial is better in val_unpenalised_loss and latency of the exported file:" in said


def test_the_journal_and_the_runs_have_both_numbers(timed: tuple[Path, str]) -> None:
    folder = sweep_folder(timed[0] / "both")
    for event in ended(timed[0] / "both").values():
        (run,) = event["runs"]
        metrics = run_directory.read_run(folder / run["directory"]).metrics or {}
        assert event["cost"] == run["cost"] == metrics["latency_ms"] > 0
        assert not list((folder / run["directory"]).glob("*.tflite"))
    header = table(timed[0] / "both").splitlines()[0]
    assert ",directory,latency,mean_latency,learning_rate,units" in header
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "The front of validation unpenalised loss and latency of the exported file" in page


def test_timing_a_network_leaves_its_run_and_the_next_as_they_were(timed: tuple[Path, str]) -> None:
    both, alone = (ended(timed[0] / name) for name in ("both", "alone"))
    assert [each["score"] for each in both.values()] == [each["score"] for each in alone.values()]
    assert [each["runs"][0]["directory"] for each in both.values()] == [
        each["runs"][0]["directory"] for each in alone.values()
    ], "the same identities"
    assert "cost" not in json.dumps(list(alone.values()))


def test_the_models_of_the_front_are_kept(timed: tuple[Path, str]) -> None:
    folder, events = sweep_folder(timed[0] / "both"), ended(timed[0] / "both")
    scores = {number: (event["score"], event["cost"]) for number, event in events.items() if number is not None}
    front = {
        number
        for number, (loss, cost) in scores.items()
        if not any(other[0] <= loss and other[1] <= cost and other != (loss, cost) for other in scores.values())
    }
    kept = {int(path.parts[-3].split("-")[1]) for path in folder.glob(f"trial-*/seed-1/{MODEL}")}
    assert kept == front


def test_a_sweep_of_two_is_another_one_than_that_of_one(timed: tuple[Path, str]) -> None:
    line = refused("tune", "width.py", "--tuner", "random", "--threads", "1", *ALONE, cwd=timed[0] / "both")
    assert "second --objective was latency, is none" in line and "--fresh" in line
    line = refused("tune", "width.py", "--tuner", "random", "--threads", "1", *LATENCY, cwd=timed[0] / "alone")
    assert "second --objective was none, is latency" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--objective", "parameters", "--objective", "seconds"], "both are costs"),
        (["--objective", "val_accuracy", "--objective", "val_accuracy"], "the same twice"),
        (["--objective", "val_accuracy", "--objective", "latncy"], "did you mean 'latency'"),
        (["--objective", "val_accuracy", "--objective", "parameters", "--objective", "seconds"], "at most two"),
        (["--objective", "seconds", "--tuner", "hyperband"], "take --tuner bayesian, random or grid"),
        (["--objective", "seconds", "--stop-hopeless"], "--stop-hopeless: with two objectives a trial may be"),
    ],
)
def test_what_is_no_metric_and_a_cost_is_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    write_file(tmp_path, SMALL)
    assert said in refused("tune", "width.py", *arguments, cwd=tmp_path)
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_earlier_trials_are_taken_over_where_both_numbers_are_known(timed: tuple[Path, str], tmp_path: Path) -> None:
    earlier = str(sweep_folder(timed[0] / "alone"))
    write_file(tmp_path, SMALL)
    line = refused("tune", "width.py", "--threads", "1", "--from", earlier, *LATENCY, cwd=tmp_path)
    assert "its runs do not tell their latency of the exported file" in line and not (tmp_path / "runs").exists()
    said = finish_here(tmp_path, "--trials", "1", "--from", earlier, *BOTH).stdout
    assert "3 of 3 trials have the same Config here and are taken over untrained" in said
    assert all(event["cost"] for event in ended(tmp_path).values())


@pytest.mark.slow
@pytest.mark.parametrize("tuner", ["bayesian", "random"])
def test_kills_at_random_moments_leave_no_trace_in_the_table(tuner: str, tmp_path: Path) -> None:
    asked = ("--tuner", tuner, "--trials", "7", *BOTH)
    for name in ("whole", "killed"):
        write_file(tmp_path / name, SMALL)
    finish_fork(tmp_path / "whole", *asked)
    chance, killed = random.Random(tuner), 0
    for least in (2, 6, 11, 14):
        process = fork(tmp_path / "killed", *asked)
        ready = lambda least=least: lines(tmp_path / "killed", tuner) >= least  # noqa: E731
        killed += kill_fork_after(process, ready, chance.uniform(0, 0.4))
    assert killed >= 3, "the last may come too late"
    finish_fork(tmp_path / "killed", *asked)
    assert table(tmp_path / "killed", tuner) == table(tmp_path / "whole", tuner)
    assert table(tmp_path / "whole", tuner).count("completed") == 8


@pytest.mark.slow
def test_a_resumed_sweep_keeps_the_times_that_it_recorded(tmp_path: Path) -> None:
    asked = ("--tuner", "bayesian", "--objective", "seconds")
    write_file(tmp_path, SMALL)
    finish_here(tmp_path, *asked, "--trials", "4")
    before = table(tmp_path, "bayesian")
    finish_here(tmp_path, *asked, "--trials", "6")
    assert table(tmp_path, "bayesian").startswith(before)
    assert all(event["cost"] > 0 for event in ended(tmp_path, "bayesian").values())


@pytest.mark.slow
def test_two_workers_give_the_table_of_one(tmp_path: Path) -> None:
    for name, workers in (("one", "1"), ("two", "2")):
        write_file(tmp_path / name, SMALL)
        finish(tmp_path / name, "--trials", "3", "--workers", workers, *BOTH)
    assert table(tmp_path / "one") == table(tmp_path / "two")
