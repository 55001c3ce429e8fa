"""JSON and CSV that nobody should write end in one line, and soon."""

import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keras_suite.tasks.reading.text import Cells, parse_json, read_cells, shortened


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 10**6, "nested too deeply"),
        (b'{"a":' * 10**6, "nested too deeply"),
        (b"1" * 10_000, "4300 digits"),
        (b"", "no JSON: Expecting value"),
        (b"\xff\xfe\x00\xd8", "no JSON"),
        (b'"\xff"', "no JSON in UTF-8"),
        (b'{"a": 1} x', "no JSON: Extra data"),
    ],
)
def test_what_is_no_json_is_named(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        parse_json(content)
    assert "\n" not in str(caught.value)
    assert parse_json(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}


def cells(folder: Path, content: bytes) -> Cells:
    (folder / "a.csv").write_bytes(content)
    return read_cells(folder / "a.csv")


def test_cells_are_read_without_the_blanks_around(tmp_path: Path) -> None:
    assert cells(tmp_path, b'\xef\xbb\xbfa, b \n\n1,"x, y"\n') == Cells(("a", "b"), (("1", "x, y"),), (3,))
    assert cells(tmp_path, b"") == Cells((), (), ())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1," + b"x" * 200_000 + b"\n", r"field larger than field limit \(131072\); is a quote never closed"),
        (b'a,b\n1,"x\n' + b"1,2\n" * 60_000, "is a quote never closed"),
        (b"a," * 10**6 + b"\n" + b"1," * 10**6 + b"\n", "row 1 has 1,000,001 cells, more than 1,000"),
        (b"a\n" + b"," * 10**6 + b"\n", "row 2 has 1,000,001 cells"),
        (b"a,b\n1,\0\n", "no CSV file in UTF-8 .line 2 has the byte 0x00.: save it"),
        (b"a,b\n1,\xe9\n", "line 2 has the byte 0xe9"),
        (b"x" * 100_000 + b"," + b"x" * 100_000 + b"\n1,2\n", "has two columns 'xxx.*…': rename one"),
    ],
)
def test_tables_beyond_all_bounds_are_named_soon(tmp_path: Path, content: bytes, said: str) -> None:
    start = time.monotonic()
    with pytest.raises(ValueError, match=said) as caught:
        cells(tmp_path, content)
    assert time.monotonic() - start < 20 and len(str(caught.value)) < 500 and "\n" not in str(caught.value)


def test_a_table_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(3 * 2**30)
    with pytest.raises(ValueError, match=r"a\.csv has 3 GiB: expected a CSV file, which has at most 256 MiB"):
        read_cells(tmp_path / "a.csv")


@given(st.one_of(st.binary(max_size=200), st.text('ab,"\n\r \t\0é', max_size=60).map(str.encode)))
@example(b"\xef\xbb\xbf")
def test_any_bytes_are_a_table_or_named_in_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    try:
        found = cells(tmp_path_factory.getbasetemp(), content)
    except ValueError as error:
        assert "a.csv" in str(error) and len(str(error).splitlines()) == 1
    else:
        assert all(len(row) == len(found.names) for row in found.rows) and len(found.rows) == len(found.numbers)


def test_long_texts_are_cut_for_a_message() -> None:
    assert shortened("a\nb") == r"'a\nb'" and len(shortened("x" * 1000)) == 62
