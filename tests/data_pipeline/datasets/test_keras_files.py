"""Keras's files: damaged ones are named and left as they are, and no pickle runs code."""

import gzip
import io
import os
import pickle
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.keras_datasets import cifar10, fashion_mnist, mnist
from keras_suite.data_pipeline.datasets.keras_files import read_cifar, read_idx, read_npz
from tests.data_pipeline.datasets.conftest import Arrays, write_cifar10, write_fashion, write_npz
from tests.tasks.reading.mutations import QUICK_SEED, fresh_seed, mutations


@pytest.mark.parametrize("harm", ["cut", "empty", "text", "other keys", "pickles"])
def test_a_damaged_file_is_named_and_kept(folder: Path, grey: Arrays, harm: str) -> None:
    path = folder / "mnist.npz"
    write_npz(path, grey)
    whole = path.read_bytes()
    if harm == "other keys":
        np.savez(path, images=grey[0])
    elif harm == "pickles":
        np.savez(path, x_train=np.array([{}], object), y_train=grey[1], x_test=grey[2], y_test=grey[3])
    else:
        path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"<html>404</html>"}[harm])
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"mnist\.npz cannot be read as an .npz with x_train, y_train.*\(.*\): get it"):
        mnist(folder)
    assert path.read_bytes() == before


def test_a_damaged_or_incomplete_idx_folder_is_named(folder: Path, grey: Arrays) -> None:
    write_fashion(folder / "fashion-mnist", grey)
    labels = folder / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz"
    whole = labels.read_bytes()
    for content in (whole[:20], b"text", gzip.compress(b"text")):
        labels.write_bytes(content)
        with pytest.raises(ValueError, match=r"t10k-labels-idx1-ubyte.gz cannot be read as a gzipped"):
            fashion_mnist(folder)
    labels.unlink()
    with pytest.raises(FileNotFoundError, match=r"t10k-labels.* is missing: put all four"):
        fashion_mnist(folder)


def test_a_damaged_cifar_is_named(folder: Path, tmp_path: Path, colour: Arrays) -> None:
    write_cifar10(folder / "cifar-10-batches-py", colour)
    (folder / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(
        ValueError, match=r"cifar-10-batches-py cannot be read as CIFAR's.*\(KeyError: 'data_batch_3'\)"
    ):
        cifar10(folder)
    (folder / "cifar-10-batches-py" / "data_batch_3").write_bytes(b"not a pickle")
    with pytest.raises(ValueError, match="cannot be read as CIFAR"):
        cifar10(folder)


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('ran foreign code')",)


def test_a_pickle_cannot_run_code(folder: Path, colour: Arrays) -> None:
    write_cifar10(folder / "cifar-10-batches-py", colour)
    content = io.BytesIO()
    pickle.dump({b"data": Harmful(), b"labels": []}, content, protocol=2)
    (folder / "cifar-10-batches-py" / "data_batch_1").write_bytes(content.getvalue())
    with pytest.raises(ValueError, match=r"it asks for .*exec, which is no array"):
        cifar10(folder)


def test_a_small_archive_of_gigabytes_is_refused_by_what_it_says(folder: Path) -> None:
    path = folder / "mnist.npz"
    archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("x_train.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array_header_1_0(member, {"descr": "|u1", "fortran_order": False, "shape": (2**21, 28, 28)})
        member.write(bytes(2**20))
    content = bytearray(path.read_bytes())  # of which it says that it unpacks to 1.5 GiB
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (2**21 * 784 + 128).to_bytes(4, "little")
    path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"'x_train\.npy' in it unpacks to 1\.5 GiB, more than the 1 GiB it may have"):
        mnist(folder)
    assert tracemalloc.get_traced_memory()[1] < 2**23
    tracemalloc.stop()


def test_an_idx_file_that_says_it_is_huge_is_refused(folder: Path, grey: Arrays) -> None:
    write_fashion(folder / "fashion-mnist", grey)
    header = bytes([0, 0, 8, 3]) + np.array([10**6, 10**3, 10**3], ">u4").tobytes()
    (folder / "fashion-mnist" / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(header))
    with pytest.raises(ValueError, match=r"it says that it has 931.3 GiB, more than the 1 GiB it may have"):
        fashion_mnist(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "mnist.npz")
    with pytest.raises(ValueError, match=r"mnist\.npz is a pipe: expected an \.npz with x_train"):
        mnist(folder)
    os.mkfifo(folder / "cifar-10-python.tar.gz")
    with pytest.raises(ValueError, match=r"cifar-10-python\.tar\.gz is a pipe: expected a \.tar"):
        cifar10(folder)


class Doubling:
    """Bytes that double 40 times while they are unpickled."""

    def __init__(self, times: int = 40) -> None:
        self.times = times

    def __reduce__(self) -> tuple[object, tuple[object, str]]:
        import _codecs

        return _codecs.encode, (Doubling(self.times - 1) if self.times else "x", "unicode_escape")


@pytest.mark.parametrize("harm", ["memo", "shape", "doubling", "nested labels", "no labels"])
def test_a_pickle_cannot_take_memory(folder: Path, colour: Arrays, harm: str) -> None:
    write_cifar10(folder / "cifar-10-batches-py", colour)
    labels: object = list(range(10))
    for _ in range(40):
        labels = [labels, labels]
    content = {
        "memo": b"\x80\x02}r\xff\xff\xff\x7f.",
        "shape": b"\x80\x02cnumpy\nndarray\n(J\x00\x00\x00\x40J\x00\x00\x00\x40t\x85R.",
        "doubling": pickle.dumps({b"data": Doubling(), b"labels": []}, protocol=2),
        "nested labels": pickle.dumps({b"data": colour[0][:40].reshape(40, -1), b"labels": labels}, protocol=2),
        "no labels": pickle.dumps({b"data": colour[0][:40].reshape(40, -1), b"labels": "none"}, protocol=2),
    }[harm]
    (folder / "cifar-10-batches-py" / "data_batch_1").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(ValueError, match="cifar-10-batches-py cannot be read as CIFAR's python version") as caught:
        cifar10(folder)
    assert tracemalloc.get_traced_memory()[1] < 2**23
    tracemalloc.stop()
    assert "\n" not in str(caught.value)


def test_a_batch_that_an_archive_holds_twice_is_named(folder: Path, colour: Arrays) -> None:
    write_cifar10(folder / "cifar-10-batches-py", colour)
    with tarfile.open(folder / "twice.tar.gz", "w:gz") as archive:
        for name in ("data_batch_1", "data_batch_1"):
            archive.add(folder / "cifar-10-batches-py" / name, name)
    with pytest.raises(ValueError, match="it holds 'data_batch_1' twice"):
        read_cifar(folder / "twice.tar.gz")


def check_damaged(folder: Path, grey: Arrays, colour: Arrays, seed: int, count: int) -> None:
    """Damage is named in one line, or the shapes are still right; archives with checksums give the same or nothing."""
    few = tuple(array[:20] for array in grey)
    write_npz(folder / "mnist.npz", few)  # type: ignore[arg-type]
    write_fashion(folder / "fashion-mnist", few)  # type: ignore[arg-type]
    write_cifar10(folder / "cifar-10-batches-py", colour)
    targets = {
        folder / "mnist.npz": lambda: read_npz(folder / "mnist.npz"),
        folder / "fashion-mnist" / "train-images-idx3-ubyte.gz": lambda: read_idx(folder / "fashion-mnist"),
        folder / "cifar-10-batches-py" / "test_batch": lambda: read_cifar(folder / "cifar-10-batches-py"),
    }
    for path, read in targets.items():
        whole, honest = path.read_bytes(), read()
        for number, damaged in enumerate(mutations(whole, seed, count)):
            path.write_bytes(damaged)
            try:
                found = read()
            except ValueError as error:
                assert len(str(error).splitlines()) == 1, f"mutation {number} of seed {seed}"
            else:
                same = all(np.array_equal(one, other) for one, other in zip(found, honest, strict=True))
                assert same or path.name == "test_batch", f"mutation {number} of seed {seed}"
        path.write_bytes(whole)


def test_damage_is_named(folder: Path, grey: Arrays, colour: Arrays) -> None:
    check_damaged(folder, grey, colour, QUICK_SEED, 60)


@pytest.mark.slow
def test_much_damage_is_named(folder: Path, grey: Arrays, colour: Arrays) -> None:
    check_damaged(folder, grey, colour, fresh_seed(), 2_000)
