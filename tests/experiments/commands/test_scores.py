"""`report scores.csv` as a user of another framework types it."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.typed import refused, type_here
from tests.reports.elsewhere.conftest import WriteTable, answers, scores, write_table

__all__ = ["write_table"]  # a fixture

TWO = {"sgd": 0.94, "adam": 0.95}


def verdicts(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "comparison.csv").open(encoding="utf-8", newline="") as file:
        return [(row["variant"], row["against"], row["verdict"]) for row in csv.DictReader(file)]


def test_a_table_gets_a_verdict_and_a_page_in_a_folder_of_its_name_beside_it(
    write_table: WriteTable, tmp_path: Path
) -> None:
    folder = write_table(scores(TWO)).with_suffix("")
    done = type_here(
        "report", "scores.csv", "--metric", "accuracy", "--question", "Is Adam better?", "--first-look", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "'adam' is better than 'sgd' by" in done.stdout and "percentage points of test accuracy" in done.stdout
    assert verdicts(folder) == [("sgd", "", "baseline"), ("adam", "sgd", "better")]
    assert "<h1>Is Adam better?</h1>" in (folder / "report.html").read_text(encoding="utf-8")
    assert "time per run" not in done.stdout and "failed" not in done.stdout
    assert {path.name for path in folder.iterdir()} == {
        "comparison.csv",
        "figures",
        "looks.json",
        "report.html",
        "report.md",
    }


def test_baseline_margin_and_direction_are_those_requested_and_a_report_may_be_written_again(
    write_table: WriteTable, tmp_path: Path
) -> None:
    folder = write_table(scores({"a": 1.0, "b": 2.0, "c": 2.0})).with_suffix("")
    for words, expected in (
        (("--against", "b"), [("b", "", "baseline"), ("a", "b", "worse"), ("c", "b", "undecided")]),
        (
            ("--against", "b", "--direction", "min", "--margin", "500"),
            [("b", "", "baseline"), ("a", "b", "equivalent"), ("c", "b", "equivalent")],
        ),
        (("--against", "a=b", "--direction", "min"), [("a", "b", "better")]),
    ):
        done = type_here("report", "scores.csv", "--first-look", *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert [row for row in verdicts(folder) if row in expected] == expected


def row_of(folder: Path, variant: str) -> dict[str, str]:
    with (folder / "comparison.csv").open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["variant"] == variant)


def test_looks_at_a_growing_table_are_recorded_beside_its_report(write_table: WriteTable, tmp_path: Path) -> None:
    folder = write_table(scores(TWO, seeds=8)).with_suffix("")
    for seeds, looks in ((8, "8"), (8, "8"), (12, "8 12"), (12, "8 12")):
        write_table(scores(TWO, seeds=seeds))
        done = type_here("report", "scores.csv", "--first-look", "--metric", "accuracy", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert row_of(folder, "adam")["looks"] == looks
        assert "--first-look says that nobody did" not in (folder / "report.md").read_text(encoding="utf-8")
    done = type_here("report", "scores.csv", "--metric", "accuracy", cwd=tmp_path)
    assert done.returncode == 0 and row_of(folder, "adam")["looks"] == "8 12", "the record knows it by itself"


def test_where_it_is_not_said_that_nobody_looked_each_number_of_seeds_counts(
    write_table: WriteTable, tmp_path: Path
) -> None:
    folder = write_table(scores(TWO, seeds=12)).with_suffix("")
    done = type_here("report", "scores.csv", "--metric", "accuracy", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert row_of(folder, "adam")["looks"] == "7 9 10 11 12"
    assert "each number of seeds counts as a look" in (folder / "report.md").read_text(encoding="utf-8")
    said = refused("report", "scores.csv", "--first-look", cwd=tmp_path)
    assert "--first-look is not possible: an earlier look is recorded in scores/looks.json; leave it out" in said
    (folder / "looks.json").write_text("{", encoding="utf-8")
    assert "--first-look is not possible" in refused("report", "scores.csv", "--first-look", cwd=tmp_path)


def test_a_report_goes_where_the_runs_folder_is_said_to_be(write_table: WriteTable, tmp_path: Path) -> None:
    write_table(answers({"a": 0.9, "b": 0.5}, seeds=6, images=40))
    done = type_here("report", "scores.csv", "--runs-dir", "elsewhere/runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "elsewhere/runs/scores/report.html").exists() and not (tmp_path / "scores").exists()


def test_several_tables_share_an_index_and_a_wrong_one_keeps_the_others_from_nothing(
    write_table: WriteTable, tmp_path: Path
) -> None:
    write_table(scores(TWO), "first.csv")
    write_table(scores(TWO), "third.csv")
    (tmp_path / "wrong.csv").write_text("variant,seed,score\n", encoding="utf-8")
    done = type_here("report", "first.csv", "wrong.csv", "third.csv", cwd=tmp_path)
    assert done.returncode == 2 and "wrong.csv has no report: wrong.csv holds no run" in done.stderr
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="first/report.html"' in page and 'href="third/report.html"' in page and "0.0 s" not in page


@pytest.mark.parametrize(
    ("there", "said"),
    [("experiment.json", "holds an experiment's runs"), ("report.html", "holds another report.html")],
)
def test_what_lies_in_the_folder_of_the_report_is_not_overwritten(
    there: str, said: str, write_table: WriteTable, tmp_path: Path
) -> None:
    folder = write_table(scores(TWO)).with_suffix("")
    folder.mkdir()
    (folder / there).write_text("mine", encoding="utf-8")
    assert said in refused("report", "scores.csv", cwd=tmp_path)
    assert [path.name for path in folder.iterdir()] == [there]


def test_a_table_is_reported_without_tensorflow(write_table: WriteTable, tmp_path: Path) -> None:
    write_table(answers({"a": 0.9, "b": 0.5}, seeds=6, images=40))
    code = (
        "import sys; sys.argv[1:] = ['report', 'scores.csv']\n"
        "from keras_suite.experiments.cli import app\n"
        "app(standalone_mode=False)\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, capture_output=True)
