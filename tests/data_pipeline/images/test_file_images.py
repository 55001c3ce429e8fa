"""Images that stay in their files are those that are decoded once and stored, wherever they are read."""

import tarfile
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.image_folder import image_folder
from keras_suite.data_pipeline.datasets.image_table import image_table
from keras_suite.data_pipeline.images import decoded_images, memory
from keras_suite.data_pipeline.images.file_images import ChangedFile, FileImages, are_in_files, take_rows
from keras_suite.data_pipeline.pipeline import evaluation_batches, training_stream
from keras_suite.data_pipeline.targets import targets_of
from tests.data_pipeline.conftest import WriteTree, pack

KINDS = ("plain.jpg", "turned.jpg", "grey.png", "deep.png", "clear.png", "large.jpg")


@pytest.fixture
def photographs(data_dir: Path, tmp_path: Path) -> Path:
    """40 real photographs of two kinds, of their own sizes."""
    with tarfile.open(data_dir / "dogs_vs_cats.tar.gz") as archive:
        members = [member for member in archive if "/train/" in member.name and member.name.endswith(".jpg")]
        chosen = [member for kind in ("cats", "dogs") for member in members if f"/{kind}/" in member.name]
        archive.extractall(tmp_path, [*chosen[:20], *chosen[-20:]], filter="data")
    return next(tmp_path.glob("*/train"))


def both(build: object = image_folder, **options: object) -> tuple[Dataset, Dataset]:
    """The data set as it is stored, and in its files."""
    stored, in_files = build(None, **options), build(None, cache=False, **options)  # type: ignore[operator]
    assert not are_in_files(stored.images) and are_in_files(in_files.images)
    return stored, in_files


def assert_equal(stored: Dataset, in_files: Dataset) -> None:
    assert np.array_equal(np.asarray(in_files.images), stored.images)
    assert np.array_equal(np.asarray(in_files.test_images), stored.test_images)
    assert (in_files.fingerprint, in_files.notes, in_files.class_names) == (
        stored.fingerprint,
        stored.notes,
        stored.class_names,
    )
    assert in_files.origin.names == stored.origin.names and in_files.origin.levels == stored.origin.levels


@pytest.mark.needs_data
def test_photographs_have_the_same_pixels_batches_and_names(photographs: Path) -> None:
    stored, in_files = both(path=str(photographs), image_size=[48, 64])
    assert_equal(stored, in_files)
    rows = np.arange(0, 32, 3)
    streams = [
        training_stream(each.images, targets_of(each), rows, batch_size=4, seed=3, start_epoch=2).take(7)
        for each in (stored, in_files)
    ]
    for (one, label), (other, other_label) in zip(*streams, strict=True):
        assert np.array_equal(one, other) and np.array_equal(label, other_label)
    passes = [evaluation_batches(each.images, targets_of(each), rows, batch_size=5) for each in (stored, in_files)]
    for (one, _), (other, _) in zip(*passes, strict=True):
        assert np.array_equal(one, other)


def write_kind(path: Path, number: int, size: int = 40) -> None:
    """An image file of one of the kinds that are converted when they are read."""
    random = np.random.default_rng(number)
    pixels = random.integers(0, 256, (size, size + 8, 3), np.uint8)
    if path.name.startswith("deep"):
        Image.fromarray(random.integers(0, 3000 + 100 * number, (size, size + 8)).astype(np.uint16)).save(path)
    elif path.name.startswith("grey"):
        Image.fromarray(pixels[..., 0]).save(path)
    elif path.name.startswith("clear"):
        Image.fromarray(np.dstack([pixels, pixels[..., :1]]), "RGBA").save(path)
    else:
        exif = Image.Exif()
        exif[0x0112] = 6 if path.name.startswith("turned") else 1
        image = Image.fromarray(pixels).resize((640, 480)) if path.name.startswith("large") else Image.fromarray(pixels)
        image.save(path, exif=exif)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("levels", ["dataset", "image", (100.0, 2000.0)])
def test_files_of_every_kind_are_converted_as_they_are_when_stored(
    tmp_path: Path, channels: int, levels: object
) -> None:
    for kind in ("cats", "dogs"):
        (tmp_path / "tree" / kind).mkdir(parents=True)
        for number in range(4):
            for name in KINDS:
                write_kind(tmp_path / "tree" / kind / name.replace(".", f"{number}."), number + 10 * (kind == "dogs"))
    options = {"path": str(tmp_path / "tree"), "image_size": [16, 24], "channels": channels, "levels": levels}
    assert_equal(*both(**options, classes=["dogs", "cats"], test_limit=6))


def test_a_tables_rows_too(write_tree: WriteTree, tmp_path: Path) -> None:
    root = write_tree({"a": 9, "b": 9})
    lines = [f"{path.relative_to(root)},{path.parent.name}" for path in sorted(root.rglob("*.png"))]
    (root / "table.csv").write_text("image,label\n" + "\n".join(lines), encoding="utf-8")
    assert_equal(*both(image_table, path=str(root / "table.csv"), label="label"))


def test_what_it_reads_like(write_tree: WriteTree) -> None:
    stored, in_files = both(path=str(write_tree({"a": 9, "b": 9})))
    plain, images = stored.images, in_files.images
    assert isinstance(images, FileImages)
    assert (images.shape, images.ndim, images.dtype, images.nbytes, len(images)) == (
        plain.shape,
        plain.ndim,
        plain.dtype,
        plain.nbytes,
        len(plain),
    )
    some = np.array([3, -1, 0])
    for key in (2, -1, np.int64(5), some, [1, 2], np.arange(len(plain)) % 2 == 0):
        assert np.array_equal(images[key], plain[key])
    for lazy, eager in ((images[2:9:2], plain[2:9:2]), (take_rows(images, some), plain[some])):
        assert isinstance(lazy, FileImages) and np.array_equal(np.stack([*lazy]), eager)
    assert np.array_equal(images[..., :1], plain[..., :1])
    assert np.array_equal(take_rows(plain, some), plain[some])


def test_nothing_decoded_is_stored(write_tree: WriteTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    root = write_tree({"a": 40, "b": 40})
    in_files = image_folder(None, path=str(root), cache=False)
    [kept] = (decoded_images.cache_folder() / "decoded").iterdir()
    assert len(np.load(kept / "images.npy")) == 0
    again = image_folder(None, path=str(root), cache=False)
    assert np.array_equal(np.asarray(again.images), np.asarray(in_files.images))


def test_a_file_that_is_changed_or_gone_is_named(write_tree: WriteTree) -> None:
    images = image_folder(None, path=str(write_tree({"a": 9, "b": 9})), cache=False).images
    assert isinstance(images, FileImages)
    first, second = (images.folder / images.files[row] for row in images.rows[:2])
    Image.fromarray(255 - np.asarray(Image.open(first))).save(first)
    with pytest.raises(ChangedFile, match=r"has changed since the data were first read: restore it, or start again"):
        images[0]
    second.unlink()
    with pytest.raises(ChangedFile, match=r"can no longer be read \(.*\): restore it, and start again"):
        images[np.array([1, 2])]


def test_what_needs_all_of_them_in_memory_is_refused_where_they_do_not_fit(
    write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = image_folder(None, path=str(write_tree({"a": 9, "b": 9})), cache=False).images
    monkeypatch.setattr(memory, "free_bytes", lambda: 1000)
    with pytest.raises(memory.TooLarge, match=r"decoded when they are read \(dataset.cache=false\), need"):
        np.asarray(images)


def test_an_archive_and_another_folder_cannot_stay_in_files(write_tree: WriteTree, tmp_path: Path) -> None:
    root = write_tree({"a": 9, "b": 9})
    with pytest.raises(ValueError, match=r"is an archive, and dataset.cache=false reads single files: unpack it"):
        image_folder(None, path=str(pack(root, tmp_path / "a.tar.gz", "")), cache=False)
    with pytest.raises(ValueError, match="joins images in memory, and cache=false holds none"):
        image_folder(None, path=str(root), other=str(root), cache=False)


def test_a_stream_does_not_keep_the_images_alive(write_tree: WriteTree) -> None:
    dataset = image_folder(None, path=str(write_tree({"a": 9, "b": 9})), cache=False)
    images = replace(dataset.images)  # type: ignore[type-var]
    alive = weakref.ref(images)
    stream = training_stream(images, targets_of(dataset), np.arange(8), batch_size=4, seed=1)  # type: ignore[arg-type]
    assert isinstance(next(iter(stream))[0], tf.Tensor)
    del stream, images
    assert alive() is None
