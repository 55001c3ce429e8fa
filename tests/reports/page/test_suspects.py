"""The section on wrong labels says how many, shows them, and gives a table that `--skip` takes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from keras_suite.data_pipeline.images.problem_files import read_problems
from keras_suite.reports.page.report import write_report
from keras_suite.reports.run_directory import write_predictions
from tests.reports.conftest import MakeRuns
from tests.reports.judged_runs import IMAGES, WRONG, answers, data, given, keep_halves


def test_the_page_says_how_many_and_shows_them(make_runs: MakeRuns) -> None:
    runs = keep_halves(make_runs({"only": {}}, seeds=2, data=data()))
    written = write_report(runs, runs.folder)
    page, markdown = (written.html.with_suffix(end).read_text(encoding="utf-8") for end in (".html", ".md"))
    (line,) = written.labels
    assert line.startswith("About ") and "labels that were judged are probably wrong (estimate; 95 %" in line
    for text in (page, markdown):
        assert "Labels that are probably wrong" in text and "listed in" in text
    assert page.count("<li><img") > 10 and "labelled <b>&lt;b&gt;cat</b>" in page and "<b>cat" not in page
    judged = len(np.union1d(*(np.random.default_rng(seed).permutation(IMAGES)[:200] for seed in (1, 2))))
    assert f"{IMAGES - judged} images of 400 cannot be judged" in page


def test_the_table_is_what_skip_takes(make_runs: MakeRuns) -> None:
    runs = keep_halves(make_runs({"only": {}}, seeds=4, data=data()))
    path = runs.folder / "suspect_labels.csv"
    assert path in write_report(runs, runs.folder).paths
    rows = pd.read_csv(path)
    assert rows["rank"].tolist() == [*range(1, len(rows) + 1)] and {*rows["index"]} <= {*WRONG.tolist()}
    assert (rows["margin"] < 0).all() and (rows["chance_wrong"] > 0.5).all()
    listed = read_problems(path)
    assert [problem.file for problem in listed] == [
        f"={name}/{at}.png" for name, at in zip(rows.given, rows["index"], strict=True)
    ]
    assert listed[0].reason == f"labelled {rows.given[0]}, probably {rows.suggested[0]}"


def test_what_is_no_file_has_no_column_that_skip_would_take(make_runs: MakeRuns) -> None:
    runs = keep_halves(make_runs({"only": {}}, seeds=2, data=data()), only={"are_files": False})
    write_report(runs, runs.folder)
    rows = pd.read_csv(runs.folder / "suspect_labels.csv")
    assert "file" not in rows and rows.image[0].startswith("'=")  # a spreadsheet would compute it


def test_suspect_test_labels_have_a_table_that_skip_refuses(make_runs: MakeRuns) -> None:
    runs = make_runs({"only": {}}, seeds=2, data=data())
    for run in runs.runs:
        write_predictions(run.path, given(), answers(np.arange(IMAGES), run.seed))
    page = write_report(runs, runs.folder).html.read_text(encoding="utf-8")
    assert "Test labels that are probably wrong" in page and "would flatter every score" in page
    rows = pd.read_csv(runs.folder / "suspect_test_labels.csv")
    assert "file" not in rows and {*rows["index"]} <= {*WRONG.tolist()}
    assert rows.image[0] == f"test image {rows['index'][0]}"


def test_where_none_is_suspected_the_page_says_so_and_a_former_table_goes(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = keep_halves(make_runs({"only": {}}, seeds=2, data=data()), only={"noisy": False})
    (runs.folder / "suspect_labels.csv").write_text("file\n")
    written = write_report(runs, runs.folder)
    assert "No label is suspected to be wrong" in written.html.read_text(encoding="utf-8")
    assert not (runs.folder / "suspect_labels.csv").exists() and written.labels == ()


def test_of_several_data_sets_each_has_its_section_and_its_rows(make_runs: MakeRuns) -> None:
    other = {("b", seed): {"data": data(fingerprint="b" * 64)} for seed in (1, 2)}
    runs = keep_halves(make_runs({"a": {}, "b": {}}, seeds=2, data=data(), changes=other))
    page = write_report(runs, runs.folder).html.read_text(encoding="utf-8")
    assert "Labels that are probably wrong, a" in page and "Labels that are probably wrong, b" in page
    assert {*pd.read_csv(runs.folder / "suspect_labels.csv").variants} == {"a", "b"}


def test_runs_that_keep_no_such_answers_have_no_section(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=2)
    page = write_report(runs, runs.folder / "report").html.read_text(encoding="utf-8")
    assert ">Labels that are probably wrong" not in page


@pytest.mark.parametrize(("images", "says"), [(40, False), (2000, True)])
def test_an_upper_limit_that_says_nothing_is_left_out(make_runs: MakeRuns, images: int, says: bool) -> None:
    """Where no label is contradicted, the limit is that of none in so many images."""
    runs = make_runs({"only": {}}, seeds=2)
    labels = np.arange(images) % 2
    for run in runs.runs:
        write_predictions(run.path, labels, np.where(labels[:, np.newaxis] == [0, 1], 0.98, 0.02).astype(np.float32))
    page = write_report(runs, runs.folder).html.read_text(encoding="utf-8")
    none = f"none of the {images:,} test labels that were judged is contradicted"
    assert none in page and ("interval of the number of wrong labels" in page) is says
