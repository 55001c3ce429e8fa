from pathlib import Path

import pytest

from keras_suite.data_pipeline.images.problem_files import (
    Problem,
    is_skipped,
    read_problems,
    read_skipped,
    write_problems,
)


def test_a_file_is_listed_once_with_all_reasons_and_refused_where_any_says_so(tmp_path: Path) -> None:
    path = tmp_path / "problems.csv"
    write_problems(
        path,
        [
            Problem("b.png", "doubtful", "nearly the same as c.png"),
            Problem('a, "b"\n.png', "refused", "not an image"),
            Problem("b.png", "refused", "damaged"),
        ],
    )
    assert path.read_text().splitlines() == [
        "file,verdict,reason",
        '"a, ""b""\\n.png",refused,not an image',
        "b.png,refused,nearly the same as c.png; damaged",
    ]
    skipped = read_skipped(path)
    assert is_skipped('a, "b"\n.png', skipped) and is_skipped("b.png", skipped) and not is_skipped("c.png", skipped)
    again = tmp_path / "again.csv"
    write_problems(again, [*read_problems(path), Problem("c.png", "doubtful", "blank")])
    assert again.read_text().splitlines() == [*path.read_text().splitlines(), "c.png,doubtful,blank"]


def test_a_list_of_files_alone_will_do(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("file\na.png\n")
    assert read_problems(tmp_path / "x.csv") == [Problem("a.png", "doubtful", "listed to be skipped")]


def test_another_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("image,label\na,b\n")
    with pytest.raises(ValueError, match=r"has no column 'file' \(its first row names image, label\)"):
        read_skipped(tmp_path / "x.csv")
