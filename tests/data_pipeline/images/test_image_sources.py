"""A folder and a tar archive of the same files are the same source; where it lies does not matter."""

import tarfile
from pathlib import Path

import pytest

from keras_suite.data_pipeline.images.image_sources import is_system_file, located, open_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("cats/a.png", "dogs/b.png"):
        (tmp_path / "tree" / name).parent.mkdir(parents=True)
        (tmp_path / "tree" / name).write_bytes(name.encode())
    return tmp_path / "tree"


def archive(folder: Path) -> Path:
    path = folder.parent / "tree.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder, arcname=".")
    return path


def test_an_archive_equals_the_folder_that_it_was_made_of(folder: Path) -> None:
    packed, plain = open_source(archive(folder)), open_source(folder)
    assert dict(packed.contents()) == dict(plain.contents()) == {name: name.encode() for name in plain.digests()}
    assert packed.digests() == plain.digests()


def test_a_fingerprint_is_of_names_and_bytes(folder: Path) -> None:
    before = open_source(folder).fingerprint()
    assert open_source(folder.rename(folder.parent / "moved")).fingerprint() == before
    (folder.parent / "moved" / "cats" / "a.png").write_bytes(b"other")
    assert open_source(folder.parent / "moved").fingerprint() != before


def test_a_file_that_is_neither_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photos.zip").touch()
    with pytest.raises(ValueError, match=r"photos.zip is neither a folder nor one of .tar.gz"):
        open_source(tmp_path / "photos.zip")


def test_a_path_is_looked_for_where_the_command_runs_then_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "photos").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert located("image_folder", "photos", tmp_path / "data", "a folder") == tmp_path / "data" / "photos"
    (tmp_path / "photos").mkdir()
    assert located("image_folder", "photos", tmp_path / "data", "a folder") == Path("photos")
    with pytest.raises(FileNotFoundError, match="'videos' does not exist"):
        located("image_folder", "videos", tmp_path / "data", "a folder")
    with pytest.raises(ValueError, match="needs `path`: a folder"):
        located("image_folder", "", None, "a folder")


@pytest.mark.parametrize("name", ["a/.DS_Store", "Thumbs.db", "b/desktop.ini"])
def test_what_file_browsers_leave_behind_is_known(name: str) -> None:
    assert is_system_file(name) and not is_system_file("a/cat.png")
