from typing import Any

import pytest

from keras_suite.reports.export.console import summary_text
from keras_suite.reports.page.data_section import data_inspections, data_warnings
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns

KEPT = {
    "kind": "copies_tested",
    "text": "3 of the 9 test images are exact copies of training images, and are tested on all the same (copies=keep)",
    "is_warning": True,
    "examples": ["test/cat/<1>.png is train/cat/1.png"],
    "more": 2,
}
LEFT_OUT = {"kind": "left_out", "text": "files that are left out: 1 of a notebook", "is_warning": False, "examples": []}


def data(*findings: object, **more: Any) -> dict[str, Any]:
    inspection = {
        "layout": "folders train and test, each with a folder a class",
        "counts": {"train": [5, 1200], "test": [4, 5]},
        "findings": list(findings),
    }
    return {
        "name": "image_folder",
        "class_names": ["cat", "<b>dog", *map(str, range(8))],
        "inspection": {**inspection, **more},
    }


def test_the_page_shows_what_was_found_and_the_leave_that_was_given(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=2, data=data(KEPT, LEFT_OUT))
    written = write_report(runs, runs.folder / "report")
    page, markdown = (written.html.with_suffix(end).read_text(encoding="utf-8") for end in (".html", ".md"))
    for text in (page, markdown):
        assert text.count(KEPT["text"]) == 2  # among the warnings, and in the section
        assert LEFT_OUT["text"][1:] in text and "and 2 more" in text and "Layout: folders train and test" in text
    assert "test/cat/&lt;1&gt;.png" in page and "<b>dog" not in page and "1,200" in page
    assert f"Warning: {KEPT['text']}" in " ".join(summary_text(written.numbers, width=1000).split())


@pytest.mark.slow
def test_of_clean_data_the_page_says_so_and_of_runs_from_before_nothing(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=2, data=data())
    page = write_report(runs, runs.folder / "report").html.read_text(encoding="utf-8")
    assert "The inspection found no copies" in page
    before = make_runs(seeds=2, name="before")
    page = write_report(before, before.folder / "report").html.read_text(encoding="utf-8")
    assert "The inspection found" not in page


def test_variants_of_different_data_are_told_apart(make_runs: MakeRuns) -> None:
    changes = {("weak", seed): {"data": data(LEFT_OUT)} for seed in (1, 2)}
    numbers = experiment_numbers(make_runs(seeds=2, data=data(KEPT), changes=changes))
    assert {each["variants"]: len(each["findings"]) for each in data_inspections(numbers)} == {"strong": 1, "weak": 1}
    assert data_warnings(numbers) == [KEPT["text"]]


def test_edited_inspections_stop_no_report(make_runs: MakeRuns) -> None:
    edited: list[dict[str, Any]] = [
        {"findings": "none"},
        {"findings": [3, {"text": 4}]},
        {"counts": [1]},
        {"counts": {"train": "x", "test": [None]}},
        {"layout": 7},
        {"findings": [{**KEPT, "examples": 3, "more": "x"}]},
    ]
    places = [(variant, seed) for variant in ("strong", "weak") for seed in (1, 2, 3)]
    changes = {place: {"data": data(**each)} for place, each in zip(places, edited, strict=True)}
    runs = make_runs(seeds=3, changes=changes)
    written = write_report(runs, runs.folder / "report")
    assert written.html.exists() and len(data_inspections(written.numbers)) == len(edited)
