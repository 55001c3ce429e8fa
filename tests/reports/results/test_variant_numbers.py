"""A variant's spreads, and the table of what was trained in each phase where anything was frozen."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.page.report import write_report
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.results.variant_numbers import phase_rows, spread, variant_numbers
from keras_suite.reports.run_directory import ExperimentRuns, Variant
from keras_suite.tasks import task_named
from tests.reports.conftest import MakeRuns

HEAD = {"trained": "head", "epochs": 3, "learning_rate": 1e-3, "trainable_parameters": 1290, "cached_views": 4}
BLOCK = {"trained": "last block", "epochs": 2, "learning_rate": 1e-4, "trainable_parameters": 90_000, "cached_views": 0}
WHOLE = {"trained": "whole", "epochs": 5, "learning_rate": 1e-2, "trainable_parameters": 650, "cached_views": 0}


def test_a_spread_leaves_out_what_is_unknown_and_keeps_to_what_is_possible() -> None:
    accuracy = spread([0.99, None, 1.0, 0.9], (0, 1))
    assert (accuracy.n, accuracy.mean, accuracy.sd) == (
        3,
        pytest.approx(0.963333),
        pytest.approx(np.std([0.99, 1, 0.9], ddof=1)),
    )
    assert accuracy.interval is not None
    assert accuracy.interval.high == 1
    assert 0 < accuracy.interval.low < 0.9
    one, none = spread([0.5]), spread([None])
    assert (one.n, one.mean, one.interval) == (1, 0.5, None)
    assert none.n == 0
    assert all(math.isnan(value) for value in (one.sd, none.mean, none.sd))


def test_equal_values_and_intervals_wider_than_half_of_what_is_possible_say_nothing() -> None:
    assert spread([1.0, 1.0, 1.0], (0, 1)).interval is None
    assert spread([0.4, 0.6], (0, 1)).interval is None
    assert spread([0.1, 0.3]).interval is not None  # without bounds nothing is too wide


@pytest.mark.parametrize(("images", "is_said"), [(3, False), (60, True)])
def test_a_score_of_a_few_images_has_no_interval_though_all_runs_had_all_right(images: int, is_said: bool) -> None:
    right = np.ones(images, bool)
    runs = [RunNumbers("only", seed, "completed", None, test_score=1.0, scores=right) for seed in (1, 2)]
    numbers = variant_numbers(Variant("only", "only", {}), runs, task_named("classes"))
    assert (numbers.test_score.interval is not None) == (numbers.expected is not None) == is_said
    if numbers.test_score.interval is not None:
        assert numbers.test_score.interval.low == pytest.approx(0.9404, abs=1e-4)  # Clopper and Pearson


def phased(runs: ExperimentRuns, **phases: list[dict[str, Any]]) -> ExperimentRuns:
    """The runs as if their variants had been trained in these phases, of which the second began with epoch 4."""
    for run in runs.runs:
        assert run.metrics is not None
        run.metrics["phases"] = phases[run.variant]
        for row in run.history:
            row["phase"] = 1 + (len(phases[run.variant]) > 1 and row["epoch"] > 3)
    return runs


def test_each_phase_has_a_row(make_runs: MakeRuns) -> None:
    runs = phased(make_runs(seeds=2), strong=[HEAD, BLOCK], weak=[WHOLE])
    rows = phase_rows(experiment_numbers(runs).variants)
    assert [tuple(row.values()) for row in rows] == [
        ("strong", 1, "head", "1,290", "0.001", "3", "yes, of 4 augmented copies"),
        ("strong", 2, "last block", "90,000", "0.0001", "2", "no"),
        ("weak", 1, "whole", "650", "0.01", "5", "no"),
    ]


def test_where_nothing_was_frozen_there_is_no_table(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = phased(make_runs(seeds=2), strong=[WHOLE], weak=[WHOLE])
    assert phase_rows(experiment_numbers(runs).variants) == []
    assert "Training phases" not in write_report(runs, tmp_path).html.read_text(encoding="utf-8")


def test_runs_from_before_there_were_phases_have_none(make_runs: MakeRuns) -> None:
    assert phase_rows(experiment_numbers(make_runs(seeds=2)).variants) == []


def test_both_pages_show_the_table(make_runs: MakeRuns, tmp_path: Path) -> None:
    runs = phased(make_runs(seeds=2), strong=[HEAD, BLOCK], weak=[WHOLE])
    page = write_report(runs, tmp_path).html.read_text(encoding="utf-8")
    assert "Training phases" in page
    assert "90,000" in page
    assert "| strong | 2 | last block | 90,000 | 0.0001 | 2 | no |" in (tmp_path / "report.md").read_text(
        encoding="utf-8"
    )
