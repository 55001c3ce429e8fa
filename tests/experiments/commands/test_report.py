"""`report` as a user types it, on runs made beforehand."""

import csv
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keras_suite.experiments.cli import app
from tests.reports.conftest import MakeRuns, make_runs
from tests.reports.sweep.conftest import MakeSweep, make_sweep

__all__ = ["make_runs", "make_sweep"]  # fixtures


def typed(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["report", *map(str, arguments)])
    return done.exit_code, done.output


def verdicts(folder: Path, suffix: str = "") -> list[tuple[str, str, str, str]]:
    with (folder / f"comparison{suffix}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["variant"], row["against"], row["verdict"], row["margin"]) for row in csv.DictReader(file)]


@pytest.mark.slow
def test_the_pairs_and_the_margin_are_those_requested(make_runs: MakeRuns) -> None:
    folder = make_runs({"a": {}, "b": {}, "c": {}}, seeds=9, strength={"b": 1e-5, "c": 1e-6}).folder
    assert typed(folder)[0] == 0
    page = (folder / "report.html").read_bytes()
    assert typed(folder, "--against", "b")[0] == 0
    assert [row[:2] for row in verdicts(folder, "-against-b")] == [("b", ""), ("a", "b"), ("c", "b")]
    assert typed(folder, "--against", "c=b", "--margin", "50")[0] == 0
    assert verdicts(folder, "-against-c-b-margin-50")[2] == ("c", "b", "equivalent", "0.5")
    code, said = typed(folder, "--all-pairs")
    assert code == 0
    assert "of 3 pairs differ" in said
    assert "Pairwise comparisons" in (folder / "report-all-pairs.html").read_text(encoding="utf-8")
    assert (folder / "report.html").read_bytes() == page, "the experiment's own page stays"
    code, said = typed(folder, "--all-pairs", "--latex")
    assert code == 0 and f"For a paper: {folder / 'latex-all-pairs' / 'paper.tex'}" in said
    assert "](figures-all-pairs/" in (folder / "report-all-pairs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--margin", "100"], "--margin 100 is not possible: give a number from 0 up to 100"),
        (["--against", "stronk"], "unknown variant 'stronk'; did you mean 'strong'?"),
        (["--against", "weak", "--all-pairs"], "give one of them"),
    ],
)
def test_a_wrong_choice_is_refused_before_anything_is_written(
    arguments: list[str], said: str, make_runs: MakeRuns
) -> None:
    folder = make_runs(seeds=1).folder
    code, printed = typed(folder, *arguments)
    assert code == 2
    assert said in printed
    assert not (folder / "report.html").exists()


def test_several_experiments_get_an_index_and_a_damaged_one_keeps_the_others_from_nothing(make_runs: MakeRuns) -> None:
    make_runs(seeds=1, name="first")
    torn = make_runs(seeds=1, name="torn").folder
    runs_dir = make_runs(seeds=1, name="third").folder.parent
    (torn / "experiment.json").write_text("{", encoding="utf-8")
    code, said = typed(runs_dir)
    assert code == 2
    assert "torn has no report" in said
    assert (runs_dir / "first" / "report.html").exists() and (runs_dir / "third" / "report.html").exists()
    page = (runs_dir / "index.html").read_text(encoding="utf-8")
    assert page.count("Too few seeds") == 2 and "torn has no report" in page
    written = (runs_dir / "first" / "report.html").stat().st_mtime_ns
    (runs_dir / "third" / "report.md").unlink()
    code, said = typed(runs_dir)
    assert code == 2
    assert said.count("Nothing has changed since the report") == 1, "of the other one a file is gone"
    assert (runs_dir / "first" / "report.html").stat().st_mtime_ns == written
    assert (runs_dir / "third" / "report.md").exists()
    assert (runs_dir / "index.html").read_text(encoding="utf-8") == page


def test_a_folder_that_is_named_twice_is_reported_once(make_runs: MakeRuns) -> None:
    first = make_runs(seeds=1, name="first").folder
    make_runs(seeds=1, name="second")
    code, said = typed(first.parent, first, first / ".." / "first")
    assert code == 0
    assert said.count("The report: ") == 2 and "Index of 2 experiments" in said


def test_a_sweep_is_reported_from_its_own_folder_finished_or_not(make_sweep: MakeSweep) -> None:
    folder = make_sweep(6, running=2, planned=9, state="running").folder
    code, said = typed(folder)
    assert code == 0
    assert "Unfinished: 4 of 9 trials have ended." in said and "Next: keras-suite tune" in said
    assert (folder / "report.html").exists() and (folder / "trials.csv").exists()


def test_experiments_and_sweeps_share_an_index(make_runs: MakeRuns, make_sweep: MakeSweep) -> None:
    runs_dir = make_runs(seeds=1, name="first").folder.parent
    make_sweep(3)
    torn = make_sweep(3, tuner="grid").folder
    (torn / "journal.jsonl").write_text("{}\n", encoding="utf-8")
    code, said = typed(runs_dir)
    assert code == 2 and "digits_tuning.tune/grid has no report" in said
    page = (runs_dir / "index.html").read_text(encoding="utf-8")
    assert "1 experiment and 1 sweep" in page
    assert 'href="digits_tuning.tune/random/report.html"' in page
    assert "digits_tuning, random search" in page and "&lt;b&gt;digits&lt;/b&gt;" in page


def test_what_only_experiments_take_is_refused_for_a_sweep(make_sweep: MakeSweep) -> None:
    folder = make_sweep(2).folder
    code, said = typed(folder, "--margin", "1")
    assert code == 2 and "choose what experiments compare, and here is none" in said
    code, said = typed(folder, "--latex")
    assert code == 2 and "--latex writes the tables and figures of experiments, and here is none" in said
    assert not (folder / "report.html").exists()


@pytest.mark.slow
def test_another_score_gets_a_page_of_its_own(make_runs: MakeRuns) -> None:
    folder = make_runs(seeds=2).folder
    assert typed(folder)[0] == 0
    page = (folder / "report.html").read_bytes()
    code, said = typed(folder, "--score", "macro_f1")
    assert code == 0 and "test macro F1" in said
    other = (folder / "report-score-macro_f1.html").read_text(encoding="utf-8")
    assert "test macro F1" in other and "nan" not in re.sub(
        r"<(style|script).*?</\1>|<[^>]+>", " ", other, flags=re.DOTALL
    )
    assert "test_macro_f1" in (folder / "comparison-score-macro_f1.csv").read_text(encoding="utf-8").splitlines()[0]
    assert (folder / "report.html").read_bytes() == page
    code, said = typed(folder, "--score", "f1")
    assert code == 2 and "unknown score 'f1'" in said
