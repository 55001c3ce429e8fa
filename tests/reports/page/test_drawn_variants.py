"""Pictures of a large experiment show its baseline and its best; tables and numbers keep everything."""

import csv
from pathlib import Path

import pytest

from keras_suite.reports.page.drawn_variants import PAIRS, VARIANTS, drawn, left_undrawn
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from tests.reports.conftest import MakeRuns


def many(make_runs: MakeRuns, count: int) -> Numbers:
    strength = {f"v{k}": 10.0 ** -(1 + k % 6) for k in range(count)}
    return experiment_numbers(make_runs({name: {} for name in strength}, seeds=1, strength=strength), all_pairs=True)


def test_the_baseline_and_the_best_are_drawn_in_their_order(make_runs: MakeRuns) -> None:
    numbers = many(make_runs, VARIANTS + 6)
    shown = drawn(numbers)
    names = [variant.name for variant in shown.variants]
    assert len(names) == VARIANTS and names[0] == "v0"
    assert names == [variant.name for variant in numbers.variants if variant.name in names]
    dropped = [variant.test_score.mean for variant in numbers.variants if variant.name not in names]
    assert max(dropped) <= min(variant.test_score.mean for variant in shown.variants[1:])
    assert len(shown.pairs) == PAIRS
    least = min(abs(pair.comparison.mean) for pair in shown.pairs)
    among = [p for p in numbers.pairs if {p.variant, p.against} <= set(names) and p not in shown.pairs]
    assert max(abs(pair.comparison.mean) for pair in among) <= least
    assert left_undrawn(numbers, shown) == (
        "The pictures show v0 and the 23 best of the other 29 variants and the 40 widest of 435 differences; "
        "the tables hold all."
    )


def test_of_few_variants_all_are_drawn_and_nothing_is_said(make_runs: MakeRuns) -> None:
    numbers = many(make_runs, 3)
    assert drawn(numbers).variants == numbers.variants
    assert left_undrawn(numbers, drawn(numbers)) is None


@pytest.mark.slow
def test_the_tables_hold_what_is_not_drawn(make_runs: MakeRuns, tmp_path: Path) -> None:
    written = write_report(make_runs({f"v{k}": {} for k in range(VARIANTS + 3)}, seeds=1), tmp_path / "out")
    with (tmp_path / "out" / "comparison.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == VARIANTS + 3
    page = written.html.read_text(encoding="utf-8")
    assert all(f'<th scope="row">v{k}</th>' in page for k in range(VARIANTS + 3))
    assert "The pictures show v0 and the 23 best" in page
