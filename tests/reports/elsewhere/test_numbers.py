"""Scores of other frameworks come to the numbers that the same scores of our own runs come to."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from keras_suite.reports.elsewhere.numbers import scores_numbers
from keras_suite.reports.elsewhere.told import Told
from keras_suite.reports.page.report import write_numbers
from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.experiment_numbers import Numbers, experiment_numbers
from keras_suite.reports.statistics.cross_validation import fold_interval, fold_p
from tests.reports.conftest import MakeRuns, make_runs
from tests.reports.elsewhere.conftest import WriteTable, answers, scores

__all__ = ["make_runs"]  # a fixture

FIRST = Told(first_look=True)


def as_answers(own: Numbers) -> list[dict[str, Any]]:
    """The answers of our own runs, as a table of another framework would have them."""
    return [
        {"variant": run.variant, "seed": run.seed, "image": image, "label": label, "prediction": predicted}
        for run in own.runs()
        if run.labels is not None and run.predicted is not None
        for image, (label, predicted) in enumerate(zip(run.labels, run.predicted, strict=True))
    ]


def test_answers_have_the_verdict_interval_and_image_noise_of_our_own_runs(
    make_runs: MakeRuns, write_table: WriteTable
) -> None:
    own = experiment_numbers(make_runs(seeds=6))
    foreign, _ = scores_numbers(write_table(as_answers(own)), FIRST)
    assert foreign.pairs == own.pairs and foreign.pairs[0].images is not None
    assert [v.test_score for v in foreign.variants] == [v.test_score for v in own.variants]
    assert answer(foreign) == answer(own)
    assert foreign.class_names == own.class_names and foreign.elsewhere and not own.elsewhere


def test_scores_alone_have_the_verdict_of_our_own_runs_without_the_images(
    make_runs: MakeRuns, write_table: WriteTable
) -> None:
    own = experiment_numbers(make_runs(seeds=8), margin=0.002)
    rows = [{"variant": run.variant, "seed": run.seed, "score": repr(run.test_score)} for run in own.runs()]
    foreign, _ = scores_numbers(write_table(rows), Told("accuracy", first_look=True))
    [ours], [theirs] = own.pairs, foreign.pairs
    assert theirs.images is None and theirs.comparison.interval == theirs.comparison.on_these_images
    assert theirs.comparison.on_these_images == ours.comparison.on_these_images
    assert theirs.comparison.word == ours.comparison.word_on_these_images == "worse"
    assert (theirs.comparison.mean, theirs.comparison.superiority) == (
        ours.comparison.mean,
        ours.comparison.superiority,
    )


@pytest.mark.parametrize("repeats", [1, 2])
def test_folds_have_the_corrected_interval_and_test_of_cross_validation(repeats: int, write_table: WriteTable) -> None:
    drawn = np.random.default_rng(3).normal(0.9, 0.02, (2, repeats, 5)).round(6)
    drawn[1] += 0.01
    rows = [
        {"variant": name, "seed": seed, "fold": fold, "score": drawn[k, seed, fold]}
        for k, name in enumerate(("plain", "better"))
        for seed in range(repeats)
        for fold in range(5)
    ]
    if repeats == 1:
        rows = [{key: value for key, value in row.items() if key != "seed"} for row in rows]
    numbers, origin = scores_numbers(write_table(rows), Told("accuracy", first_look=True))
    assert numbers.replicate == "fold" and [run.seed for run in numbers.variants[0].runs] == [
        *range(1, 5 * repeats + 1)
    ]
    difference = (drawn[1] - drawn[0]).ravel()
    corrected = fold_interval(drawn[0].ravel(), 4, 1)
    assert corrected is not None and numbers.variants[0].test_score.interval == pytest.approx(corrected)
    [pair] = numbers.pairs
    assert pair.comparison.p == pytest.approx(fold_p(difference, 4, 1)) and pair.comparison.n == 5 * repeats
    assert ("test images", "those of 5 folds, which are taken to be of equal size") in origin


def test_where_nobody_knows_who_looked_each_number_of_seeds_counts_and_the_report_says_so(
    write_table: WriteTable,
) -> None:
    path = write_table(scores({"a": 0.5, "b": 0.6}, seeds=12))
    known, unknown = (scores_numbers(path, Told(first_look=first), margin=0.001)[0] for first in (True, False))
    assert known.problems == ()
    assert unknown.problems == (
        "whether these scores were looked at before is not known, so each number of seeds counts as a look: "
        "--first-look says that nobody did",
    )
    assert (known.pairs[0].comparison.looks, unknown.pairs[0].comparison.looks) == ((12,), (6, 9, 10, 11, 12))
    assert known.pairs[0].comparison.p_holm < unknown.pairs[0].comparison.p_holm <= 0.05
    few = scores_numbers(write_table(scores({"a": 0.5, "b": 0.6}, seeds=8)), Told())[0]
    assert answer(few).startswith(
        "Too few seeds to say: 8 paired seeds cannot decide after 1 earlier look, at least 9 "
    )


def test_lower_is_better_where_that_is_told(write_table: WriteTable) -> None:
    path = write_table(scores({"a": 0.5, "b": 0.4}))
    words = [
        scores_numbers(path, Told("loss", way, first_look=True))[0].pairs[0].comparison.word for way in ("min", "max")
    ]
    assert words == ["better", "worse"]
    assert scores_numbers(path, Told("loss", "min"))[0].question == "Which variant has the lowest loss?"


def test_a_margin_is_in_the_unit_that_is_shown(write_table: WriteTable) -> None:
    rows = scores({"a": 0.5, "b": 0.5001})
    share, _ = scores_numbers(write_table(rows), Told(unit="share", first_look=True), margin=50)
    assert share.pairs[0].comparison.margin == 0.5 and share.pairs[0].comparison.word == "equivalent"
    plain, _ = scores_numbers(write_table(rows), FIRST, margin=250)
    assert plain.pairs[0].comparison.margin == 250 and not plain.problems


def test_without_a_margin_plain_numbers_are_never_equivalent_and_the_report_says_so(write_table: WriteTable) -> None:
    numbers, _ = scores_numbers(write_table(scores({"a": 0.5, "b": 0.5001})), Told("PSNR", unit="dB", first_look=True))
    assert numbers.pairs[0].comparison.word == "undecided"
    assert numbers.problems == (
        "no difference of PSNR counts as too small to matter, so none is called equivalent: --margin says which one "
        "does, in dB",
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (scores({"a": 0.5, "b": 0.4}), "not named, so what others could change is unknown"),
        (answers({"a": 0.9, "b": 0.7}, 2, 30), "30, the same for all runs"),
        ([{**row, "score": 0.1} for row in answers({"a": 0.9, "b": 0.7}, 2, 30)], "30; what each adds to the score"),
    ],
)
def test_what_is_known_of_the_test_images_is_said(
    rows: Sequence[dict[str, Any]], said: str, write_table: WriteTable
) -> None:
    assert said in dict(scores_numbers(write_table(rows), Told())[1])["test images"]


@pytest.mark.parametrize("rows", [scores({"a": 0.5, "<b>$x$": 0.4}), answers({"a": 0.9, "=1+1": 0.7}, 6, 60)])
def test_the_page_shows_nothing_that_is_not_known(rows: list[dict[str, Any]], write_table: WriteTable) -> None:
    path = write_table(rows)
    numbers, origin = scores_numbers(path, FIRST, command="keras-suite report scores.csv")
    written = write_numbers(numbers, path.with_suffix(""), origin)
    page, text = (written.html.with_suffix(end).read_text(encoding="utf-8") for end in (".html", ".md"))
    page = page.partition("<script")[0]
    for invented in (
        *("time per run", "peak memory", "best epoch", "test loss", "validation", "commit", "epochs", "parameters"),
        *("base configuration", "How to reproduce", "its own initial weights", "failed", "Calibration", "–<", "| – |"),
    ):
        assert invented not in page and invented not in text, invented
    assert "trained" in dict(origin) and "Other code trained the runs" in page
    assert "<b>$x$" not in page and written.next_command is None
    curves = [path.name for path in written.paths if "curves" in path.name or "time" in path.name]
    assert curves == [] and np.all([path.exists() for path in written.paths])
