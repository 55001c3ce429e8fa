"""Cells of a table of scores: what they may be, and what the line on a wrong one says."""

import math
from pathlib import Path

import pytest

from keras_suite.reports.elsewhere.columns import Columns, read_columns
from keras_suite.reports.elsewhere.told import Told


def read(folder: Path, text: str | bytes, told: Told | None = None) -> Columns:
    path = folder / "scores.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_columns(path, (told or Told()).bounds)


def test_columns_may_stand_in_any_order_and_rows_are_numbered_as_in_a_spreadsheet(tmp_path: Path) -> None:
    columns = read(tmp_path, "score,variant,seed\n\n0.5,a,1\n.7e0,b,1.0\n")
    assert (columns.variants, columns.seeds, columns.scores) == (["a", "b"], [1, 1], [0.5, 0.7])
    assert columns.rows == (3, 4) and columns.images is None and columns.labels is None


def test_an_empty_column_of_scores_is_none(tmp_path: Path) -> None:
    columns = read(tmp_path, "variant,seed,image,label,prediction,score\na,1,x,3,3.0,\n")
    assert columns.scores is None and columns.labels == columns.predictions == ["3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"is empty: expected the columns variant, seed and score \(of cross-validation fold, and seed where it"),
        ("variant,seed,score\n", "holds no run"),
        ("variant,sead,score\na,1,1\n", "unknown column 'sead'; did you mean 'seed'?"),
        ("variant,seed\na,1\n", "has no column score: "),
        ("score\n1\n", "has no column variant and seed: "),
        ("variant,seed,image,label\na,1,x,y\n", "has no column prediction: "),
        ("variant,seed,label,prediction\na,1,x,y\n", "has no column image: "),
        ("variant,seed,score\na,1,\n", "the column score is empty"),
        (",variant,seed,score\n0,a,1,1\n", r"column 1 has no name: leave it out \(pandas: to_csv\(…, index=False\)\)"),
        ("variant;seed;score\na;1;1\n", "its columns are separated by ';'"),
        ("variant;seed;score\na;1;0,5\n", "its columns are separated by ';'"),
        ("variant\tseed\tscore\na\t1\t0,5\n", r"its columns are separated by '\\t'"),
        ("variant,seed,score\na,1,1\nb,1,abc\n", "row 3: score is 'abc', expected a finite number"),
        *((f"variant,seed,score\na,1,{bad}\n", "row 2: score is") for bad in ("nan", "inf", "-inf", "1e999", "1_0")),
        ("variant,seed,score\na,1,2e12\n", "row 2: score is '2e12', expected a finite number, as 0.95, of at most 1e"),
        ('variant,seed,score\na,1,"0,5"\n', "row 2: score is '0,5'"),
        ("variant,seed,score\na,,1\n", "row 2: seed is nothing, expected a whole number"),
        *((f"variant,seed,score\na,{bad},1\n", "row 2: seed is") for bad in ("x", "1.5", "nan", "9" * 20)),
        ("variant,seed,score\n,1,1\n", "row 2: variant is nothing, expected a name"),
        ('variant,seed,score\n"a\nb",1,1\n', r"row 2: variant is 'a\\nb', expected a name"),
        (f"variant,seed,score\n{'a' * 101},1,1\n", "row 2: variant is 'aaa"),
        ("variant,seed,image,label,prediction\na,1,,x,x\n", "row 2: image is nothing"),
        ("variant,seed,image,label,prediction\na,1,x,x,\n", "row 2: prediction is nothing, expected a class"),
        ("variant,fold,score\na,1.5,1\n", "row 2: fold is '1.5', expected a whole number, as 1"),
        ("variant,fold,image,score\na,1,x,1\n", "of folds a score each is compared: leave out the columns of single"),
        ("variant,fold,label,prediction\na,1,x,x\n", "of folds a score each is compared: leave out the columns of"),
        (b"variant,seed,score\na,1,\xff\n", r"no CSV file in UTF-8 \(line 2 has the byte 0xff\)"),
    ],
)
def test_a_wrong_table_is_one_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        read(tmp_path, text)
    assert str(tmp_path / "scores.csv") in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("score", "told", "said"),
    [
        ("95.3", Told("accuracy"), "from 0 to 1 (its unit is share: give another one with --unit)"),
        ("-0.1", Told(unit="share"), "from 0 to 1 (its unit is share"),
        ("101", Told(unit="percent"), "from 0 to 100 (its unit is percent"),
    ],
)
def test_a_score_beyond_its_bounds_is_named_with_its_row(tmp_path: Path, score: str, told: Told, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        read(tmp_path, f"variant,seed,score\na,1,1\nb,1,{score}\n", told)
    assert f"row 3: score is '{score}', expected a number {said}" in str(raised.value)


def test_a_table_that_is_no_file_or_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="is a folder: expected a CSV file"):
        read_columns(tmp_path, lambda answers: (-math.inf, math.inf))
    monkeypatch.setattr("keras_suite.tasks.reading.text.LARGEST_TABLE", 10)
    with pytest.raises(ValueError, match="expected a CSV file, which has at most 10 bytes"):
        read(tmp_path, "variant;seed;score\na,1,1\n")
