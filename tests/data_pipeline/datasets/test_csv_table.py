"""Tables are read as people write them, or are refused in one line."""

from pathlib import Path

import pytest

from keras_suite.data_pipeline.datasets.csv_table import Table, read_csv


def table(folder: Path, content: str | bytes) -> Table:
    path = folder / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_csv(path)


def test_columns_are_read_by_their_names(tmp_path: Path) -> None:
    read = table(tmp_path, 'image,what is it\na.png, "a cat, asleep"\nb.png,a dög\n')
    assert read.texts("what is it") == ("a cat, asleep", "a dög") and read.rows == (2, 3)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_spreadsheets_and_people_write_is_read(tmp_path: Path, ends: str, mark: str) -> None:
    lines = ["image, steering ,", "", "a.png,  -1.5 ,", ",,", "b.png,2e1,"]
    read = table(tmp_path, mark + ends.join(lines))
    assert read.texts("image") == ("a.png", "b.png") and read.numbers("steering").tolist() == [-1.5, 20]
    assert read.rows == (3, 5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "a.csv has no row: give a row an image"),
        ("\n\n", "a.csv has no row: give"),
        ("image,steering\n", "has no row beneath the names of the columns: give a row an image"),
        ("image,steering,image\na,1,b\n", "has two columns 'image': rename one"),
        ("image,steering\na.png,1\nb.png,1,5\n", "row 3: 3 cells under 2 columns: write as many"),
        ("image,steering\na.png,1\nb.png\n", "row 3: 1 cell under 2 columns"),
        (
            "image;steering\na.png;1,5\n",
            "row 2: 2 cells under 1 column: its columns are separated by ';': save it with",
        ),
        ('image,steering\n"a.png,1\n', r"is no valid CSV file \(unexpected end of data\): correct it"),
        (
            "image,steering\na.png,caf\xe9\n".encode("latin-1"),
            r"no CSV file in UTF-8 \(line 2 has the byte 0xe9\): save",
        ),
        ("image,steering\na.png,1\n".encode("utf-16"), r"no CSV file in UTF-8 \(line 1 has the byte 0xff\): save it"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        table(tmp_path, content)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("picture,steering\na.png,1\n", r"no column 'image' \(its first row names 'picture', 'steering'\)"),
        ("imgae,steering\na.png,1\n", "no column 'image'; did you mean 'imgae'"),
        ("frames/1.jpg,-12.5\nframes/2.jpg,3\n", r"its first row names 'frames/1.jpg', '-12.5'"),
        ("image;steering\na.png;1\n", "no column 'image'; its columns are separated by ';': save it with commas"),
        ("image\tsteering\na.png\t1\n", r"its columns are separated by '\\t'"),
    ],
)
def test_a_missing_column_is_answered_with_the_known_ones(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        table(tmp_path, content).texts("image")


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not a file: give the CSV file itself"):
        read_csv(tmp_path)
