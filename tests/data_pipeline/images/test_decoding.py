"""Files are decoded in parallel into the right rows; what cannot be decoded is named, all at once."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.images.decoding import decode_files, image_shape, storage_key
from keras_suite.data_pipeline.images.image_sources import open_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(40):
        Image.fromarray(np.full((6, 4), number, np.uint8)).save(tmp_path / f"{number:02d}.png")
    return tmp_path


def decoded(folder: Path, files: list[str], size: tuple[int, int] = (6, 4), stretch: bool = True) -> np.ndarray:
    images = np.zeros((len(files), *size, 1), np.uint8)
    decode_files(open_source(folder), files, size, 1, images.__setitem__, stretch=stretch)
    return images


def test_each_image_is_put_into_the_row_of_its_file(folder: Path) -> None:
    files = [f"{number:02d}.png" for number in reversed(range(40))]
    assert decoded(folder, files)[:, 0, 0, 0].tolist() == list(reversed(range(40)))


def test_all_files_that_are_no_images_are_counted_and_named(folder: Path) -> None:
    for name in ("00.png", "07.png"):
        (folder / name).write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"2 of 3 files cannot be used: 00.png .*07.png"):
        decoded(folder, ["00.png", "05.png", "07.png"])


def test_without_a_size_all_images_must_have_one(folder: Path) -> None:
    Image.fromarray(np.zeros((5, 4), np.uint8)).save(folder / "39.png")
    assert image_shape(open_source(folder), ["00.png"]) == (6, 4)
    with pytest.raises(ValueError, match=r"several sizes, 6x4 and 5x4 \(39.png\): give image_size"):
        decoded(folder, ["00.png", "39.png"], stretch=False)


def test_stored_images_are_named_by_all_that_decides_them() -> None:
    names = {storage_key("a", (8, 8), 1), storage_key("a", (8, 8), 3), storage_key("a", None, 1), storage_key("b")}
    assert len(names) == 4
