"""Arrays come back as they were saved; headers that ask for more than is there, or for objects, are named."""

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_suite.tasks.reading.arrays import npz_sizes, read_npy, read_npz
from tests.tasks.reading.mutations import QUICK_SEED, fresh_seed, mutations


def saved(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def read(content: bytes) -> np.ndarray:
    return read_npy(io.BytesIO(content), len(content))


@given(hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, min_side=0)), st.booleans())
def test_any_array_of_plain_values_comes_back(array: np.ndarray, by_columns: bool) -> None:
    assume(array.dtype.itemsize or not array.size)
    array = np.asfortranarray(array) if by_columns else array
    found = read(saved(array))
    assert found.dtype == array.dtype and found.shape == array.shape and found.tobytes() == array.tobytes()


def with_header(header: str, content: bytes = bytes(100), version: bytes = b"\1\0") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY" + version + len(text).to_bytes(2 if version == b"\1\0" else 4, "little") + text + content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"),
            "needs 7,450.6 GiB, in 100",
        ),
        (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (2**40, 2**40)}"), "malformed"),
        (with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (-10, -10)}"), r"shape \(-10, -10\)"),
        (with_header("{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000000,)}", b""), "and type .V0"),
        (with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (99,)}"), "needs 99 bytes, in 100 bytes"),
        (with_header("{'descr': '|O', 'fortran_order': False, 'shape': ()}"), "Python objects, which could run code"),
        (with_header("{'descr': [('a', '|O')], 'fortran_order': False, 'shape': ()}"), "Python objects"),
        (with_header("[" * 3000 + "]" * 3000, version=b"\2\0"), "too many nested|header"),
        (with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (100,)}", version=b"\3\0"), "format 3.0"),
        (saved(np.array([{}], object), allow_pickle=True), "Python objects"),
        (b"", "magic"),
        (b"PK\3\4", "magic"),
    ],
)
def test_arrays_that_ask_for_more_than_is_there_are_named(content: bytes, said: str) -> None:
    with pytest.raises((ValueError, MemoryError, RecursionError), match=said):
        read(content)


def write(path: Path) -> dict[str, np.ndarray]:
    arrays = {"x": np.arange(600, dtype=np.uint8).reshape(20, 30), "y": np.arange(20), "z": np.array(2.5)}
    np.savez_compressed(path, **arrays)
    return arrays


def test_an_archive_gives_the_arrays_that_are_asked_for(tmp_path: Path) -> None:
    arrays = write(tmp_path / "a.npz")
    found = read_npz(tmp_path / "a.npz", ("y", "x"), at_most=10_000, expected="arrays")
    assert np.array_equal(found[0], arrays["y"]) and np.array_equal(found[1], arrays["x"])
    with pytest.raises(ValueError, match=r"it holds no 'w\.npy'"):
        read_npz(tmp_path / "a.npz", ("w",), at_most=10_000, expected="arrays")


def test_the_limit_is_that_of_all_arrays_together(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(5_000, np.uint8), y=np.zeros(5_000, np.uint8))
    assert len(read_npz(tmp_path / "a.npz", ("x",), at_most=6_000, expected="arrays")) == 1
    with pytest.raises(ValueError, match=r"'y\.npy' in it unpacks to 5 KiB, more than the 872 bytes it may have"):
        read_npz(tmp_path / "a.npz", ("x", "y"), at_most=6_000, expected="arrays")


def check_damaged(path: Path, seed: int, count: int) -> None:
    arrays = write(path)
    for number, damaged in enumerate(mutations(path.read_bytes(), seed, count)):
        path.write_bytes(damaged)
        try:
            found = read_npz(path, tuple(arrays), at_most=10_000, expected="arrays")
        except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError):
            continue
        for before, after in zip(arrays.values(), found, strict=True):
            assert np.array_equal(before, after), f"mutation {number} of seed {seed}"


def test_damage_is_noticed_or_changes_nothing(tmp_path: Path) -> None:
    check_damaged(tmp_path / "a.npz", QUICK_SEED, 300)


@pytest.mark.slow
def test_much_damage_is_noticed_or_changes_nothing(tmp_path: Path) -> None:
    check_damaged(tmp_path / "a.npz", fresh_seed(), 5_000)


def test_the_arrays_of_an_archive_are_listed_without_reading_them(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "x.npz", images=np.zeros((1000, 100), np.uint8), labels=np.array(["a", "b"]))
    with zipfile.ZipFile(tmp_path / "x.npz", "a") as archive:
        archive.writestr("notes.txt", "no array")
    sizes = npz_sizes(tmp_path / "x.npz", at_most=10_000, expected="an .npz")
    assert set(sizes) == {"images", "labels"} and sizes["images"] == 100_000 + 128
    with pytest.raises(ValueError, match=r"x\.npz has .*: expected an .npz, which has at most 10 bytes"):
        npz_sizes(tmp_path / "x.npz", at_most=10, expected="an .npz")
