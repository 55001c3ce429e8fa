"""The table of scores in which each class counts alike, and the curves."""

from pathlib import Path

from keras_suite.reports.export.console import summary_text
from keras_suite.reports.figures.svg import Pictures
from keras_suite.reports.page.class_balance import alike_rows, class_curve_pictures
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from tests.reports.conftest import MakeRuns
from tests.reports.uneven import thinned

TABLE = "Scores in which each class counts alike"


def test_uneven_classes_have_a_table_with_intervals_and_curves_by_class(make_runs: MakeRuns, tmp_path: Path) -> None:
    report = write_report(thinned(make_runs(seeds=3)), tmp_path / "out")
    page, text = (report.html.with_suffix(kind).read_text(encoding="utf-8") for kind in (".html", ".md"))
    variant = report.numbers.variants[0]
    mean = variant.test_metrics["balanced_accuracy"].mean
    assert TABLE in page and TABLE in text
    assert f"{100 * mean:.2f}" in page and f"{variant.test_metrics['pr_auc'].mean:.4f}" in page
    written = [path.stem for path in report.paths if path.suffix == ".svg"]
    assert {"roc", "precision-recall", "roc-by-class", "precision-recall-by-class"} <= set(written)
    assert "roc-by-class.png" in text and "ROC curve, mean of the classes" in page
    assert f"{100 * mean:.2f} %" in summary_text(report.numbers)
    [first, *_] = alike_rows(report.numbers)
    assert first["raw"]["balanced_accuracy"] == mean and first["macro_f1_interval"].endswith(" %")


def test_a_page_of_even_classes_has_two_curves_and_no_wider_table(make_runs: MakeRuns, tmp_path: Path) -> None:
    report = write_report(make_runs(seeds=2), tmp_path / "out")
    page = report.html.read_text(encoding="utf-8")
    assert TABLE not in page and "test balanced accuracy" not in page
    assert "balanced" not in summary_text(report.numbers)
    assert [path.stem for path in report.paths if "roc" in path.stem] == ["roc", "roc"]


def test_two_classes_are_told_by_the_rarer_one(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = thinned(make_runs(seeds=2, data={"class_names": ["fine", "defect"]}), classes=2)
    numbers = experiment_numbers(runs)
    roc, precision = class_curve_pictures(numbers, Pictures(tmp_path))
    assert numbers.runs()[0].curves is not None
    name = ["fine", "defect"][numbers.runs()[0].curves.of or 0]
    assert (roc.title, precision.title) == (f"ROC curve, {name}", f"Precision and recall, {name}")
    assert "areas: " in roc.description


def test_of_many_variants_the_baseline_and_the_best_are_overlaid(make_runs: MakeRuns, tmp_path: Path) -> None:
    names = {f"v{k}": {} for k in range(5)}
    numbers = experiment_numbers(make_runs(names, seeds=1, strength={"v3": 1.0}))
    roc, _ = class_curve_pictures(numbers, Pictures(tmp_path))
    best = numbers.best_first()[0].name
    shown = [name for name in names if f"{name}: " in roc.description]
    assert shown == sorted({"v0", best})
