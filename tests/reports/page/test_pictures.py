"""Figures of a large experiment show its best variants, and the pictures of `inspect` are embedded."""

import base64
import csv
import re
from pathlib import Path

import pytest

from keras_suite.reports.figures.style import drawing
from keras_suite.reports.figures.svg import write_figure
from keras_suite.reports.page.pictures import (
    LARGEST,
    PAIRS,
    VARIANTS,
    inspected_pictures,
    left_out_of_figures,
    most_relevant,
)
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from tests.reports.conftest import MakeRuns

NAMES = ("occlusion", "filters", "features-test-7", "gradcam", "gradcam-test-7", "of-my-own")


def many(make_runs: MakeRuns, count: int) -> Numbers:
    strength = {f"v{k}": 10.0 ** -(1 + k % 6) for k in range(count)}
    return experiment_numbers(make_runs({name: {} for name in strength}, seeds=1, strength=strength), all_pairs=True)


def test_the_baseline_and_the_best_are_drawn_in_their_order(make_runs: MakeRuns) -> None:
    numbers = many(make_runs, VARIANTS + 6)
    shown = most_relevant(numbers)
    names = [variant.name for variant in shown.variants]
    assert len(names) == VARIANTS and names[0] == "v0"
    assert names == [variant.name for variant in numbers.variants if variant.name in names]
    dropped = [variant.test_score.mean for variant in numbers.variants if variant.name not in names]
    assert max(dropped) <= min(variant.test_score.mean for variant in shown.variants[1:])
    assert len(shown.pairs) == PAIRS
    least = min(abs(pair.comparison.mean) for pair in shown.pairs)
    among = [p for p in numbers.pairs if {p.variant, p.against} <= set(names) and p not in shown.pairs]
    assert max(abs(pair.comparison.mean) for pair in among) <= least
    assert left_out_of_figures(numbers, shown) == (
        "The figures show v0 and the 23 best of the other 29 variants and the 40 largest of 435 differences; "
        "the tables list all."
    )


def test_few_variants_are_all_drawn_without_a_note(make_runs: MakeRuns) -> None:
    numbers = many(make_runs, 3)
    assert most_relevant(numbers).variants == numbers.variants
    assert left_out_of_figures(numbers, most_relevant(numbers)) is None


@pytest.mark.slow
def test_the_tables_contain_what_is_not_drawn(make_runs: MakeRuns, tmp_path: Path) -> None:
    written = write_report(make_runs({f"v{k}": {} for k in range(VARIANTS + 3)}, seeds=1), tmp_path / "out")
    with (tmp_path / "out" / "comparison.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == VARIANTS + 3
    page = written.html.read_text(encoding="utf-8")
    assert all(f'<th scope="row">v{k}</th>' in page for k in range(VARIANTS + 3))
    assert "The figures show v0 and the 23 best" in page


def test_pictures_are_shown_in_the_order_of_a_look_and_by_their_kind(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=3)
    second = next(run for run in runs.runs if run.variant == "weak" and run.seed == 2)
    for name in NAMES:
        with drawing(1, 1) as figure:
            figure.add_subplot().set_title(name)
        write_figure(figure, second.path / "inspect", name)
    (second.path / "inspect" / "landscape.png").write_bytes(b"\x89PNG" + bytes(LARGEST))
    [inspected] = inspected_pictures(experiment_numbers(runs))
    assert (inspected["variant"], inspected["seed"], inspected["left_out"]) == ("weak", 2, 1)
    titles = [picture["title"] for picture in inspected["pictures"]]
    assert [title.partition(" ")[0] for title in titles] == ["Kernels", "Feature", "Grad-CAM:", "Occlusion:"]
    assert titles[1].endswith("test 7")
    page = write_report(runs, runs.folder).html.read_text(encoding="utf-8")
    kept = [base64.b64encode((second.path / "inspect" / f"{name}.png").read_bytes()).decode() for name in NAMES[:4]]
    assert all(data in page for data in kept) and "1 more picture in the run’s directory" in page
    linked = re.findall(r"\((weak[^)]*\.png)\)", (runs.folder / "report.md").read_text(encoding="utf-8"))
    assert len(linked) == 4 and all((runs.folder / path).is_file() for path in linked)


def test_without_pictures_there_is_no_note(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=1)
    assert inspected_pictures(experiment_numbers(runs)) == []
    assert "What the network looks at" not in write_report(runs, runs.folder).html.read_text(encoding="utf-8")
