"""The page of a sweep, from its files alone: whole, partial, failed, conditional, of several seeds."""

import csv
import re
from pathlib import Path

import pytest

from keras_suite.reports.sweep.page import SweepReport, write_sweep_report
from keras_suite.reports.sweep.reading import Sweep, read_sweep
from tests.reports.sweep.conftest import MakeSweep, drawn
from tests.reports.sweep.test_rungs import hyperband


def text(report: SweepReport) -> str:
    """What the page says, without its markup."""
    page = report.html.read_text(encoding="utf-8")
    page = re.sub(r"<(style|script|svg).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\N{NO-BREAK SPACE}", " ").split())


def test_a_finished_sweep_has_every_part(make_sweep: MakeSweep) -> None:
    report = write_sweep_report(make_sweep(30, failed={4: "seed 1: loss became nan <b>"}, with_runs=True))
    said = text(report)
    for heading in (
        "Progress of the sweep",
        "Best trials",
        "Hyperparameter importance",
        "Scores by hyperparameter",
        "Failed trials",
        "Trials",
    ):
        assert heading in said
    assert report.answer in said.replace("&#39;", "'")
    assert "Hyperband" not in said
    assert "trial 4 seed 1: loss became nan &lt;b&gt;" in said
    page = report.html.read_text(encoding="utf-8")
    assert "<b>digits</b>" not in page and "&lt;b&gt;digits" in page
    names = {path.stem for path in report.paths if path.suffix == ".svg"}
    of_space = {"by-learning_rate", "by-optimizer", "by-momentum", "by-batch_size"}
    assert names == {"trials", "expected-best", "importance", "parallel", "curves", *of_space}
    labels = re.findall(r'aria-label="([^"]+)"', page)
    assert sum("validation accuracy over" in label for label in labels) == 4
    assert any("the base has 80.00 %" in label for label in labels)


def test_it_is_one_file_without_this_machines_paths(make_sweep: MakeSweep, tmp_path: Path) -> None:
    page = write_sweep_report(make_sweep(4)).html.read_text(encoding="utf-8")
    assert str(tmp_path) not in page
    assert not re.findall(r'(?:src|href)="(?!#)', page)


def test_the_table_has_a_row_for_each_trial_and_seed(make_sweep: MakeSweep) -> None:
    report = write_sweep_report(make_sweep(4, seeds=3, failed={2: "nan"}))
    with (report.html.parent / "trials.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["trial"], row["seed"]) for row in rows][:4] == [
        ("base", "1"),
        ("base", "2"),
        ("base", "3"),
        ("0", "1"),
    ]
    assert len(rows) == 15
    assert {row["status"] for row in rows if row["trial"] == "2"} == {"failed"}
    inactive = [k for k in range(4) if "momentum" not in drawn(k)]
    assert all(row["momentum"] == "" for row in rows if row["trial"] in {str(k) for k in inactive})
    assert "mean of 3 seeds" in text(report)


@pytest.mark.parametrize("cut", range(0, 3000, 500))
def test_a_journal_cut_anywhere_gives_a_report_that_says_unfinished(cut: int, make_sweep: MakeSweep) -> None:
    folder = make_sweep(5, planned=5).folder
    journal = folder / "journal.jsonl"
    content = journal.read_bytes()
    begun = content.index(b"\n") + 1
    journal.write_bytes(content[: min(begun + cut, len(content) - 1)])
    report = write_sweep_report(read_sweep(folder))
    assert report.answer.startswith("Unfinished: ")
    assert "unfinished" in text(report)


def test_hyperband_shows_its_rungs_and_no_expected_best(make_sweep: MakeSweep) -> None:
    said = text(write_sweep_report(make_sweep(tuner="hyperband", values=hyperband(), max_epochs=9)))
    assert "Hyperband’s rungs" in said
    assert "Hyperband trains most trials for a few epochs only" in said
    assert "Expected best" not in said


@pytest.mark.parametrize("tuner", ["bayesian", "grid"])
def test_trials_that_know_of_each_other_have_no_expected_best(tuner: str, make_sweep: MakeSweep) -> None:
    assert "Expected best:" not in text(write_sweep_report(make_sweep(4, tuner=tuner)))


def sweeps_that_are_hardly_one(make: MakeSweep) -> list[Sweep]:
    return [
        make(0, base=None, state="running", name="a"),
        make(1, running=1, name="b"),
        make(2, failed={0: "x", 1: "y"}, base=None, name="c"),
        make(3, scores={0: 0.5, 1: 0.5, 2: 0.5}, base=0.5, name="d"),
        make(2, objective="val_unpenalised_loss", scores={0: 1e30, 1: 0.1}, base=0.2, name="e"),
    ]


@pytest.mark.slow
def test_what_is_hardly_a_sweep_has_a_report_all_the_same(make_sweep: MakeSweep) -> None:
    for sweep in sweeps_that_are_hardly_one(make_sweep):
        assert write_sweep_report(sweep).answer


def test_the_same_sweep_is_the_same_page(make_sweep: MakeSweep) -> None:
    first = write_sweep_report(make_sweep(15)).html.read_bytes()
    assert write_sweep_report(make_sweep(15)).html.read_bytes() == first
