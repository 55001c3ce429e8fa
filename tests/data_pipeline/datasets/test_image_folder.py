import io
import os
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.datasets.image_folder import image_folder as build
from keras_suite.data_pipeline.images import decoded_images, decoding
from keras_suite.data_pipeline.images.decoding import decode_files
from keras_suite.data_pipeline.images.image_files import read_image
from keras_suite.data_pipeline.pipeline import training_stream
from keras_suite.data_pipeline.splits import split
from keras_suite.data_pipeline.targets import targets_of
from tests.data_pipeline.conftest import SIDE, WriteTree, pack


def test_a_folder_becomes_a_dataset(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 20, "dogs": 10})
    dataset = build(None, path=str(root))
    assert dataset.images.shape == (24, SIDE, SIDE, 3) and dataset.test_images.shape == (6, SIDE, SIDE, 3)
    assert dataset.class_names == ("cats", "dogs") and np.bincount(dataset.labels).tolist() == [16, 8]
    stored = {image.tobytes() for image in (*dataset.images, *dataset.test_images)}
    assert stored == {read_image(path, None, 3).tobytes() for path in root.rglob("*.png")}


def test_folder_and_archive_give_the_same_images(write_tree: WriteTree, tmp_path: Path) -> None:
    root = write_tree({"train/cats": 6, "train/dogs": 5, "test/cats": 2, "test/dogs": 3})
    folder = build(None, path=str(root), image_size=(16, 20))
    for name, inside in (("a.tar.gz", "photos/"), ("b.tgz", "./"), ("c.tar", "")):
        archive = build(None, path=str(pack(root, tmp_path / name, inside)), image_size=(16, 20))
        assert (archive.images == folder.images).all() and (archive.test_images == folder.test_images).all()
        assert (archive.labels == folder.labels).all() and archive.class_names == folder.class_names


def test_options(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 12, "dogs": 12, "emus": 12})
    dataset = build(
        None, path=str(root), image_size=(8, 9), channels=1, classes=("dogs", "emus"), test_fraction=0.5, test_limit=4
    )
    assert dataset.images.shape == (12, 8, 9, 1) and dataset.test_images.shape == (4, 8, 9, 1)
    assert dataset.notes == ("24 colour image(s) turned grey (first: dogs/000.png)",)
    with pytest.raises(ValueError, match="limit=50 must be from 6"):
        build(None, path=str(root), limit=50)


def test_a_relative_path_is_looked_for_here_then_in_the_data_folder(
    write_tree: WriteTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree({"cats": 4, "dogs": 4})
    monkeypatch.chdir(tmp_path)
    assert len(build(None, path="tree").images) == 6
    monkeypatch.chdir("/")
    assert len(build(tmp_path, path="tree").images) == 6
    with pytest.raises(FileNotFoundError, match=r"path 'elsewhere' does not exist \(looked for .*elsewhere and .*else"):
        build(tmp_path, path="elsewhere")
    with pytest.raises(ValueError, match="image_folder needs `path`"):
        build(tmp_path)


def test_files_that_are_no_images_are_counted_and_named(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    (root / "cats" / "notes.txt").write_text("not a cat")
    (root / "dogs" / "empty.jpg").touch()
    whole = (root / "dogs" / "001.png").read_bytes()
    (root / "dogs" / "001.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        ValueError, match=r"3 of 12 files cannot be used: cats/notes.txt \(not an image\), .*; mend"
    ) as said:
        build(None, path=str(root))
    assert "dogs/001.png (damaged" in str(said.value) and "dogs/empty.jpg (an empty file)" in str(said.value)
    assert not list(decoded_images.cache_folder().rglob("*.npy"))


def test_images_of_several_sizes_need_a_size(write_tree: WriteTree, photograph: np.ndarray) -> None:
    root = write_tree({"cats": 4, "dogs": 4})
    Image.fromarray(photograph[:30, :40]).save(root / "dogs" / "larger.png")
    with pytest.raises(ValueError, match=r"several sizes, 24x24 and 30x40 \(dogs/larger.png\): give image_size="):
        build(None, path=str(root))
    assert build(None, path=str(root), image_size=(24, 24)).images.shape[1:] == (24, 24, 3)


def test_conversions_are_counted_and_the_first_is_named(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    for path in (root / "cats" / "001.png", root / "cats" / "003.png", root / "dogs" / "002.png"):
        Image.open(path).convert("L").save(path)
    Image.open(root / "dogs" / "004.png").convert("RGBA").save(root / "dogs" / "004.png")
    assert build(None, path=str(root)).notes == (
        "3 grey image(s) repeated over 3 channels (first: cats/001.png)",
        "1 image(s) with transparency laid on white (first: dogs/004.png)",
    )


def test_swapped_photographs_have_another_fingerprint_and_other_pixels(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    before = build(None, path=str(root))
    one, other = root / "cats" / "000.png", root / "dogs" / "000.png"
    times = one.stat().st_mtime_ns, other.stat().st_mtime_ns
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second), other.write_bytes(first)
    os.utime(one, ns=(times[0],) * 2), os.utime(other, ns=(times[1],) * 2)
    after = build(None, path=str(root))
    assert after.fingerprint != before.fingerprint and not (after.images == before.images).all()


def test_fingerprint_follows_the_content_not_the_place(write_tree: WriteTree, tmp_path: Path) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    before = build(None, path=str(root)).fingerprint
    shutil.move(root, tmp_path / "moved")
    (tmp_path / "moved" / "cats" / ".DS_Store").write_bytes(b"a file browser was here")
    assert build(None, path=str(tmp_path / "moved"), image_size=(5, 5)).fingerprint == before


def test_photographs_are_decoded_once(write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    first = build(None, path=str(root))
    monkeypatch.setattr(decoding, "decode", lambda *_: pytest.fail("decoded again"))
    second = build(None, path=str(root))
    assert (first.images == second.images).all() and (first.test_labels == second.test_labels).all()
    assert first.notes == second.notes


def test_sets_larger_than_memory_stay_on_disk_all_the_way(
    write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_tree({"cats": 20, "dogs": 20})
    in_memory = build(None, path=str(root))
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", 1000)
    for dataset in (build(None, path=str(root), limit=12), build(None, path=str(root), limit=12, image_size=(20, 20))):
        assert isinstance(dataset.images, np.memmap) and isinstance(dataset.test_images, np.memmap)
        chosen = split(dataset, 1)
        stream = training_stream(dataset.images, targets_of(dataset), chosen.train, batch_size=8, seed=1)
        images, labels = next(iter(stream))
        assert images.shape == (8, *dataset.image_shape) and labels.shape == (8, 2)
    assert (build(None, path=str(root)).images == in_memory.images).all()


@pytest.mark.parametrize("packed", [False, True])
def test_data_that_change_while_they_are_read_are_refused(
    write_tree: WriteTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    path = pack(root, tmp_path / "a.tar") if packed else root

    def decode_and_change(*arguments: object, **options: object) -> tuple[str, ...]:
        notes = decode_files(*arguments, **options)  # type: ignore[arg-type]
        shutil.copy(root / "cats" / "000.png", root / "cats" / "late.png")
        if packed:
            pack(root, path)
        return notes

    monkeypatch.setattr(decoding, "decode_files", decode_and_change)
    with pytest.raises(ValueError, match="changed while it was being read"):
        build(None, path=str(path))
    assert not list(decoded_images.cache_folder().rglob("*.npy"))


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


@pytest.mark.parametrize("name", ["cut.tar.gz", "cut.tar"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_archive_is_named_and_left_alone(
    write_tree: WriteTree, tmp_path: Path, name: str, kept: float
) -> None:
    archive = pack(write_tree({"cats": 20, "dogs": 20}), tmp_path / name)
    whole = archive.read_bytes().rstrip(b"\0") if name.endswith(".tar") else archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * kept)])
    before = archive.read_bytes()
    with pytest.raises(ValueError, match=rf"{name} is damaged or cut short"):
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
        ValueError, match=r"fake.tar.gz is damaged or cut short \(.*\): get it anew, it was left as it is"
    ):
        build(None, path=str(tmp_path / "fake.tar.gz"))
    (tmp_path / "photos.zip").write_text("")
    with pytest.raises(ValueError, match=r"neither a folder nor one of .tar.gz, .tgz, .tar"):
        build(None, path=str(tmp_path / "photos.zip"))


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_in_a_folder_are_followed_but_not_in_circles(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 4, "dogs": 4})
    (root / "dogs" / "linked.png").symlink_to(root / "cats" / "000.png")
    assert len(build(None, path=str(root)).images) + 2 == 9
    (root / "dogs" / "up").symlink_to(root)
    with pytest.raises(ValueError, match="is a link to a folder that is already in the tree"):
        build(None, path=str(root))


@pytest.mark.needs_data
def test_real_photographs(data_dir: Path) -> None:
    dataset = build(data_dir, path="dogs_vs_cats.tar.gz", image_size=(32, 32))
    assert dataset.images.shape == (2000, 32, 32, 3) and dataset.test_images.shape == (500, 32, 32, 3)
    assert dataset.class_names == ("cats", "dogs")
    assert np.bincount(dataset.labels).tolist() == [1000, 1000] and np.bincount(dataset.test_labels).tolist() == [
        250,
        250,
    ]
    assert 100 < dataset.images.mean() < 130 and dataset.notes == ()
