"""Files are decoded in parallel into the right rows, once; what was converted is counted, what is no image is named."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.datasets.image_folder import image_folder as build
from keras_suite.data_pipeline.images import decoded_images, decoding
from keras_suite.data_pipeline.images.decoding import decode_files, image_shape, storage_key
from keras_suite.data_pipeline.images.image_sources import open_source
from tests.data_pipeline.conftest import WriteTree, pack


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


def test_without_a_size_all_images_must_have_one(folder: Path) -> None:
    Image.fromarray(np.zeros((5, 4), np.uint8)).save(folder / "39.png")
    assert image_shape(open_source(folder), ["00.png"]) == (6, 4)
    with pytest.raises(ValueError, match=r"several sizes, 6x4 and 5x4 \(39.png\): give image_size"):
        decoded(folder, ["00.png", "39.png"], stretch=False)


def test_stored_images_are_named_by_all_that_decides_them() -> None:
    names = {storage_key("a", (8, 8), 1), storage_key("a", (8, 8), 3), storage_key("a", None, 1), storage_key("b")}
    assert len(names) == 4


def test_what_waits_in_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_BYTES_A_TASK", 100)
    files = [(str(number), bytes(size)) for number, size in enumerate((40, 40, 40, 500, 1, 1))]
    assert [[name for name, _ in task] for task in decoding._tasks(iter(files), 30)] == [
        ["0", "1"],
        ["2"],
        ["3"],
        ["4", "5"],
    ]
    many = [(str(number), b"") for number in range(70)]
    assert [len(task) for task in decoding._tasks(iter(many), 0)] == [32, 32, 6]


def test_files_that_are_no_images_are_counted_and_named(write_tree: WriteTree) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    (root / "cats" / "notes.jpg").write_text("not a cat")
    (root / "dogs" / "empty.jpg").touch()
    whole = (root / "dogs" / "001.png").read_bytes()
    (root / "dogs" / "001.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        ValueError, match=r"3 of 12 files cannot be used: cats/notes.jpg \(not an image\), .*; repair"
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
        "3 images in grey repeated over 3 channels (first: cats/001.png)",
        "1 image with transparency laid on white (first: dogs/004.png)",
    )


def test_photographs_are_decoded_once(write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_tree({"cats": 5, "dogs": 5})
    first = build(None, path=str(root))
    monkeypatch.setattr(decoding, "decode", lambda *_: pytest.fail("decoded again"))
    second = build(None, path=str(root))
    assert (first.images == second.images).all() and (first.test_labels == second.test_labels).all()
    assert first.notes == second.notes


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
