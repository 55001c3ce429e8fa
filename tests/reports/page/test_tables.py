"""The tables hold the numbers' own values: rounded for readers, unrounded in comparison.csv, empty where unknown."""

import dataclasses
import re
from typing import Any

import pytest

from keras_suite.reports.export.comparison_csv import comparison_rows
from keras_suite.reports.page.tables import (
    SYMBOLS,
    differing_settings,
    loss_heading,
    overview_columns,
    overview_rows,
    run_columns,
    run_rows,
    shows_failures,
    unseen_failures,
    verdict_rows,
)
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.results.variant_numbers import spread
from keras_suite.reports.statistics.looks import FIRST_LOOK
from keras_suite.reports.wording import NONE
from tests.reports.conftest import MakeRuns

FAILED = {"status": "failed", "error": {"type": "NonFiniteLoss", "message": "loss became NaN in epoch 2"}}
INTERRUPTED = {"status": "running", "heartbeat": 1.0}
PAIR: dict[str, dict[str, Any]] = {"base": {}, "other": {}}


def test_a_verdict_row_has_the_difference_and_its_interval(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs())
    [row] = verdict_rows(numbers)
    comparison = numbers.comparison("weak")
    assert comparison.interval is not None
    assert (row["variant"], row["word"], row["symbol"], row["n"]) == ("weak", "worse", SYMBOLS["worse"], 8)
    assert row["difference"] == f"−{-100 * comparison.mean:.2f}"
    assert row["interval"] == f"{100 * comparison.interval.low:.2f} to {100 * comparison.interval.high:.2f}".replace(
        "-", "−"
    )
    assert row["p"] == f"{2 / 2**8 / FIRST_LOOK:.3f}"  # the least of 8 seeds, all of one sign
    assert row["superiority"] == f"{100 * comparison.superiority:.0f} %"
    assert row["note"] == ""


def test_of_several_comparisons_the_corrected_p_is_shown(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs({"base": {}, "one": {}, "two": {}}, strength={"one": 1e-5, "two": 1e-6}))
    assert [row["p"] for row in verdict_rows(numbers)] == [f"{2 * 2 / 2**8 / FIRST_LOOK:.3f}"] * 2


def test_no_p_is_shown_where_so_few_seeds_cannot_decide(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(PAIR, strength={"other": 1e-5}, seeds=5))
    [row] = verdict_rows(numbers)
    assert (row["word"], row["p"], row["raw"]["p"]) == ("too few seeds", NONE, None)
    assert numbers.comparison("other").p_holm == 1


@pytest.mark.parametrize(
    ("options", "margin", "note"),
    [
        ({"seeds": 3, "strength": {"other": 1e-5}}, None, "at least 6 paired seeds are needed"),
        ({"strength": {"other": 1e-5}}, 0.2, "the difference is real, but smaller than the margin"),
        (
            {"changes": {("other", 1): FAILED, ("base", 2): FAILED}, "strength": {"other": 1e-5}, "seeds": 9},
            None,
            "1 of 'other' and 1 of 'base' failed; only seeds that both completed are compared, and a failure counts as "
            "worse than any result",
        ),
    ],
)
def test_warnings_are_shown_beside_the_verdict(
    options: dict[str, Any], margin: float | None, note: str, make_runs: MakeRuns
) -> None:
    [row] = verdict_rows(experiment_numbers(make_runs(PAIR, **options), margin))
    assert row["note"].endswith(note)


def test_undecided_names_the_seeds_or_that_there_are_none_to_name(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(PAIR, strength={"other": 0.004}))
    plan = numbers.comparison("other").plan
    assert plan is not None and plan.images is not None
    assert verdict_rows(numbers)[0]["note"] == (
        "to show that they are equivalent, more seeds alone will not do: it would take about "
        f"{plan.images:,} test images and about {plan.seeds} seeds"
    )
    # Every second seed of one variant is a run of the other: the differences cancel.
    runs = make_runs(PAIR, strength={"other": 1e-5}, name="crossed")
    base, other = (
        [run.path / "predictions.npz" for run in runs.runs if run.variant == name] for name in ("base", "other")
    )
    strong, weak = base[0].read_bytes(), other[0].read_bytes()
    for seed in range(8):
        base[seed].write_bytes(weak if seed % 2 else strong)
        other[seed].write_bytes(strong if seed % 2 else weak)
    numbers = experiment_numbers(runs)
    assert numbers.comparison("other").word == "undecided"
    needed = numbers.comparison("other").seeds_needed
    assert verdict_rows(numbers)[0]["note"].startswith(
        f"to show that they are equivalent would take about {needed} seeds"
    )
    none = experiment_numbers(runs, margin=0.0)
    assert none.comparison("other").seeds_needed is None
    assert "seeds" in verdict_rows(none)[0]["note"] and not re.search(r"\d", verdict_rows(none)[0]["note"])


def test_the_overview_counts_what_completed_and_what_did_not(make_runs: MakeRuns) -> None:
    changes = {("weak", 1): FAILED, ("weak", 2): INTERRUPTED, ("weak", 3): INTERRUPTED}
    numbers = experiment_numbers(make_runs(seeds=5, changes=changes))
    strong, weak = overview_rows(numbers)
    assert [(row["n"], row["failed"], row["unfinished"]) for row in (strong, weak)] == [(5, 0, 0), (2, 1, 2)]
    assert weak["score"] == f"{100 * numbers.variants[1].test_score.mean:.2f} %"
    assert weak["sd"] == f"{100 * numbers.variants[1].test_score.sd:.2f}"
    assert (
        weak["loss"] == f"{numbers.variants[1].test_loss.mean:.4g}" != f"{numbers.variants[1].validation_loss.mean:.4g}"
    )
    assert (weak["memory"], weak["parameters"]) == ("700 MiB", "650")


def test_a_variant_without_a_completed_run_has_dashes_and_no_zeros(make_runs: MakeRuns) -> None:
    row = overview_rows(experiment_numbers(make_runs(seeds=1, changes={("weak", 1): FAILED})))[1]
    unknown = ("score", "sd", "interval", "loss", "best_epoch", "seconds", "memory", "parameters")
    assert {row[name] for name in unknown} == {"–"}


def test_each_run_has_a_row_with_its_reason(make_runs: MakeRuns) -> None:
    rows = run_rows(experiment_numbers(make_runs(seeds=2, changes={("weak", 2): FAILED})))
    assert [(row["variant"], row["seed"], row["status"]) for row in rows] == [
        ("strong", 1, "completed"),
        ("strong", 2, "completed"),
        ("weak", 1, "completed"),
        ("weak", 2, "failed"),
    ]
    assert (rows[3]["reason"], rows[3]["score"], rows[3]["epochs"]) == ("loss became NaN in epoch 2", "–", "2")
    assert rows[0]["reason"] == ""


def test_each_run_is_marked_with_its_commit(make_runs: MakeRuns) -> None:
    changes: dict[tuple[str, int], dict[str, Any]] = {
        ("weak", 1): {"commit": "b" * 40, "dirty": True},
        ("weak", 2): {"commit": None},
    }
    rows = run_rows(experiment_numbers(make_runs(seeds=2, changes=changes)))
    assert [row["commit"] for row in rows] == ["aaaaaaa", "aaaaaaa", "bbbbbbb*", "–"]


def test_settings_are_those_that_the_variant_changes(make_runs: MakeRuns) -> None:
    variants = {"base": {}, "other": {"epochs": 3, "loss": {"name": "hinge", "options": {"margin": 2.0}}}}
    assert differing_settings(experiment_numbers(make_runs(variants, seeds=1))) == [
        ("base", []),
        ("other", [("epochs", "3"), ("loss", "hinge(margin=2)")]),
    ]


def test_different_losses_are_shown_in_the_heading_and_in_comparison_csv(make_runs: MakeRuns) -> None:
    smoothed = {"weak": {"loss": {"name": "cross_entropy", "options": {"label_smoothing": 0.1}}}}
    same, unlike = (experiment_numbers(make_runs(seeds=1, configs=c, name=f"n{len(c)}")) for c in ({}, smoothed))
    assert (loss_heading(same), loss_heading(unlike)) == ("test loss", "test loss (losses differ)")
    named = ["cross_entropy", "cross_entropy with label_smoothing 0.1"]
    assert [row["loss"] for row in comparison_rows(unlike)] == named


def test_columns_of_what_other_code_did_not_record_are_left_out(make_runs: MakeRuns) -> None:
    own = experiment_numbers(make_runs(seeds=2))
    assert [key for key, _ in overview_columns(own)] == ["loss", "best_epoch", "seconds", "memory", "parameters"]
    assert shows_failures(own) and len(run_columns(own)) == 7 and len(differing_settings(own)) == 2
    experiment = make_runs({"a": {}, "b": {}}, seeds=2, trained="elsewhere", name="foreign")
    numbers = experiment_numbers(experiment)
    runs = [
        dataclasses.replace(run, peak_memory_bytes=None, model_epoch=None, validation_score=None)
        for run in numbers.variants[0].runs
    ]
    unknown = dataclasses.replace(
        numbers.variants[0], runs=tuple(runs), peak_memory_bytes=spread([]), test_loss=spread([])
    )
    numbers = dataclasses.replace(numbers, variants=(unknown,))
    assert [key for key, _ in overview_columns(numbers)] == ["best_epoch", "seconds", "parameters"]
    assert [key for key, _ in run_columns(numbers)] == ["loss", "epochs", "best_epoch", "seconds"]
    assert not shows_failures(numbers) and differing_settings(numbers) == []
    failed = make_runs(seeds=2, trained="elsewhere", changes={("weak", 2): {"status": "failed"}}, name="failed")
    assert shows_failures(experiment_numbers(failed)) and len(differing_settings(experiment_numbers(failed))) == 2


def test_what_no_run_has_shown_may_still_happen(make_runs: MakeRuns) -> None:
    none_failed = unseen_failures(experiment_numbers(make_runs(PAIR)))
    assert none_failed.startswith("0 of 8 runs of a variant failed, so up to 31 % of many may fail")
    failed = make_runs(PAIR, name="failed", changes={("other", 1): FAILED})
    assert unseen_failures(experiment_numbers(failed)).startswith("1 of 8 runs of a variant failed, so up to 47 %")


def test_skewed_differences_are_shown_with_their_median(make_runs: MakeRuns) -> None:
    numbers = experiment_numbers(make_runs(PAIR))
    [pair] = numbers.pairs
    skewed = dataclasses.replace(pair.comparison, skewed=True, median=0.0123)
    changed = dataclasses.replace(numbers, pairs=(dataclasses.replace(pair, comparison=skewed),))
    [row] = verdict_rows(changed)
    assert "the differences are skewed: their median is +1.23, and few seeds make the mean" in row["note"]
