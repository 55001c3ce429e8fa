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
from keras_suite.reports.statistics.looks import FIRST_LOOK
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
        "difference_level": 1 - FIRST_LOOK * 0.05,
        "equivalence_high": comparison.equivalence_interval.high,
        "equivalence_level": pytest.approx(1 - FIRST_LOOK * 0.1),
        "p": comparison.p,
        "superiority": comparison.superiority,
        "seeds_needed": 6,
        "comparisons": 1,
        "runs_completed": 4,
    }
    assert {name: float(weak[name]) for name in expected} == expected
    assert (strong["verdict"], weak["verdict"]) == ("baseline", "too few seeds")
    assert {strong[name] for name in strong if name.startswith(("difference", "equivalence", "p_", "margin"))} == {""}


def test_what_is_unknown_is_empty_in_comparison_csv(make_runs: MakeRuns) -> None:
    _, weak = comparison_rows(experiment_numbers(make_runs(seeds=1, changes={("weak", 1): FAILED})))
    assert (weak["difference_n"], weak["runs_failed"], weak["test_accuracy_n"]) == (0, 1, 0)
    known = {"variant", "against", "verdict", "margin", "seeds_needed", "p", "p_holm"}
    known |= {"verdict_on_these_images", "comparisons", "looks"}
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
    differences = np.stack([right["weak", k].astype(float) - right["strong", k] for k in range(1, 7)])
    low, high = over_images(differences, 0.95)
    assert weak["test_images_noise"] == pytest.approx((high - low) / 2)
    assert weak["difference_low"] < weak["on_these_images_low"] < weak["difference_mean"]
    assert weak["difference_mean"] < weak["on_these_images_high"] < weak["difference_high"]


def over_images(differences: np.ndarray, level: float) -> tuple[float, float]:
    """Fay and Feuer's gamma intervals of the sums of both signs, put together as Zou and Donner do."""
    means, tail = differences.mean(axis=0), (1 - level) / 2
    ends = []
    for part in (np.maximum(means, 0), np.maximum(-means, 0)):
        y, v = part.sum(), (part**2).sum()
        least = stats.gamma.ppf(tail, y**2 / v, scale=v / y) if y else 0.0
        most = stats.gamma.isf(tail, (y + 1) ** 2 / (v + 1), scale=(v + 1) / (y + 1))
        ends.append(np.array([y, least, most]) / means.size)
    (up, up_least, up_most), (down, down_least, down_most) = ends
    mean = up - down
    return mean - np.hypot(up - up_least, down_most - down), mean + np.hypot(up_most - up, down - down_least)


def over_seeds_and_images(differences: np.ndarray, level: float) -> tuple[float, float]:
    """Both together; the chance in single answers, which is in either, is taken off once."""
    seeds, images = differences.shape
    left = differences - differences.mean(axis=1, keepdims=True) - differences.mean(axis=0) + differences.mean()
    residual = (left**2).sum() / ((seeds - 1) * (images - 1)) / differences.size
    of_seeds = (stats.t.isf((1 - level) / 2, seeds - 1) * stats.sem(differences.mean(axis=1))) ** 2
    once, mean = stats.norm.isf((1 - level) / 2) ** 2 * residual, differences.mean()
    of_images = [(mean - end) ** 2 for end in over_images(differences, level)]
    below, above = (np.sqrt(max(of_seeds + each - once, of_seeds, each)) for each in of_images)
    return mean - below, mean + above


def test_with_chosen_pairs_there_is_a_row_for_each(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "one": {}, "two": {}}, seeds=2, strength={"one": 1e-4, "two": 1e-5})
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
    assert [row["comparisons"] for row in rows] == [None, None, 3], "all pairs have been looked at"


def p_over_seeds_and_images(differences: np.ndarray) -> float:
    """The p at which the interval begins to leave zero out, by halving."""
    low, high = 0.0, 1.0
    for _ in range(40):
        p = (low + high) / 2
        ends = over_seeds_and_images(differences, 1 - p)
        low, high = (p, high) if ends[0] <= 0 <= ends[1] else (low, p)
    return high


def test_the_verdicts_numbers_follow_from_the_predictions_alone(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "one": {}, "two": {}}, strength={"one": 0.004, "two": 1e-4})
    right: dict[str, list[np.ndarray]] = {"base": [], "one": [], "two": []}
    for run in runs.runs:
        answers = predictions(run)
        assert answers is not None
        right[run.variant].append(answers[1].argmax(axis=1) == answers[0])
    accuracies = {name: np.mean(of_runs, axis=1) for name, of_runs in right.items()}
    of_images = {name: np.stack(right[name]).astype(float) - np.stack(right["base"]) for name in ("one", "two")}
    differences = {name: each.mean(axis=1) for name, each in of_images.items()}
    of_seeds = {
        name: stats.permutation_test((x,), np.mean, permutation_type="samples").pvalue
        for name, x in differences.items()
    }
    p = {name: max(of_seeds[name], p_over_seeds_and_images(of_images[name])) for name in of_seeds}
    over = [min(each / FIRST_LOOK, 1.0) for each in p.values()]
    holm = dict(zip(p, multipletests(over, method="holm")[1], strict=True))
    for row in comparison_rows(experiment_numbers(runs))[1:]:
        name, x = row["variant"], differences[row["variant"]]
        low, high = over_seeds_and_images(of_images[name], 1 - FIRST_LOOK * 0.05 / 2)
        assert row["difference_mean"] == pytest.approx(x.mean())
        assert (row["difference_low"], row["difference_high"]) == (pytest.approx(low), pytest.approx(high))
        low, high = stats.t.interval(1 - FIRST_LOOK * 0.05 / 2, 7, x.mean(), stats.sem(x))
        assert (row["on_these_images_low"], row["on_these_images_high"]) == (pytest.approx(low), pytest.approx(high))
        assert (row["p"], row["p_holm"]) == (pytest.approx(p[name], rel=1e-4), pytest.approx(holm[name], rel=1e-4))
        assert (row["comparisons"], row["looks"]) == (2, "8")
        pairs = [(a > b) + 0.5 * (a == b) for a in accuracies[name] for b in accuracies["base"]]
        assert row["superiority"] == pytest.approx(np.mean(pairs))
