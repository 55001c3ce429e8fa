"""A table of scores as runs that can be compared; what makes them incomparable is one line."""

from typing import Any

import numpy as np
import pytest

from keras_suite.reports.elsewhere.pairing import Key
from keras_suite.reports.elsewhere.table import Table, read_table
from keras_suite.reports.elsewhere.told import Told
from tests.reports.elsewhere.conftest import WriteTable, answers, scores

Rows = list[dict[str, Any]]


def read(write_table: WriteTable, rows: Rows, told: Told | None = None) -> Table:
    told = told or Told()
    return read_table(write_table(rows), told.bounds, told.accuracy)


def refusal(write_table: WriteTable, rows: Rows, told: Told | None = None) -> str:
    with pytest.raises(ValueError) as raised:
        read(write_table, rows, told)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_runs_are_those_of_the_table_and_variants_stand_in_its_order(write_table: WriteTable) -> None:
    table = read(write_table, scores({"wide": 0.9, "narrow": 0.8}, seeds=2))
    assert table.variants == ("wide", "narrow") and table.rows == 4 and not table.answers and not table.binary
    assert [run.key for run in table.runs] == [Key(name, seed) for seed in (1, 2) for name in ("wide", "narrow")]


def test_the_score_of_answers_is_the_share_that_is_right_in_whatever_order_they_stand(write_table: WriteTable) -> None:
    rows = answers({"a": 0.9, "b": 0.7}, seeds=2, images=30)
    table = read(write_table, rows)
    mixed = [rows[int(place)] for place in np.random.default_rng(0).permutation(len(rows))]
    again = read(write_table, mixed)
    right = [row["label"] == row["prediction"] for row in rows if row["variant"] == "a" and row["seed"] == 1]
    assert table.runs[0].score == np.mean(right) and table.answers and table.binary
    assert {run.key: run.score for run in table.runs} == {run.key: run.score for run in again.runs}
    assert table.classes == ("cat", "dog", "emu") and len(table.images) == 30


def test_numbered_classes_are_sorted_by_number(write_table: WriteTable) -> None:
    rows = [
        {"variant": name, "seed": 1, "image": image, "label": image, "prediction": f"{image}.0"}
        for name in "ab"
        for image in (10, 9, 2)
    ]
    assert read(write_table, rows).classes == ("2", "9", "10")


def test_a_score_for_each_image_has_the_mean_as_the_runs_score(write_table: WriteTable) -> None:
    rows: Rows = [
        {"variant": name, "seed": 1, "image": image, "score": value}
        for name, values in (("a", (1, 2.5)), ("b", (0, 1)))
        for image, value in enumerate(values)
    ]
    table = read(write_table, rows)
    assert [run.score for run in table.runs] == [1.75, 0.5] and not table.binary
    table = read(write_table, [{**row, "score": int(row["score"] > 0)} for row in rows])
    assert table.binary and not table.answers


def test_a_score_beside_answers_is_the_accuracy_where_it_agrees_and_else_another_metric(
    write_table: WriteTable,
) -> None:
    plain = answers({"a": 0.9, "b": 0.7}, seeds=1, images=30)
    shares = {run.key.variant: run.score for run in read(write_table, plain).runs}
    rounded = [{**row, "score": round(shares[row["variant"]], 2)} for row in plain]
    table = read(write_table, rounded)
    assert table.answers and table.runs[0].score == shares["a"]
    percent = [{**row, "score": round(100 * shares[row["variant"]], 1)} for row in plain]
    assert read(write_table, percent, Told("accuracy", unit="percent")).runs[0].score == shares["a"]
    other = [{**row, "score": 0.25} for row in plain]
    table = read(write_table, other)
    assert not table.answers and table.runs[0].score == 0.25 and table.runs[0].scores is None
    assert table.runs[0].predicted is not None
    assert "the accuracy of 'a', seed 1, is 0.25 by its score and 0.8667" in refusal(
        write_table, other, Told("accuracy")
    )


def test_variants_without_each_others_seeds_are_named(write_table: WriteTable) -> None:
    rows = scores({"a": 1.0, "b": 1.0, "c": 1.0}, seeds=9)
    unpaired = [row for row in rows if not ((row["variant"] == "b" and row["seed"] > 2) or row["variant"] == "c")]
    said = refusal(write_table, [*unpaired, {"variant": "c", "seed": 10, "score": 1}])
    assert "is not paired, for 'a' lacks seed 10, 'b' lacks 8 seeds (3, 4, 5, …) and 'c' lacks 9 seeds (1" in said
    assert "'b' lacks seeds 3 and 4:" in refusal(
        write_table, [row for row in rows if row["seed"] < 5 and not (row["variant"] == "b" and row["seed"] > 2)]
    )


def test_what_stands_twice_is_named_with_both_rows(write_table: WriteTable) -> None:
    rows = scores({"a": 1.0, "b": 1.0}, seeds=1)
    assert "row 4: 'a', seed 1 stood in row 2 already" in refusal(write_table, [*rows, rows[0]])
    of_images = answers({"a": 0.9, "b": 0.7}, seeds=1, images=2)
    said = refusal(write_table, [*of_images, of_images[1]])
    assert "row 6: 'a', seed 1, image '001.png' stood in row 3 already" in said


def test_a_single_variant_and_variants_without_end_are_refused(write_table: WriteTable) -> None:
    assert "has the variant 'a' alone: expected two or more" in refusal(write_table, scores({"a": 1.0}))
    many = [{"variant": f"v{k}", "seed": 1, "score": 1} for k in range(1_001)]
    assert "has 1,001 variants, more than 1,000: is something else mistaken" in refusal(write_table, many)


def test_runs_on_different_images_are_refused(write_table: WriteTable) -> None:
    rows = answers({"a": 0.9, "b": 0.7}, seeds=1, images=9)
    assert "'b', seed 1, lacks images '007.png' and '008.png', which other" in refusal(write_table, rows[:-2])
    wrong = [*rows[:-1], {**rows[-1], "label": "owl"}]
    assert "the label of image '008.png' is 'emu' in row 10 and 'owl' in row 19" in refusal(write_table, wrong)


def test_what_are_no_classes_is_refused(write_table: WriteTable) -> None:
    rows = [
        {"variant": name, "seed": 1, "image": image, "label": image / 7, "prediction": image / 7}
        for name in "ab"
        for image in range(1_200)
    ]
    assert "different values, and expected are classes" in refusal(write_table, rows)


def test_a_score_that_changes_within_a_run_is_named(write_table: WriteTable) -> None:
    rows = [{**row, "score": number} for number, row in enumerate(answers({"a": 0.9, "b": 0.7}, seeds=1, images=2))]
    assert "row 3: beside label and prediction, score is that of the run" in refusal(write_table, rows, Told("F1"))
