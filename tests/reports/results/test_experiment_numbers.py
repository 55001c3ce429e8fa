"""A variant's numbers are those of its completed runs, and the comparison is of seeds that both sides have."""

import dataclasses
import json
import math

import numpy as np
import pytest

from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.run_directory import read_experiment
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN"}}


def test_only_seeds_that_both_completed_are_compared(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(seeds=4, changes={("weak", 1): FAILED, ("strong", 3): FAILED}))
    strong, weak = (numbers.variant(name).completed() for name in ("strong", "weak"))
    comparison = numbers.comparison("weak")
    expected = np.mean([(weak[seed].test_score or 0) - (strong[seed].test_score or 0) for seed in (2, 4)])
    assert (comparison.n, comparison.mean) == (2, pytest.approx(expected))
    assert (numbers.variants[0].test_score.n, numbers.variants[1].test_score.n) == (3, 3)


def test_the_margin_is_no_finer_than_one_test_image(make_runs: MakeRuns) -> None:
    runs = make_runs(seeds=2)
    assert experiment_numbers(runs).comparison("weak").margin == 1 / 360
    assert experiment_numbers(runs, 0.0).comparison("weak").margin == 0
    for margin in (-0.1, 1.0, 20, math.nan):
        with pytest.raises(ValueError, match=r"margin=.* is not possible: expected a difference of test scores from 0"):
            experiment_numbers(runs, margin)


def test_the_baseline_is_first_wherever_it_is_listed(make_runs: MakeRuns) -> None:
    runs = make_runs({"other": {}, "base": {}}, seeds=1)
    listing = json.loads((runs.folder / "experiment.json").read_text(encoding="utf-8"))
    (runs.folder / "experiment.json").write_text(json.dumps({**listing, "baseline": "base"}), encoding="utf-8")
    numbers = experiment_numbers(read_experiment(runs.folder))
    assert (numbers.baseline, [variant.name for variant in numbers.variants]) == ("base", ["base", "other"])
    assert [(pair.variant, pair.against) for pair in numbers.pairs] == [("other", "base")]


def test_classes_without_names_are_numbered(make_runs: MakeRuns) -> None:
    assert experiment_numbers(make_runs(seeds=1, data={})).class_names == tuple("0123456789")


def test_variants_without_a_run_are_left_out_with_a_line(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "one": {}, "two": {}}, seeds=8)
    of_one = dataclasses.replace(runs, runs=tuple(run for run in runs.runs if run.variant == "one"))
    numbers = experiment_numbers(of_one)
    assert [variant.name for variant in numbers.variants] == ["one"] and not numbers.pairs
    assert "'base' and 'two' have no run yet and are left out" in numbers.problems
    assert len(experiment_numbers(dataclasses.replace(runs, runs=())).variants) == 3
