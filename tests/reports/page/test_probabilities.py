"""The sections on probabilities say what the runs' numbers are, in the page as in the Markdown."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports.figures.svg import Pictures
from keras_suite.reports.page.probabilities import probability_sections
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import predictions, read_experiment
from keras_suite.reports.statistics.calibration import expected_calibration_error
from tests.reports.conftest import MakeRuns
from tests.reports.judged_runs import validated_by


def test_calibration_rows_are_means_over_runs_and_the_word_is_the_side(make_runs: MakeRuns, tmp_path: Path) -> None:
    numbers = experiment_numbers(make_runs(seeds=3))
    sections = probability_sections(numbers, numbers, Pictures(tmp_path))
    assert sections is not None and not sections.scales
    for row, variant in zip(sections.calibration, numbers.variants, strict=True):
        answers = [of_run for run in variant.runs if (of_run := run.answers())]
        errors = [expected_calibration_error(a.confidence, a.labels == a.predicted) for a in answers]
        confidence = np.mean([a.confidence.mean() for a in answers])
        assert row["raw"]["error"] == pytest.approx(np.mean(errors))
        assert row["error"] == f"{100 * np.mean(errors):.2f}"
        assert row["word"] == ("overconfident" if confidence > variant.test_score.mean else "underconfident")
    assert {row["word"] for row in sections.calibration} == {"underconfident"}, "strong penalties lower the confidence"


def test_of_many_variants_the_baseline_and_the_best_are_drawn(make_runs: MakeRuns, tmp_path: Path) -> None:
    strength = {f"v{k}": 10.0 ** -(6 - k) for k in range(5)}
    numbers = experiment_numbers(make_runs({name: {} for name in strength}, seeds=1, strength=strength))
    sections = probability_sections(numbers, numbers, Pictures(tmp_path))
    assert sections is not None
    best = max(numbers.variants, key=lambda variant: variant.test_score.mean).name
    reliability, risk = sections.pictures
    assert reliability.description.endswith(f"of v0, {best}") and best != "v0"
    assert risk.description.endswith(f": v0, {best}")


def test_page_and_markdown_hold_temperatures_thresholds_and_ensembles(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=2)
    for run in runs.runs:
        labels, probabilities, _ = predictions(run) or pytest.fail("no predictions")
        validated_by(run, labels, probabilities)
    report = write_report(read_experiment(runs.folder), tmp_path)
    sections = probability_sections(report.numbers, report.numbers, Pictures(tmp_path))
    assert sections is not None and sections.scales
    for text in (report.html.read_text(), (tmp_path / "report.md").read_text()):
        for heading in ("Calibration", "Answering only where sure", "The runs averaged"):
            assert heading in text
        for row in (*sections.calibration, *sections.selective, *sections.ensembles):
            assert {cell for key, cell in row.items() if key in ("temperature", "after", "cut_0", "all")} <= {
                cell
                for cell in row.values()
                if (isinstance(cell, str) and cell.replace(" %", "\u00a0%") in text)
                or (isinstance(cell, str) and cell in text)
            }
    assert {row["cut_2"] for row in sections.selective} == {"none"}, "360 images show no error rate of 1 %"


def test_a_classifiers_page_says_that_its_runs_are_repeats(make_runs: MakeRuns, tmp_path: Path) -> None:
    text = write_report(make_runs({"classifier": {}}, seeds=2, trained="classify"), tmp_path).html.read_text()
    assert "One classifier was fitted to all photographs" in text and "Calibration" in text
    assert "Other code trained" not in text and "The runs averaged" not in text


def test_a_damaged_validation_file_is_a_warning_of_the_page(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = make_runs(seeds=1)  # "weak" is wrong too often to be asked about labels
    weak = next(run for run in runs.runs if run.variant == "weak")
    (weak.path / "validation.npz").write_bytes(b"no archive")
    text = write_report(runs, tmp_path).html.read_text()
    assert "weak/seed-1 has no temperature: " in text
