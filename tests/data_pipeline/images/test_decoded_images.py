import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from keras_suite.data_pipeline.images import decoded_images
from keras_suite.data_pipeline.images.decoded_images import Entry, build, collect, load

SHAPE = (6, 4, 5, 3)
IMAGES = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
ENTRY = Entry(("a", "b"), (2, 2), (1, 1), ("a note",))


def fill(put: decoded_images.Put) -> Entry:
    for row in (3, 0, 5, 1, 4, 2):  # archives come in any order
        put(row, IMAGES[row])
    return ENTRY


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the images were too large for memory."""
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", 100)


def test_small_sets_come_back_in_memory(cache: Path) -> None:
    built, entry = build("k", SHAPE, fill)
    loaded = load("k")
    assert loaded is not None
    assert not isinstance(loaded[0], np.memmap)
    assert (built == IMAGES).all() and (loaded[0] == IMAGES).all()
    assert entry == loaded[1] == ENTRY


@pytest.mark.usefixtures("on_disk")
def test_large_sets_are_memory_mapped(cache: Path) -> None:
    for images, entry in (build("k", SHAPE, fill), load("k") or pytest.fail("not kept")):
        assert isinstance(images, np.memmap) and (images == IMAGES).all() and entry == ENTRY
        assert isinstance(images[:4], np.memmap)


def test_nothing_there_is_none_and_nothing_is_said(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert load("k") is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("limit", [100, 10**9])
def test_each_changed_byte_and_each_cut_is_noticed_or_changes_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, limit: int, step: int
) -> None:
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", limit)
    build("k", SHAPE, fill)
    for path in sorted((cache / "decoded" / "k").iterdir()):
        whole = path.read_bytes()
        for at in range(0, len(whole), step):
            for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]):
                path.write_bytes(damaged)
                loaded = load("k")
                assert loaded is None or ((loaded[0] == IMAGES).all() and loaded[1] == ENTRY), (path.name, at)
                assert loaded is None or path.name == "entry.json", at
        path.write_bytes(whole)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("name", ["entry.json", "images.npy"])
def test_a_pipe_in_an_entrys_place_is_not_waited_for(cache: Path, name: str) -> None:
    build("k", SHAPE, fill)
    (cache / "decoded" / "k" / name).unlink()
    os.mkfifo(cache / "decoded" / "k" / name)
    assert load("k") is None
    build("k", SHAPE, fill)
    assert load("k") is not None


def test_a_file_in_an_entrys_place_is_replaced(cache: Path) -> None:
    (cache / "decoded").mkdir(parents=True)
    (cache / "decoded" / "k").touch()
    assert load("k") is None
    build("k", SHAPE, fill)
    assert load("k") is not None


def test_what_killed_processes_left_goes_after_a_day(cache: Path) -> None:
    old, new, working = (cache / "decoded" / f".new-{name}" for name in ("old", "new", "working"))
    for folder in (old, new, working):
        folder.mkdir(parents=True)
        (folder / "images.npy").touch()
    for path in (old / "images.npy", old, working):  # a file that is still being written is younger than its folder
        os.utime(path, (time.time() - 90_000,) * 2)
    build("k", SHAPE, fill)
    assert {path.name for path in (cache / "decoded").iterdir()} == {"k", ".new-new", ".new-working"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_colleagues_may_read_what_the_umask_lets_them(cache: Path) -> None:
    before = os.umask(0o027)
    try:
        build("k", SHAPE, fill)
    finally:
        os.umask(before)
    assert (cache / "decoded" / "k").stat().st_mode & 0o777 == 0o750
    assert (cache / "decoded" / "k" / "images.npy").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("harm", ["cut", "flip", "header", "gone", "foreign json", "no json", "edited"])
def test_a_damaged_entry_is_noticed_and_built_anew(cache: Path, harm: str, capsys: pytest.CaptureFixture[str]) -> None:
    build("k", SHAPE, fill)
    images, entry = cache / "decoded" / "k" / "images.npy", cache / "decoded" / "k" / "entry.json"
    content = bytearray(images.read_bytes())
    if harm == "cut":
        images.write_bytes(content[:-10])
    elif harm == "flip":
        content[-7] ^= 1
        images.write_bytes(content)
    elif harm == "header":
        images.write_bytes(b"\x93NUMPY\x01\x00" + content[8:].replace(b"(6, 4", b"(7, 4"))
    elif harm == "gone":
        images.unlink()
    elif harm == "foreign json":
        entry.write_text("[]")
    elif harm == "no json":
        entry.write_text(entry.read_text()[:-3])
    else:
        stored = json.loads(entry.read_text())
        stored["entry"]["train_counts"] = [3, 1]
        entry.write_text(json.dumps(stored))
    assert load("k") is None
    said = capsys.readouterr().err
    assert f"the decoded images in {cache / 'decoded' / 'k'} are damaged (" in said and said.count("\n") == 1
    build("k", SHAPE, fill)
    assert (load("k") or pytest.fail("not kept"))[1] == ENTRY


@pytest.mark.parametrize("limit", [100, 10**9])
def test_an_error_while_filling_leaves_nothing_behind(cache: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", limit)

    def broken(put: decoded_images.Put) -> Entry:
        put(0, IMAGES[0])
        raise ValueError("a broken photograph")

    with pytest.raises(ValueError, match="a broken photograph"):
        build("k", SHAPE, broken)
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_more_than_the_disk_has_room_for_is_refused_before_anything_is_decoded(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", 100)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=50))
    decoded: list[int] = []
    with pytest.raises(
        OSError, match=r"cannot be kept in .* \(0.0 GiB are free\): set CACHE_DIR .* or dataset.cache=false"
    ):
        build("k", SHAPE, lambda put: decoded.append(1) or ENTRY)  # type: ignore[func-returns-value]
    assert not decoded and not [path for path in cache.rglob("*") if path.is_file()]


def test_without_a_usable_folder_small_sets_work_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "file" / "below"))  # stands for read-only, which root can write
    images, entry = build("k", SHAPE, fill)
    assert (images == IMAGES).all()
    assert entry.notes[0] == "a note" and "could not be kept" in entry.notes[1] and "Not a directory" in entry.notes[1]
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", 100)
    with pytest.raises(OSError, match=r"need 0.0 GiB and cannot be kept in .*Not a directory.*: set CACHE_DIR"):
        build("k", SHAPE, fill)


def test_a_full_disk(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(decoded_images, "_describe", full)
    images, entry = build("k", SHAPE, fill)
    assert (images == IMAGES).all() and "No space left on device" in entry.notes[1]
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", 100)
    with pytest.raises(OSError, match=r"No space left on device.*: set CACHE_DIR to a writable folder with room"):
        build("k", SHAPE, fill)
    assert not [path for path in cache.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("on_disk")
def test_an_unreadable_photograph_is_not_blamed_on_the_cache(cache: Path) -> None:
    def unreadable(put: decoded_images.Put) -> Entry:
        raise PermissionError(errno.EACCES, "Permission denied", "/photos/cat.jpg")

    with pytest.raises(PermissionError, match=r"/photos/cat.jpg"):
        build("k", SHAPE, unreadable)


def test_another_process_that_was_faster_is_no_error(cache: Path) -> None:
    def fill_while_another_finishes(put: decoded_images.Put) -> Entry:
        build("k", SHAPE, fill)
        return fill(put)

    images, _ = build("k", SHAPE, fill_while_another_finishes)
    assert (images == IMAGES).all() and load("k") is not None
    assert [path.name for path in (cache / "decoded").iterdir()] == ["k"]


@pytest.mark.parametrize("limit", [100, 200, 10**9])
def test_images_of_which_nobody_knows_how_many_there_are_come_back(
    cache: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", limit)
    entry = Entry(notes=("a note",), arrays={"labels": np.arange(6), "names": np.array(["a", "é"])})
    for images, found in (
        collect("k", iter([IMAGES[:1], IMAGES[1:4], IMAGES[4:]]), lambda: entry),
        load("k") or pytest.fail("not kept"),
    ):
        assert isinstance(images, np.memmap) == (limit < 1000) and np.array_equal(images, IMAGES)
        assert found == entry and found.arrays["names"].tolist() == ["a", "é"]
        assert np.array_equal(found.arrays["labels"], np.arange(6))


@pytest.mark.parametrize("limit", [100, 10**9])
def test_what_the_blocks_raise_passes_through_and_nothing_is_kept(
    cache: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(decoded_images, "IN_MEMORY_BYTES", limit)
    error = OSError(errno.ENOSPC, "somebody else's disk is full")

    def blocks() -> Iterator[np.ndarray]:
        yield IMAGES
        raise error

    with pytest.raises(OSError, match="somebody else") as raised:
        collect("k", blocks(), lambda: ENTRY)
    assert raised.value is error and load("k") is None and not list((cache / "decoded").glob("*"))
