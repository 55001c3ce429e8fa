"""What the page's script is given: the page's own numbers and texts, as JSON that nothing in it can leave."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.page.interactive.data import embedded, page_data
from keras_suite.reports.page.pictures import VARIANTS, most_relevant
from keras_suite.reports.page.report import write_report
from keras_suite.reports.page.tables import overview_rows, run_rows, verdict_rows
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.run_directory import read_experiment, write_history
from tests.reports.conftest import MakeRuns

EVIL = "</script><script>alert(1)</script><!--"
FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


class Scripts(HTMLParser):
    """The contents of a page's scripts, by the type that they are declared to be of."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open = dict(attrs).get("type") or "" if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self.open is not None:
            self.found[self.open] = self.found.get(self.open, "") + data

    def handle_endtag(self, tag: str) -> None:
        self.open = None


def asked_of(numbers: Numbers) -> dict[str, Any]:
    found = page_data(numbers)
    assert found is not None
    return found


def test_names_that_are_markup_stay_in_the_json(make_runs: MakeRuns, tmp_path: Path) -> None:
    data = {
        "name": "digits",
        "class_names": [EVIL] * 10,
        "input_shape": [8, 8, 1],
        "fingerprint": "0" * 64,
        "notes": [],
    }
    runs = make_runs(
        {"strong": {}, "<script>x<!--": {}}, seeds=1, data=data | {"train": 200, "validation": 150, "test": 360}
    )
    scripts = Scripts()
    scripts.feed(write_report(runs, tmp_path).html.read_text(encoding="utf-8"))
    assert list(scripts.found) == ["application/json", ""]
    told = json.loads(scripts.found["application/json"])
    assert [variant["name"] for variant in told["variants"]] == ["strong", "<script>x<!--"]
    assert told["classes"] == [EVIL] * 10


def test_line_separators_and_ampersands_come_back_as_they_were() -> None:
    names = {"name": "a & b \u2028 <c> \u2029 \u00e9"}
    assert json.loads(embedded(names)) == names
    assert not set(embedded(names)) & set("<>&\u2028\u2029")


def test_what_is_shown_are_the_texts_of_the_tables(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(changes={("weak", 3): FAILED}))
    told = asked_of(numbers)
    assert [(v["text"], v["interval"]) for v in told["variants"]] == [
        (row["score"], row["interval"]) for row in overview_rows(numbers)
    ]
    assert [(p["text"], p["interval"]) for p in told["pairs"]] == [
        (row["difference"], row["interval"]) for row in verdict_rows(numbers)
    ]
    for run, row in zip(told["runs"], run_rows(numbers), strict=True):
        facts = dict(zip(told["facts"], (text or "–" for text in run["facts"]), strict=True))
        assert (run["seed"], run["status"]) == (row["seed"], row["status"])
        assert (facts["test accuracy"], facts["training time"]) == (row["score"], row["seconds"])
    failed = next(run for run in told["runs"] if run["status"] == "failed")
    assert "score" not in failed and failed["reason"] == "loss became NaN" and failed["folder"] is None
    assert told["runs"][0]["folder"].endswith("runs/digits_question/strong-01234567/seed-1")


def test_the_differences_are_those_of_the_seeds_that_both_completed(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=4, changes={("weak", 3): FAILED}))
    (pair,) = asked_of(numbers)["pairs"]
    weak, strong = (numbers.variant(name).completed() for name in ("weak", "strong"))
    assert pair["seeds"] == [1, 2, 4]
    expected = [100 * (weak[seed].test_score - strong[seed].test_score) for seed in pair["seeds"]]  # type: ignore[operator]
    np.testing.assert_allclose(pair["values"], expected, atol=1e-4)


def test_of_two_hundred_variants_those_in_the_figures_are_told(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs({"base": {}, **{f"v{k}": {} for k in range(200)}}, seeds=1))
    assert len(asked_of(most_relevant(numbers))["variants"]) == VARIANTS


def test_an_experiment_without_a_run_has_nothing_to_ask(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=0)
    assert page_data(experiment_numbers(runs)) is None
    assert "application/json" not in write_report(runs, tmp_path).html.read_text(encoding="utf-8")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_json_lacks_is_an_error_here_and_not_in_the_browser(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        embedded({"value": value})


@pytest.mark.slow
def test_the_page_of_a_hundred_runs_of_forty_epochs_stays_below_1200_kb(make_runs: MakeRuns, tmp_path: Path) -> None:
    names = [f"variant_{k}" for k in range(10)]
    runs = make_runs(
        {name: {} for name in names}, seeds=10, strength={name: 0.002 * (k + 1) for k, name in enumerate(names)}
    )
    for run in runs.runs:
        last = run.history[-1]
        write_history(run.path, [{**last, "epoch": k + 1, "val_accuracy": 1 - 0.9 / (k + run.seed)} for k in range(40)])
    written = write_report(read_experiment(runs.folder), tmp_path / "report")
    assert written.html.stat().st_size < 1_200_000
