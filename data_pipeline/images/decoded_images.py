"""Decoded images stored on disk, so that photographs are decoded once and not at each start.

An entry is a folder with `images.npy`, `entry.json`, which holds checksums, and `arrays.npz` where there are arrays
beside the images. It is written under another name and renamed; a damaged one is built anew, which a line on stderr
says. The folder may be deleted at any time.
"""

import contextlib
import errno
import functools
import json
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from keras_suite.tasks.reading.arrays import npz_sizes, read_npy, read_npz
from keras_suite.tasks.reading.files import open_file, read_file, reason, say
from keras_suite.tasks.reading.text import parse_json

IN_MEMORY_BYTES = 512 * 2**20  # decoded sets above this stay on disk and are memory-mapped
_CHUNK = 16 * 2**20
_LARGEST_ENTRY = 64 * 2**20  # bytes of an entry.json; its notes and the classes' names are few
_DAY = 86_400  # seconds, after which what a killed process left is removed
_NEW = ".new-"

Put = Callable[[int, np.ndarray], None]  # row, image


@dataclass(frozen=True)
class Entry:
    """What is stored beside the images. Of a table only the notes are: the table says the rest.

    Attributes:
        class_names: The classes. The rows are training images class by class, then test images likewise.
        train_counts: How many training images each class has.
        test_counts: How many test images each class has.
        notes: Plain sentences on what was left out or converted.
        arrays: Of data that lie in no folder: what is known of each image, in any order of the rows.
    """

    class_names: tuple[str, ...] = ()
    train_counts: tuple[int, ...] = ()
    test_counts: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False)

    def described(self) -> dict[str, tuple[str, ...] | tuple[int, ...]]:
        """Return all but the arrays."""
        return {
            "class_names": self.class_names,
            "train_counts": self.train_counts,
            "test_counts": self.test_counts,
            "notes": self.notes,
        }


def cache_folder() -> Path:
    """Return the folder of everything that may be deleted: CACHE_DIR, else ~/.cache/keras-experiment-suite."""
    return Path(os.path.expanduser(os.environ.get("CACHE_DIR") or "~/.cache/keras-experiment-suite"))


def load(key: str) -> tuple[np.ndarray, Entry] | None:
    """Return the images (memory-mapped when large) and the entry stored under a key; None if there is no intact one."""
    folder = cache_folder() / "decoded" / key
    try:
        if not folder.exists():
            return None
        return _read(folder)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        say(f"the decoded images in {folder} are damaged ({reason(error)}): they are decoded anew")
        return None


def _read(folder: Path) -> tuple[np.ndarray, Entry]:
    """Read an entry; raises nearly anything if it is damaged."""
    stored = parse_json(read_file(folder / "entry.json", at_most=_LARGEST_ENTRY))
    known = stored["entry"]
    if stored["entry_checksum"] != _text_checksum(known):
        raise ValueError("entry.json has another checksum")
    path = folder / "images.npy"
    if stored["images_checksum"] != _file_checksum(path):
        raise ValueError("images.npy has another checksum")
    size = path.stat().st_size
    if size > IN_MEMORY_BYTES:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    else:
        with open_file(path) as file:
            images = read_npy(file, size)
    arrays = _read_arrays(folder / "arrays.npz", stored["arrays_checksum"]) if "arrays_checksum" in stored else {}
    return images, Entry(**{name: tuple(value) for name, value in known.items()}, arrays=arrays)


def _read_arrays(path: Path, checksum: int) -> dict[str, np.ndarray]:
    if checksum != _file_checksum(path):
        raise ValueError("arrays.npz has another checksum")
    size = path.stat().st_size
    names = tuple(npz_sizes(path, at_most=size, expected="arrays"))
    return dict(zip(names, read_npz(path, names, at_most=size, expected="arrays"), strict=True))


def build(key: str, shape: tuple[int, int, int, int], fill: Callable[[Put], Entry]) -> tuple[np.ndarray, Entry]:
    """Create images and store them.

    Args:
        key: What to store them under.
        shape: (n, height, width, channels)
        fill: Calls `put(row, image)` for every row, and returns the entry.

    Returns:
        As `load`. A small set that cannot be stored (a read-only folder, a full disk) comes from memory, with a note.

    Raises:
        OSError: If a large set cannot be stored.
    """
    size = int(np.prod(shape))
    if size > IN_MEMORY_BYTES:

        def write(file: BinaryIO) -> Entry:
            if size > (free := shutil.disk_usage(cache_folder()).free):  # before hours of decoding, and a full disk
                raise OSError(errno.ENOSPC, f"{free / 2**30:.1f} GiB are free")
            return fill(_row_writer(file, shape))

        return _build_on_disk(key, f"{size / 2**30:.1f} GiB", write)
    images = np.empty(shape, np.uint8)

    def put(row: int, image: np.ndarray) -> None:
        images[row] = image

    return _stored(key, images, fill(put))


def collect(key: str, blocks: Iterable[np.ndarray], entry: Callable[[], Entry]) -> tuple[np.ndarray, Entry]:
    """Create images, of which it is not known how many there will be, and store them as `build` does.

    Args:
        key: What to store them under.
        blocks: Images uint8 (b, height, width, channels), row after row; at least one. What it raises is raised.
        entry: Returns the entry; called when all blocks were taken.
    """
    raised: list[BaseException] = []

    def watched() -> Iterator[np.ndarray]:
        try:
            yield from blocks
        except BaseException as error:
            raised.append(error)
            raise

    coming, kept, taken = watched(), list[np.ndarray](), 0
    for block in coming:
        kept.append(block)
        taken += block.nbytes
        if taken > IN_MEMORY_BYTES:
            write = functools.partial(_write_blocks, kept=kept, coming=coming, entry=entry)
            return _build_on_disk(key, f"more than {taken / 2**30:.1f} GiB", write, lambda error: error in raised)
    return _stored(key, np.concatenate(kept), entry())


def _stored(key: str, images: np.ndarray, entry: Entry) -> tuple[np.ndarray, Entry]:
    """Store images that are in memory."""
    try:
        with _new_entry(key) as folder:
            np.save(folder / "images.npy", images)
            _describe(folder, entry)
    except OSError as error:
        note = f"the decoded images could not be kept in {cache_folder()} ({error.strerror}): decoded at each start"
        entry = replace(entry, notes=(*entry.notes, note))
    return images, entry


def _of_a_source(error: OSError) -> bool:
    """Return whether it is about a photograph that cannot be read, not about the cache."""
    return error.filename is not None and not str(error.filename).startswith(str(cache_folder()))


def _build_on_disk(
    key: str,
    needed: str,
    write: Callable[[BinaryIO], Entry],
    is_foreign: Callable[[OSError], bool] = _of_a_source,
) -> tuple[np.ndarray, Entry]:
    try:
        with _new_entry(key) as folder:
            with (folder / "images.npy").open("wb") as file:
                entry = write(file)
            _describe(folder, entry)
    except OSError as error:
        if is_foreign(error):
            raise
        raise OSError(
            f"the decoded images need {needed} and cannot be kept in {cache_folder()} ({error.strerror}): set "
            "CACHE_DIR to a writable folder with room, or dataset.cache=false to store none"
        ) from None
    loaded = load(key)
    if loaded is None:
        raise OSError(f"the decoded images in {cache_folder()} read back damaged: check the disk, or set CACHE_DIR")
    return loaded


def _write_blocks(
    file: BinaryIO, *, kept: list[np.ndarray], coming: Iterator[np.ndarray], entry: Callable[[], Entry]
) -> Entry:
    """Write the blocks that are kept, which empties the list, and those to come."""
    shape, count = kept[0].shape[1:], 0
    _write_header(file, (0, *shape))  # as long as the one with the count: NumPy leaves room for it
    while (block := kept.pop(0) if kept else next(coming, None)) is not None:
        file.write(np.ascontiguousarray(block).data)
        count += len(block)
    file.seek(0)
    _write_header(file, (count, *shape))
    return entry()


def _row_writer(file: BinaryIO, shape: tuple[int, int, int, int]) -> Put:
    """Return a function that writes a row; with a mapped file a full disk would kill the process instead."""
    _write_header(file, shape)
    start, row_bytes = file.tell(), int(np.prod(shape[1:]))

    def put(row: int, image: np.ndarray) -> None:
        file.seek(start + row * row_bytes)
        file.write(np.ascontiguousarray(image).data)

    return put


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


@contextlib.contextmanager
def _new_entry(key: str) -> Iterator[Path]:
    """Yield a temporary folder that becomes the entry when the block succeeds, and is removed when it fails."""
    parent = cache_folder() / "decoded"
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    folder = parent / f"{_NEW}{secrets.token_hex(8)}"
    folder.mkdir()
    try:
        yield folder
        target = parent / key
        if target.is_dir():
            shutil.rmtree(target, ignore_errors=True)  # a damaged entry
        else:
            target.unlink(missing_ok=True)
        try:
            os.replace(folder, target)
        except OSError:
            if not target.exists():  # else another process was faster, with the same images
                raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what killed processes left: new entries that nothing was written to for a day."""
    for folder in parent.glob(f"{_NEW}*"):
        with contextlib.suppress(OSError):  # another process finishes it, or sweeps, too
            if time.time() - max(path.stat().st_mtime for path in (folder, *folder.iterdir())) > _DAY:
                shutil.rmtree(folder, ignore_errors=True)


def _describe(folder: Path, entry: Entry) -> None:
    known = json.loads(json.dumps(entry.described()))
    stored = {
        "entry": known,
        "entry_checksum": _text_checksum(known),
        "images_checksum": _file_checksum(folder / "images.npy"),
    }
    if entry.arrays:
        np.savez(folder / "arrays.npz", **entry.arrays)  # type: ignore[arg-type]
        stored["arrays_checksum"] = _file_checksum(folder / "arrays.npz")
    (folder / "entry.json").write_text(json.dumps(stored), encoding="utf-8")


def _text_checksum(known: object) -> int:
    return zlib.crc32(json.dumps(known, sort_keys=True).encode())


def _file_checksum(path: Path) -> int:
    """Return the CRC-32: it detects torn and rotted files, 3 times as fast as a cryptographic hash."""
    checksum = 0
    with open_file(path) as file:
        while chunk := file.read(_CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum
