import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.image_folder import image_folder as build
from keras_suite.data_pipeline.images import decoded_images
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
    assert dataset.notes == ("24 images in colour turned grey (first: dogs/000.png)",)
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
