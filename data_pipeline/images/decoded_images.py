"""Decoded images stored on disk, so that photographs are decoded once and not at each start.

An entry is a folder with `images.npy` and `entry.json`, which holds a checksum of both. It is written under another
name and renamed; a damaged one is built anew, which a line on stderr says. The folder may be deleted at any time.
"""

import contextlib
import json
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from keras_suite.tasks.reading.arrays import read_npy
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
    """

    class_names: tuple[str, ...] = ()
    train_counts: tuple[int, ...] = ()
    test_counts: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


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
    return images, Entry(**{name: tuple(value) for name, value in known.items()})


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
    if int(np.prod(shape)) > IN_MEMORY_BYTES:
        return _build_on_disk(key, shape, fill)
    images = np.empty(shape, np.uint8)

    def put(row: int, image: np.ndarray) -> None:
        images[row] = image

    entry = fill(put)
    try:
        with _new_entry(key) as folder:
            np.save(folder / "images.npy", images)
            _describe(folder, entry)
    except OSError as error:
        note = f"the decoded images could not be kept in {cache_folder()} ({error.strerror}): decoded at each start"
        entry = Entry(**{**asdict(entry), "notes": (*entry.notes, note)})
    return images, entry


def _build_on_disk(
    key: str, shape: tuple[int, int, int, int], fill: Callable[[Put], Entry]
) -> tuple[np.ndarray, Entry]:
    try:
        with _new_entry(key) as folder:
            with (folder / "images.npy").open("wb") as file:
                entry = fill(_row_writer(file, shape))
            _describe(folder, entry)
    except OSError as error:
        if error.filename is not None and not str(error.filename).startswith(str(cache_folder())):
            raise  # a photograph that cannot be read, not the cache
        raise OSError(
            f"the decoded images need {np.prod(shape) / 2**30:.1f} GiB and cannot be kept in {cache_folder()} "
            f"({error.strerror}): set CACHE_DIR to a writable folder with room, or ask for a smaller image_size"
        ) from None
    loaded = load(key)
    if loaded is None:
        raise OSError(f"the decoded images in {cache_folder()} read back damaged: check the disk, or set CACHE_DIR")
    return loaded


def _row_writer(file: BinaryIO, shape: tuple[int, int, int, int]) -> Put:
    """Return a function that writes a row; with a mapped file a full disk would kill the process instead."""
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    start, row_bytes = file.tell(), int(np.prod(shape[1:]))

    def put(row: int, image: np.ndarray) -> None:
        file.seek(start + row * row_bytes)
        file.write(np.ascontiguousarray(image).data)

    return put


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
    known = json.loads(json.dumps(asdict(entry)))
    stored = {
        "entry": known,
        "entry_checksum": _text_checksum(known),
        "images_checksum": _file_checksum(folder / "images.npy"),
    }
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
