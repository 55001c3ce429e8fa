"""A .zip of images is read as the folder that it was made of; what could hurt in it is refused by name."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from keras_suite.data_pipeline.datasets.image_folder import image_folder as build
from keras_suite.data_pipeline.images import archive_source
from keras_suite.data_pipeline.images.image_sources import open_source
from tests.data_pipeline.conftest import WriteTree, pack


def test_a_zip_equals_the_folder_that_it_was_made_of(write_tree: WriteTree, tmp_path: Path) -> None:
    root = write_tree({"cats": 6, "dogs": 6})
    (root / "cats" / ".DS_Store").write_bytes(b"x")
    packed, plain = (build(None, path=str(path)) for path in (pack(root, tmp_path / "a.zip"), root))
    assert (packed.images[:] == plain.images[:]).all() and (packed.labels == plain.labels).all()
    assert packed.class_names == plain.class_names == ("cats", "dogs") and packed.notes == plain.notes


def test_a_zip_of_the_folder_itself_and_what_macos_adds_is_the_same(write_tree: WriteTree, tmp_path: Path) -> None:
    root = write_tree({"cats": 6, "dogs": 6})
    path = pack(root, tmp_path / "photos.zip", "photos/")
    with zipfile.ZipFile(path, "a") as zipped:
        zipped.writestr("__MACOSX/photos/cats/._000.png", b"x")
    assert (build(None, path=str(path)).images[:] == build(None, path=str(root)).images[:]).all()


@pytest.mark.parametrize(("made", "called"), [("a.tar.gz", "b.zip"), ("a.zip", "b.tar.gz"), ("a.zip", "b.tar")])
def test_an_archive_is_what_it_holds_whatever_it_is_called(
    write_tree: WriteTree, tmp_path: Path, made: str, called: str
) -> None:
    path = pack(write_tree({"cats": 4, "dogs": 4}), tmp_path / made)
    digests = open_source(path).digests()
    assert open_source(path.rename(tmp_path / called)).digests() == digests


def test_backslashes_of_a_packer_of_windows_are_folders(write_tree: WriteTree, tmp_path: Path) -> None:
    root, path = write_tree({"cats": 4, "dogs": 4}), tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        for image in sorted(root.rglob("*.png")):
            member = zipfile.ZipInfo("\\".join(image.relative_to(root).parts))
            member.create_system = 0
            zipped.writestr(member, image.read_bytes())
    assert build(None, path=str(path)).class_names == ("cats", "dogs")


def a_link(zipped: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("cats/link.png")
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    zipped.writestr(member, "/etc/passwd")


def a_pipe(zipped: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("cats/pipe.png")
    member.create_system, member.external_attr = 3, (stat.S_IFIFO | 0o644) << 16
    zipped.writestr(member, "")


def a_way_out(zipped: zipfile.ZipFile) -> None:
    zipped.writestr("cats/../../out.png", b"x")


def a_name_twice(zipped: zipfile.ZipFile) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        zipped.writestr("cats/000.png", b"x")


def another_compression(zipped: zipfile.ZipFile) -> None:
    zipped.writestr("cats/more.png", b"x", zipfile.ZIP_LZMA)


def something_large(zipped: zipfile.ZipFile) -> None:
    zipped.writestr("cats/zeros.png", bytes(2**21), zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(
    ("add", "said"),
    [
        (a_link, "holds a link, 'cats/link.png': pack the files themselves"),
        (a_pipe, "holds 'cats/pipe.png', which is neither file nor folder"),
        (a_way_out, "a path that leads outside"),
        (a_name_twice, "holds 'cats/000.png' twice"),
        (another_compression, "cats/more.png' in it is neither stored nor deflated"),
        (something_large, "zeros.png' in it unpacks to 2 MiB, more than the 1 MiB it may have"),
    ],
)
def test_what_could_hurt_is_refused(
    write_tree: WriteTree,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    add: Callable[[zipfile.ZipFile], None],
    said: str,
) -> None:
    monkeypatch.setattr(archive_source, "LARGEST_FILE", 2**20)
    path = pack(write_tree({"cats": 4, "dogs": 4}), tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as zipped:
        add(zipped)
    with pytest.raises(ValueError, match=said):
        build(None, path=str(path))


def test_a_changed_byte_is_noticed_by_its_checksum(write_tree: WriteTree, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        for image in sorted(write_tree({"cats": 4, "dogs": 4}).rglob("*.png")):
            zipped.write(image, f"{image.parent.name}/{image.name}")
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a.zip cannot be read as a .zip of images \(BadZipFile: Bad CRC-32"):
        open_source(path).digests()


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """How a zip bomb of 10 MB holds 281 TB: all its files are one."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("cats/a.png", bytes(10_000))
        first = zipped.infolist()[0]
        again = zipfile.ZipInfo("cats/b.png")
        for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
            setattr(again, name, getattr(first, name))
        zipped.filelist.append(again)
        zipped.NameToInfo[again.filename] = again
    with pytest.raises(ValueError, match=r"'cats/[ab].png' in it overlaps 'cats/[ab].png'"):
        open_source(path).digests()
