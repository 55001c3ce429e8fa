"""comparison.csv holds the numbers' own values, unrounded, and nothing where they are unknown."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from keras_suite.reports.export.comparison_csv import comparison_rows
from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import predictions
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2"}}


def test_comparison_csv_contains_unrounded_numbers(make_runs: MakeRuns, tmp_path: Path) -> None:
    written = write_report(make_runs(seeds=4), tmp_path)
    with (tmp_path / "comparison.csv").open(encoding="utf-8", newline="") as file:
        strong, weak = csv.DictReader(file)
    comparison, variant = written.numbers.comparison("weak"), written.numbers.variants[1]
    assert comparison.interval is not None and comparison.equivalence_interval is not None
    expected = {
        "test_accuracy_mean": variant.test_score.mean,
        "test_loss_sd": variant.test_loss.sd,
        "seconds_mean": variant.seconds.mean,
        "difference_mean": comparison.mean,
        "difference_low": comparison.interval.low,
        "difference_level": 0.95,
        "equivalence_high": comparison.equivalence_interval.high,
        "equivalence_level": 0.9,
        "p": comparison.p,
        "superiority": comparison.superiority,
        "seeds_needed": 6,
        "runs_completed": 4,
    }
    assert {name: float(weak[name]) for name in expected} == expected
    assert (strong["verdict"], weak["verdict"]) == ("baseline", "too few seeds")
    assert {strong[name] for name in strong if name.startswith(("difference", "equivalence", "p_", "margin"))} == {""}


def test_what_is_unknown_is_empty_in_comparison_csv(make_runs: MakeRuns) -> None:
    _, weak = comparison_rows(experiment_numbers(make_runs(seeds=1, changes={("weak", 1): FAILED})))
    assert (weak["difference_n"], weak["runs_failed"], weak["test_accuracy_n"]) == (0, 1, 0)
    known = {"variant", "against", "verdict", "margin", "seeds_needed", "p", "p_holm"}
    held = {
        name for name, value in weak.items() if value is not None and not name.endswith("_n") and "runs_" not in name
    }
    assert held == known


def test_what_it_says_of_the_test_images_follows_from_the_predictions(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=6)
    _, weak = comparison_rows(experiment_numbers(runs))
    right = {}
    for run in runs.runs:
        answers = predictions(run)
        assert answers is not None
        right[run.variant, run.seed] = answers[1].argmax(axis=1) == answers[0]
    only_weak = [np.sum(right["weak", seed] & ~right["strong", seed]) for seed in range(1, 7)]
    assert weak["test_images_only_variant"] == np.mean(only_weak)
    assert weak["test_images"] == 360
    differences = np.stack([right["weak", k].astype(float) - right["strong", k] for k in range(1, 7)]).mean(axis=0)
    assert weak["test_images_noise"] == pytest.approx(1.96 * differences.std() / 360**0.5)
    assert weak["test_images_and_seeds_low"] < weak["difference_mean"] < weak["test_images_and_seeds_high"]


def test_with_chosen_pairs_there_is_a_row_for_each(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "one": {}, "two": {}}, seeds=2)
    rows = comparison_rows(experiment_numbers(runs, all_pairs=True))
    assert [(row["variant"], row["against"]) for row in rows] == [
        ("base", None),
        ("one", "base"),
        ("two", "base"),
        ("two", "one"),
    ]
    rows = comparison_rows(experiment_numbers(runs, against=["two=one"]))
    assert [(row["variant"], row["verdict"]) for row in rows] == [
        ("base", "baseline"),
        ("one", "not compared"),
        ("two", "too few seeds"),
    ]


def test_the_verdicts_numbers_follow_from_the_predictions_alone(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "one": {}, "two": {}}, strength={"one": 0.004, "two": 1e-4})
    accuracies: dict[str, list[float]] = {"base": [], "one": [], "two": []}
    for run in runs.runs:
        answers = predictions(run)
        assert answers is not None
        accuracies[run.variant].append(float(np.mean(answers[1].argmax(axis=1) == answers[0])))
    differences = {name: np.array(accuracies[name]) - accuracies["base"] for name in ("one", "two")}
    p = {
        name: stats.permutation_test((x,), np.mean, permutation_type="samples").pvalue
        for name, x in differences.items()
    }
    holm = dict(zip(p, multipletests(list(p.values()), method="holm")[1], strict=True))
    for row in comparison_rows(experiment_numbers(runs))[1:]:
        name, x = row["variant"], differences[row["variant"]]
        low, high = stats.t.interval(1 - 0.05 / 2, 7, x.mean(), stats.sem(x))
        assert row["difference_mean"] == pytest.approx(x.mean())
        assert (row["difference_low"], row["difference_high"]) == (pytest.approx(low), pytest.approx(high))
        assert (row["p"], row["p_holm"]) == (pytest.approx(p[name]), pytest.approx(holm[name]))
        pairs = [(a > b) + 0.5 * (a == b) for a in accuracies[name] for b in accuracies["base"]]
        assert row["superiority"] == pytest.approx(np.mean(pairs))
