"""Which files are meant by folders, patterns, lists and tables, and the classes that they are said to be of."""

from pathlib import Path

import pytest

from keras_suite.experiments.predicting.requests import Asked, Columns, requested

CLASSES = ("cat", "Hot Dog")


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a folder a class, litter, and a class that the run does not know; the commands run beside it."""
    names = ("cat/1.jpg", "cat/deep/2.jpg", "hot dog/1.jpg", "bird/1.jpg", "cat/notes.txt", "cat/.DS_Store", ".x/a.jpg")
    for name in names:
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_means_all_images_below_it_labelled_by_the_folders_that_are_called_as_classes(photos: Path) -> None:
    request = requested(["photos"], CLASSES)
    assert request.images == [
        Asked(Path("photos/bird/1.jpg")),
        Asked(Path("photos/cat/1.jpg"), "cat"),
        Asked(Path("photos/cat/deep/2.jpg"), "cat"),
        Asked(Path("photos/hot dog/1.jpg"), "Hot Dog"),
    ]
    assert sorted(path.name for path in request.left_out) == [".DS_Store", "notes.txt"]
    assert request.unknown == {"bird": 1}
    assert requested(["photos/cat"], CLASSES).images[0].label == "cat"
    assert requested(["photos"], ()).unknown == {}


def test_a_pattern_in_quotes_means_the_files_that_match(photos: Path) -> None:
    words = ["photos/*/1.jpg", "photos/**/*.jpg", "no/*.png"]
    assert [len(requested([word], CLASSES).images) for word in words] == [3, 4, 0]
    assert requested(words, CLASSES).problems == ["no/*.png: no file matches"]
    (photos / "a[1].jpg").touch()
    assert requested(["a[1].jpg"], CLASSES).images == [Asked(Path("a[1].jpg"))]


@pytest.mark.parametrize(
    "content",
    [
        b"photos/cat/1.jpg\n\nphotos/bird/1.jpg\n",
        b"\xef\xbb\xbfphotos/cat/1.jpg\r\nphotos/bird/1.jpg",
        b"photos/cat/1.jpg\0photos/bird/1.jpg\0",
    ],
)
def test_a_list_has_a_path_a_line_in_a_file_or_on_standard_input(content: bytes, photos: Path) -> None:
    expected = [Asked(Path("photos/cat/1.jpg")), Asked(Path("photos/bird/1.jpg"))]
    (photos / "list.txt").write_bytes(content)
    assert requested(["list.txt"], CLASSES).images == expected
    assert requested(["-"], CLASSES, read_input=lambda: content).images == expected


def test_paths_of_a_list_are_also_found_from_its_own_folder(photos: Path) -> None:
    (photos / "photos" / "list.txt").write_text("cat/1.jpg\nnowhere.jpg\n")
    found = [each.path for each in requested(["photos/list.txt"], CLASSES).images]
    assert found == [Path("photos/cat/1.jpg"), Path("nowhere.jpg")]


def test_a_table_has_a_column_of_paths_and_perhaps_one_of_classes(photos: Path) -> None:
    (photos / "photos" / "table.csv").write_text("File Name,Class\ncat/1.jpg,CAT\nbird/1.jpg,bird\n")
    request = requested(["photos/table.csv"], CLASSES)
    assert request.images == [Asked(Path("photos/cat/1.jpg"), "cat"), Asked(Path("photos/bird/1.jpg"))]
    assert request.unknown == {"bird": 1}
    (photos / "odd.csv").write_text("what,is\nphotos/cat/1.jpg,cat\n")
    assert requested(["odd.csv"], CLASSES, Columns("what", "is")).images == [Asked(Path("photos/cat/1.jpg"), "cat")]
    with pytest.raises(ValueError, match="--image-column"):
        requested(["odd.csv"], CLASSES)
    with pytest.raises(ValueError, match="no column 'wat'; did you mean 'what'"):
        requested(["odd.csv"], CLASSES, Columns("wat"))


def test_what_means_no_file_is_named(photos: Path) -> None:
    (photos / "empty").mkdir()
    (photos / "more.zip").write_bytes(b"PK")
    request = requested(["empty", "https://example.org/a.jpg", "-", "more.zip"], CLASSES)
    assert not request.images
    said = "\n".join(request.problems)
    assert "empty: a folder without an image" in said
    assert "download it first" in said and "standard input: a list without a path" in said
    assert "more.zip: an archive: unpack it, and give its folder" in said
    (photos / "photos" / "again").symlink_to(photos / "photos")
    assert len(requested(["photos"], CLASSES).images) == 4, "a circle of links is walked once"
