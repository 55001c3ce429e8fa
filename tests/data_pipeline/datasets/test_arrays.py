import os
import re
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.arrays import arrays
from keras_suite.data_pipeline.images import memory
from keras_suite.data_pipeline.pipeline import training_stream
from keras_suite.data_pipeline.splits import split
from keras_suite.data_pipeline.targets import targets_of
from tests.tasks.reading.mutations import QUICK_SEED, mutations

IMAGES = np.round(load_digits().images * (255 / 16)).astype(np.uint8)
LABELS = load_digits().target


def saved(folder: Path, name: str = "mine.npz", /, **given: Any) -> Path:
    np.savez_compressed(folder / name, **given)
    return folder / name


def loaded(folder: Path, **given: Any) -> Dataset:
    return arrays(None, path=str(saved(folder, **given)))


def test_images_and_labels_are_all_that_is_needed(tmp_path: Path) -> None:
    dataset = loaded(tmp_path, images=IMAGES, labels=LABELS)
    assert (dataset.images.shape, dataset.test_images.shape) == ((1438, 8, 8, 1), (359, 8, 8, 1))
    assert dataset.class_names == tuple("0123456789") and dataset.notes == () and dataset.name == "arrays"
    label = {image.tobytes(): label for image, label in zip(IMAGES, LABELS, strict=True)}
    assert all(label[image.tobytes()] == number for image, number in zip(dataset.images, dataset.labels, strict=True))
    stream = training_stream(dataset.images, targets_of(dataset), split(dataset, 1).train, batch_size=4, seed=1)
    assert next(iter(stream))[0].shape == (4, 8, 8, 1)


def test_the_file_is_looked_for_in_the_data_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path, images=IMAGES, labels=LABELS)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert len(arrays(tmp_path, path="mine.npz").images) == 1438
    with pytest.raises(FileNotFoundError, match=r"arrays path 'other\.npz' does not exist .*: give another `path`"):
        arrays(tmp_path, path="other.npz")
    with pytest.raises(ValueError, match=r"arrays needs `path`: an \.npz with images and labels"):
        arrays(tmp_path)


@pytest.mark.needs_data
def test_the_file_of_mnist_is_read_as_mnist(data_dir: Path) -> None:
    dataset = arrays(data_dir, path="mnist.npz", limit=1000)
    assert (len(dataset.images), len(dataset.test_images)) == (60_000, 10_000)
    assert dataset.images.mean() == pytest.approx(33.318, abs=0.001) and dataset.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert dataset.notes == ()


def test_the_content_decides_and_not_path_type_or_compression(tmp_path: Path) -> None:
    def fingerprint(name: str, **given: Any) -> str:
        return arrays(None, path=str(saved(tmp_path, name, **given))).fingerprint

    before = fingerprint("one.npz", images=IMAGES, labels=LABELS)
    np.savez(tmp_path / "plain.npz", x_train=IMAGES.astype(np.float32) / 255, y_train=LABELS.astype(np.uint8))
    assert arrays(None, path=str(tmp_path / "plain.npz")).fingerprint == before
    assert arrays(None, path=str(tmp_path / "plain.npz"), limit=100, image_size=(9, 9)).fingerprint == before
    changed = IMAGES.copy()
    changed[5, 3, 3] ^= 1
    assert fingerprint("two.npz", images=changed, labels=LABELS) != before


def test_arrays_that_are_left_out_are_said(tmp_path: Path) -> None:
    rows = {"train": slice(0, 1000), "val": slice(1000, 1400), "test": slice(1400, None)}  # as MedMNIST's files
    given = {f"{part}_images": IMAGES[row] for part, row in rows.items()}
    given |= {f"{part}_labels": LABELS[row, np.newaxis] for part, row in rows.items()}
    dataset = loaded(tmp_path, **given)
    assert (len(dataset.images), len(dataset.test_images)) == (1000, 397)
    assert dataset.notes == (
        "left out what is called val_images, val_labels: each run draws its own validation images",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"arr_0": IMAGES}, "has no `images` (it has arr_0): name the arrays with np.savez(path, images=images"),
        ({"images": IMAGES}, "has no `labels` (it has images): name the arrays"),
        ({"images": IMAGES[:5], "labels": LABELS[:4]}, "there are 5 images and 4 labels: give one each"),
        ({"images": IMAGES, "labels": LABELS * 0}, "labels are 0 throughout"),
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, "images are empty"),
        (
            {"images": IMAGES * 257.0, "labels": LABELS},
            "to 65535; expected 0..255, or 0..1: np.round(images * (255 / 6",
        ),
        (
            {"images": IMAGES, "labels": LABELS.astype(object)},
            "Python objects, which could run code: save plain numbers",
        ),
        ({"images": IMAGES[:2], "labels": LABELS[:2]}, "class '0' has 1 image: at least 3 are needed"),
        (
            {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:2] / 255, "y_test": LABELS[:2]},
            "test_images are 0..1 and images before them 0..255",
        ),
        (
            {"x_train": IMAGES, "y_train": LABELS % 9, "x_test": IMAGES, "y_test": LABELS},
            "test_labels hold 9, and no training image is of that class",
        ),
    ],
)
def test_what_cannot_be_used_is_one_line_that_names_the_file(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        loaded(tmp_path, **given)
    assert "mine.npz" in str(error.value) and "\n" not in str(error.value)


def test_what_is_no_npz_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", IMAGES)
    (tmp_path / "text.npz").write_text("a,b\n1,2\n")
    (tmp_path / "empty.npz").write_bytes(b"")
    whole = saved(tmp_path, images=IMAGES, labels=LABELS).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    for name in ("text", "empty", "cut"):
        with pytest.raises(
            ValueError, match=rf"{name}\.npz cannot be read as an \.npz with images and labels \(.*\): "
        ):
            arrays(None, path=str(tmp_path / f"{name}.npz"))
    with pytest.raises(ValueError, match=r"one\.npy is an \.npy, one array without a name: save all in one file"):
        arrays(None, path=str(tmp_path / "one.npy"))
    with pytest.raises(ValueError, match=r"is a folder: expected an \.npz with images and labels"):
        arrays(None, path=str(tmp_path))
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(ValueError, match=r"pipe\.npz is a pipe: expected an \.npz"):
        arrays(None, path=str(tmp_path / "pipe.npz"))


def test_a_small_file_of_gigabytes_is_refused_by_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, images=np.zeros((3000, 100, 100), np.uint8), labels=np.arange(3000) % 2)
    monkeypatch.setattr(memory, "free_bytes", lambda: 20 * 10**6)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"mine\.npz need 0\.0 GB of memory, and 0\.0 GB are free: save fewer images"):
        arrays(None, path=str(path))
    assert tracemalloc.get_traced_memory()[1] < 10 * 10**6
    tracemalloc.stop()
    with zipfile.ZipFile(tmp_path / "twice.npz", "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for _ in range(2):
            archive.writestr("images.npy", b"")
    with pytest.raises(ValueError, match=r"twice\.npz has no `labels`"):
        arrays(None, path=str(tmp_path / "twice.npz"))


def test_damaged_bytes_are_named_or_change_nothing_that_is_checked(tmp_path: Path) -> None:
    whole = saved(tmp_path, images=IMAGES[:40], labels=LABELS[:40] % 2).read_bytes()
    path = tmp_path / "damaged.npz"
    for content in mutations(whole, QUICK_SEED, 60):
        path.write_bytes(content)
        try:
            arrays(None, path=str(path))
        except (ValueError, OSError) as error:
            assert "\n" not in str(error) and "damaged.npz" in str(error)
