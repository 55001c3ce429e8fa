"""Folders and archives as sources: the same files are the same source, nothing outside is read, damage is named."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from keras_suite.data_pipeline.datasets.image_folder import image_folder as build
from keras_suite.data_pipeline.images import archive_source, file_contents
from keras_suite.data_pipeline.images.image_sources import first_names, locate, open_source
from keras_suite.data_pipeline.images.leftovers import is_system_file
from tests.data_pipeline.conftest import WriteTree, pack
from tests.tasks.reading.mutations import QUICK_SEED, fresh_seed, mutations


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
    names = plain.digests()
    assert dict(packed.contents(names)) == dict(plain.contents(names)) == {name: name.encode() for name in names}
    assert [dict(source.contents({"dogs/b.png"})) for source in (packed, plain)] == [{"dogs/b.png": b"dogs/b.png"}] * 2
    assert packed.digests() == plain.digests()


def test_a_fingerprint_is_of_names_and_bytes(folder: Path) -> None:
    before = open_source(folder).fingerprint()
    assert open_source(folder.rename(folder.parent / "moved")).fingerprint() == before
    (folder.parent / "moved" / "cats" / "a.png").write_bytes(b"other")
    assert open_source(folder.parent / "moved").fingerprint() != before


def test_a_path_is_looked_for_where_the_command_runs_then_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "photos").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert locate("image_folder", "photos", tmp_path / "data", "a folder") == tmp_path / "data" / "photos"
    (tmp_path / "photos").mkdir()
    assert locate("image_folder", "photos", tmp_path / "data", "a folder") == Path("photos")
    with pytest.raises(FileNotFoundError, match="'videos' does not exist"):
        locate("image_folder", "videos", tmp_path / "data", "a folder")
    with pytest.raises(ValueError, match="needs `path`: a folder"):
        locate("image_folder", "", None, "a folder")


@pytest.mark.parametrize("name", ["a/.DS_Store", "Thumbs.db", "b/desktop.ini"])
def test_what_file_browsers_leave_behind_is_known(name: str) -> None:
    assert is_system_file(name) and not is_system_file("a/cat.png")


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"x"
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content) if kind == tarfile.REGTYPE else 0
    return info, content


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (member("../outside.png"), "'../outside.png', a path that leads outside"),
        (member("cats/../../outside.png"), "leads outside"),
        (member("/etc/outside.png"), "leads outside"),
        (member("C:/outside.png"), "leads outside"),
        (member("cats\\outside.png"), "leads outside"),
        (member("cats/link.png", tarfile.SYMTYPE, "/etc/passwd"), "holds a link, 'cats/link.png' to '/etc/passwd'"),
        (member("cats/link.png", tarfile.LNKTYPE, "cats/000.png"), "holds a link"),
        (member("cats/pipe.png", tarfile.FIFOTYPE), "neither file nor folder"),
        (member("cats/000.png"), "holds 'cats/000.png' twice"),
    ],
)
def test_archives_that_lead_outside_are_refused(
    write_tree: WriteTree, tmp_path: Path, bad: tuple[tarfile.TarInfo, bytes], message: str
) -> None:
    archive = pack(write_tree({"cats": 4, "dogs": 4}), tmp_path / "bad.tar")
    with tarfile.open(archive, "a") as file:
        file.addfile(bad[0], io.BytesIO(bad[1]))
    with pytest.raises(ValueError, match=message.replace("\\", "\\\\")):
        build(None, path=str(archive))
    assert not (tmp_path / "outside.png").exists()


@pytest.mark.parametrize("name", ["cut.tar.gz", "cut.tar", "cut.zip"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_archive_is_named_and_left_alone(
    write_tree: WriteTree, tmp_path: Path, name: str, kept: float
) -> None:
    archive = pack(write_tree({"cats": 20, "dogs": 20}), tmp_path / name)
    whole = archive.read_bytes().rstrip(b"\0") if name.endswith(".tar") else archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * kept)])
    before = archive.read_bytes()
    with pytest.raises(ValueError, match=rf"{name} cannot be read as a .(tar|zip)"):
        build(None, path=str(archive))
    assert archive.read_bytes() == before


def test_a_tar_cut_between_two_members_is_noticed(write_tree: WriteTree, tmp_path: Path) -> None:
    archive = pack(write_tree({"cats": 4, "dogs": 4}), tmp_path / "cut.tar")
    with tarfile.open(archive) as file:
        last = file.getmembers()[-1]
    archive.write_bytes(archive.read_bytes()[: last.offset])
    with pytest.raises(ValueError, match="its end is missing"):
        build(None, path=str(archive))


def test_an_archive_that_is_none(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "fake.tar.gz").write_text("I am not an archive")
    with pytest.raises(
        ValueError, match=r"fake.tar.gz cannot be read as a .tar .* \(.*\): get it anew, it was left as it is"
    ):
        build(None, path=str(tmp_path / "fake.tar.gz"))
    (tmp_path / "photos.7z").write_text("")
    with pytest.raises(ValueError, match=r"neither a folder nor one of .tar.gz, .tgz, .tar, .zip: unpack it"):
        build(None, path=str(tmp_path / "photos.7z"))


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_in_a_folder_are_followed_but_not_in_circles(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 4, "dogs": 4})
    (root / "dogs" / "linked.png").symlink_to(root / "cats" / "000.png")
    assert len(build(None, path=str(root)).images) + 2 == 9
    (root / "dogs" / "up").symlink_to(root)
    with pytest.raises(ValueError, match="is a link to a folder that is already in the tree"):
        build(None, path=str(root))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_pipes_and_devices_are_named_and_not_waited_for(write_tree: WriteTree, tmp_path: Path, kind: str) -> None:
    root = write_tree({"cats": 4, "dogs": 4})
    for path, said in (
        (root / "dogs" / "live.png", f"live.png \\(a {kind}\\)"),
        (tmp_path / "live.tar.gz", f"is a {kind}"),
    ):
        if kind == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to("/dev/zero")
        with pytest.raises(ValueError, match=said):
            build(None, path=str(root if path.suffix == ".png" else path))


def test_a_file_that_is_too_large_for_an_image_is_named_before_it_is_read(
    write_tree: WriteTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (archive_source, file_contents):
        monkeypatch.setattr(module, "LARGEST_FILE", 2**20)
    root = write_tree({"cats": 4, "dogs": 4})
    with (root / "dogs" / "film.png").open("wb") as file:
        file.truncate(2**22)
    with pytest.raises(ValueError, match=r"film\.png \(it has 4 MiB: expected an image file, which has at most 1 MiB"):
        build(None, path=str(root))
    archive = pack(root, tmp_path / "photos.tar.gz")
    with pytest.raises(ValueError, match=r"dogs/film\.png in it has 4 MiB, more than the 1 MiB that a file"):
        build(None, path=str(archive))


@pytest.mark.skipif(os.name == "nt", reason="Windows has other names")
def test_names_need_be_no_text(folder: Path) -> None:
    name = os.fsencode(folder / "cats") + b"/caf\xe9\n.png"
    with open(name, "wb") as file:
        file.write(b"x")
    source = open_source(folder)
    before = source.fingerprint()
    assert any(each.endswith("\udce9\n.png") for each in source.digests()) and len(before) == 64
    shown = first_names([each for each in source.digests() if "caf" in each])
    assert shown == r"cats/caf\udce9\n.png"


def check_damaged(tree: Path, archive: Path, seed: int, count: int) -> None:
    whole = pack(tree, archive).read_bytes()
    for number, damaged in enumerate(mutations(whole, seed, count)):
        archive.write_bytes(damaged)
        try:
            open_source(archive).digests()
        except ValueError as error:
            assert str(archive) in str(error) and len(str(error).splitlines()) == 1, f"mutation {number} of seed {seed}"


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.zip"])
def test_damage_is_named(folder: Path, name: str) -> None:
    check_damaged(folder, folder.parent / name, QUICK_SEED, 100)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.zip"])
def test_much_damage_is_named(folder: Path, name: str) -> None:
    check_damaged(folder, folder.parent / name, fresh_seed(), 3_000)


def test_a_link_to_a_folder_of_the_tree_is_named_whichever_is_found_first(folder: Path) -> None:
    for link in ("a_link", "zebra"):
        (folder / link).symlink_to(folder / "cats", target_is_directory=True)
        with pytest.raises(ValueError, match=f"/{link} is a link to a folder that is already in the tree: remove it"):
            open_source(folder).digests()
        (folder / link).unlink()


def test_an_archive_of_another_kind_is_to_be_unpacked(folder: Path) -> None:
    (folder / "x.rar").write_bytes(b"Rar!")
    with pytest.raises(ValueError, match=r"is neither a folder nor one of .*: unpack it"):
        open_source(folder / "x.rar")


def test_files_to_skip_are_named_and_one_at_least_is_there(folder: Path) -> None:
    for path in (folder, archive(folder)):
        source = open_source(path, frozenset({"cats/a.png", "gone.png"}))
        assert source.skipped_names() == ("cats/a.png",) and list(source.digests()) == ["cats/", "dogs/b.png"]
        assert open_source(path).skipped_names() == ()
        with pytest.raises(ValueError, match=r"none of the 1 files to skip is there \(first: gone.png\): name them as"):
            open_source(path, frozenset({"gone.png"})).skipped_names()
