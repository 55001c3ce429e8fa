"""The report as written: true to the runs, offline, without paths, and whole whatever the runs are like."""

import csv
import itertools
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.export.console import summary_text
from keras_suite.reports.page.report import Report, chosen_suffix, write_report
from keras_suite.reports.page.tables import overview_rows
from keras_suite.reports.run_directory import ExperimentRuns, predictions, read_experiment
from tests.conftest import REPOSITORY
from tests.reports.conftest import MakeRuns, runs_in
from tests.reports.own_metrics import with_own_metric


class References(HTMLParser):
    """What a page would load or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]
        assert tag not in ("iframe", "object", "embed", "link")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExperimentRuns, Report]:
    """Two variants of eight seeds, and the report on them."""
    folder = tmp_path_factory.mktemp("finished")
    runs = runs_in(folder)()
    return runs, write_report(runs, folder / "report")


def test_the_answer_is_in_page_markdown_and_terminal(finished: tuple[ExperimentRuns, Report]) -> None:
    _, written = finished
    assert "'weak' is worse than 'strong' by" in written.answer
    markdown = (written.html.parent / "report.md").read_text(encoding="utf-8")
    assert written.answer in markdown
    assert written.answer.split(" (")[0] in " ".join(summary_text(written.numbers, width=1000).split())


def test_the_page_needs_nothing_outside_itself(finished: tuple[ExperimentRuns, Report]) -> None:
    _, written = finished
    references = References()
    references.feed(written.html.read_text(encoding="utf-8"))
    assert all(each.startswith(("data:", "#")) for each in references.found)


def test_no_written_file_contains_an_absolute_path(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(command=f"keras-suite run x --runs-dir {tmp_path}", seeds=3)
    listing = json.loads((runs.folder / "experiment.json").read_text(encoding="utf-8"))
    listing["command"] += f" --runs-dir {tmp_path}/runs"
    (runs.folder / "experiment.json").write_text(json.dumps(listing), encoding="utf-8")
    written = write_report(read_experiment(runs.folder), tmp_path / "report")
    assert f"--runs-dir {tmp_path}/runs --seeds 6" in (written.next_command or ""), "it is to be typed here"
    assert "--runs-dir …/runs --seeds 6" in written.html.read_text(encoding="utf-8")
    for path in (tmp_path / "report").rglob("*"):
        if path.suffix in (".html", ".md", ".csv", ".svg"):
            assert str(tmp_path) not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.slow
def test_a_question_or_class_that_is_markup_is_text(make_runs: MakeRuns, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    data = {
        "name": evil,
        "class_names": [evil] * 10,
        "input_shape": [8, 8, 1],
        "notes": [evil],
        "fingerprint": "0" * 64,
    }
    data |= {"train": 200, "validation": 150, "test": 360}
    written = write_report(make_runs(question=evil, data=data), tmp_path / "report")
    page = written.html.read_text(encoding="utf-8")
    assert evil not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_table_follows_from_the_predictions(finished: tuple[ExperimentRuns, Report]) -> None:
    runs, written = finished
    with (written.html.parent / "comparison.csv").open(encoding="utf-8") as file:
        rows = {row["variant"]: row for row in csv.DictReader(file)}
    for variant in ("strong", "weak"):
        accuracies = []
        for run in runs.runs:
            answers = predictions(run)
            if run.variant == variant and answers is not None:
                accuracies.append(np.mean(answers[1].argmax(axis=1) == answers[0]))
        assert float(rows[variant]["test_accuracy_mean"]) == pytest.approx(np.mean(accuracies))
        assert float(rows[variant]["test_accuracy_sd"]) == pytest.approx(np.std(accuracies, ddof=1))


def test_metrics_that_do_not_follow_from_the_predictions_are_named(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs()
    path = runs.runs[0].path / "metrics.json"
    metrics = json.loads(path.read_text(encoding="utf-8"))
    metrics["test"]["accuracy"] = 0.999
    path.write_text(json.dumps(metrics), encoding="utf-8")
    written = write_report(read_experiment(runs.folder), tmp_path / "report")
    assert any("metrics.json" in problem for problem in written.numbers.problems)


def test_failed_runs_are_counted_with_their_reason(make_runs: MakeRuns, tmp_path: Path) -> None:
    failed = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2"}}
    written = write_report(make_runs(changes={("weak", 2): failed}), tmp_path / "report")
    assert "1 run failed" in written.answer
    assert "loss became NaN in epoch 2" in written.html.read_text(encoding="utf-8")


def test_what_makes_runs_incomparable_is_in_page_and_markdown(make_runs: MakeRuns, tmp_path: Path) -> None:
    smoothed = {"weak": {"loss": {"name": "cross_entropy", "options": {"label_smoothing": 0.1}}}}
    runs = make_runs(changes={("weak", 2): {"commit": "b" * 40}}, configs=smoothed, seeds=2)
    page = write_report(runs, tmp_path / "report").html.read_text(encoding="utf-8")
    markdown = (tmp_path / "report" / "report.md").read_text(encoding="utf-8").replace("\\", "")
    for said in ("the runs come from different commits", "(cross_entropy and cross_entropy with label_smoothing 0.1)"):
        assert said in page
        assert said in markdown
    for said in ("test loss (losses differ)", "compare shapes, not heights"):
        assert said in page
    assert "| test loss (losses differ) |" in markdown


@pytest.mark.parametrize("count", [1, 9])
def test_one_variant_or_many_make_a_report(count: int, make_runs: MakeRuns, tmp_path: Path) -> None:
    variants = {f"variant_{i}": {"epochs": i + 1} for i in range(count)}
    written = write_report(make_runs(variants, seeds=2, strength={"variant_0": 1e-4}), tmp_path / "report")
    assert written.html.stat().st_size > 10_000
    assert re.search(r"too few seeds|reaches", written.answer, re.IGNORECASE)


def test_no_completed_run_makes_a_report_that_says_so(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=1, status="failed", error={"type": "MemoryError", "message": "out of memory"})
    written = write_report(runs, tmp_path / "report")
    assert written.answer.startswith("Too few seeds to say: 0 paired seeds cannot decide")
    assert "2 runs failed" in written.answer


def test_the_same_runs_draw_the_same_pictures(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=3)
    for name in ("first", "second"):
        write_report(runs, tmp_path / name)
    for path in (tmp_path / "first" / "figures").glob("*.svg"):
        assert path.read_bytes() == (tmp_path / "second" / "figures" / path.name).read_bytes()


def test_a_report_is_made_where_tensorflow_is_not_installed(make_runs: MakeRuns, tmp_path: Path) -> None:
    folder = make_runs(seeds=2).folder
    code = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from keras_suite.experiments.cli import app\n"
        "app(['report', sys.argv[1]])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "report.html").exists()


def test_pictures_of_variants_whose_long_names_begin_alike_are_all_kept(make_runs: MakeRuns, tmp_path: Path) -> None:
    long = "a-name-so-long-that-its-first-eighty-characters-are-not-all-that-there-is-to-say-about-"
    variants: dict[str, dict[str, Any]] = {f"{long}this": {}, f"{long}that": {}}
    written = write_report(make_runs(variants, seeds=2), tmp_path / "out")
    drawn = [path.name.lower() for path in written.paths if path.suffix == ".svg"]
    assert len(set(drawn)) == len(drawn)
    assert len(drawn) == len(list((tmp_path / "out").rglob("*.svg")))


class Structure(HTMLParser):
    """What a screen reader and a keyboard need to find."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.headings: list[int] = []
        self.scopes: list[str | None] = []
        self.images: list[str | None] = []
        self.scrolls = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.labels += (given.get("aria-labelledby") or "").split()
        self.headings += [int(tag[1])] if tag in ("h1", "h2", "h3") else []
        self.scopes += [given.get("scope")] if tag == "th" else []
        self.images += [given.get("alt")] if tag == "img" else []
        if given.get("class") == "scroll":
            self.scrolls += 1
            assert given.get("tabindex") == "0", "what scrolls can be reached by keyboard"
            assert given.get("role") == "region" and (given.get("aria-labelledby") or given.get("aria-label"))
        if tag == "svg":
            assert given.get("role") == "img" and given.get("aria-label")


def test_a_screen_reader_finds_headings_labels_and_what_pictures_show(make_runs: MakeRuns, tmp_path: Path) -> None:
    page = write_report(make_runs({"a": {}, "b": {}, "c": {}}, seeds=6), tmp_path).html.read_text(encoding="utf-8")
    structure = Structure()
    structure.feed(page)
    assert structure.headings[0] == 1 and structure.headings.count(1) == 1
    assert len(set(structure.ids)) == len(structure.ids), "ids are unique"
    assert set(structure.labels) <= set(structure.ids), "labels lead to something"
    assert all(scope in ("row", "col") for scope in structure.scopes)
    assert structure.images and all(structure.images)
    assert structure.scrolls >= 6
    assert '<html lang="en">' in page


def test_top_5_is_shown_beside_the_accuracy_above_five_classes(finished: tuple[ExperimentRuns, Report]) -> None:
    runs, written = finished
    found = predictions(runs.runs[0])
    assert found is not None
    order = np.argsort(-found[1], axis=1)[:, :5]
    expected = np.mean([label in row for label, row in zip(found[0], order, strict=True)])
    assert written.numbers.variants[0].runs[0].test_metrics["top_5"] == pytest.approx(expected)
    assert ">test top-5 accuracy</th>" in written.html.read_text(encoding="utf-8")
    assert "| test top-5 accuracy |" in (written.html.parent / "report.md").read_text(encoding="utf-8")


def test_classes_and_calibration_are_in_page_and_markdown(finished: tuple[ExperimentRuns, Report]) -> None:
    folder = finished[1].html.parent
    page, markdown = ((folder / name).read_text(encoding="utf-8") for name in ("report.html", "report.md"))
    for said in ("Reliability diagram", "precision", "strong right and weak wrong more often than the reverse"):
        assert said in page
    assert "calibration error, points" in markdown
    assert (folder / "figures" / "calibration.svg").exists() and (folder / "figures" / "by-class.png").exists()


def test_as_many_tables_have_no_hole_in_the_markdown(finished: tuple[ExperimentRuns, Report]) -> None:
    lines = (finished[1].html.parent / "report.md").read_text(encoding="utf-8").splitlines()
    for above, line in itertools.pairwise(lines):
        if line.startswith("|"):
            assert above == "" or above.count("|") == line.count("|")
        if above.startswith("|---"):
            assert line.startswith("| "), "a table has its rows right beneath its head"


def test_an_own_metric_is_in_tables_curves_and_comparison_csv_without_its_code(
    make_runs: MakeRuns, tmp_path: Path
) -> None:
    experiment = with_own_metric(make_runs(seeds=2))
    report = write_report(experiment, tmp_path / "out")
    page = report.html.read_text(encoding="utf-8")
    assert "test sharpish error" in page
    assert "2.50 m" in page
    assert "Sharpish error while training" in page
    assert (tmp_path / "out" / "figures" / "curves-sharpish.png").exists()
    assert [row["test_sharpish_mean"] for row in report.rows] == [0.25, 0.25]
    assert report.numbers.metric.name == "accuracy"  # verdicts are about the task's score


def test_variants_without_an_own_metric_have_a_dash(make_runs: MakeRuns, tmp_path: Path) -> None:
    report = write_report(with_own_metric(make_runs(seeds=2), ["weak"]), tmp_path / "out")
    assert [row["test_sharpish_n"] for row in report.rows] == [0, 2]
    assert [row["test_sharpish"] for row in overview_rows(report.numbers)] == ["–", "2.50 m"]


def test_an_own_metric_that_came_to_no_number_is_no_column(make_runs: MakeRuns, tmp_path: Path) -> None:
    report = write_report(with_own_metric(make_runs(seeds=2), test=None), tmp_path / "out")
    assert "test sharpish error" not in report.html.read_text(encoding="utf-8")
    assert "Sharpish error while training" in report.html.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("margin", "against", "all_pairs", "suffix"),
    [
        (None, [], False, ""),
        (None, ["b"], False, "-against-b"),
        (None, ["c=b", "d/e=a"], False, "-against-c-b-d-e-a"),
        (0.5, [], True, "-all-pairs-margin-0.5"),
    ],
)
def test_other_pairs_or_margins_have_files_of_their_own(
    margin: float | None, against: list[str], all_pairs: bool, suffix: str
) -> None:
    assert chosen_suffix(margin, against, all_pairs) == suffix
