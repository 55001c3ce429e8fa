"""Decoded images kept on disk, so that photographs are decoded once and not at each start.

An entry is a folder with `images.npy` and `entry.json`, which holds a checksum of both. It is written under another
name and renamed; what does not check is built anew. The folder may be deleted at any time.
"""

import contextlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

IN_MEMORY_BYTES = 512 * 2**20  # decoded sets above this stay on disk and are memory-mapped
_CHUNK = 16 * 2**20

Put = Callable[[int, np.ndarray], None]  # row, image


@dataclass(frozen=True)
class Entry:
    """What is known of the stored images: rows are training images, then test images.

    Of a tree they lie class by class, and the entry knows the classes; of a table the table does.
    """

    class_names: tuple[str, ...] = ()
    train_counts: tuple[int, ...] = ()
    test_counts: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def cache_folder() -> Path:
    """Return the environment's CACHE_DIR, else ~/.cache/keras-experiment-suite."""
    return Path(os.environ.get("CACHE_DIR") or "~/.cache/keras-experiment-suite").expanduser()


def load(key: str) -> tuple[np.ndarray, Entry] | None:
    """Return the stored images (memory-mapped when large) and what is known of them; None where there is no sound
    entry.
    """
    folder = cache_folder() / "decoded" / key
    try:
        stored = json.loads((folder / "entry.json").read_text(encoding="utf-8"))
        known = stored["entry"]
        if stored["entry_checksum"] != _text_checksum(known):
            return None
        path = folder / "images.npy"
        if stored["images_checksum"] != _file_checksum(path):
            return None
        images = np.load(path, mmap_mode="r" if path.stat().st_size > IN_MEMORY_BYTES else None, allow_pickle=False)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return images, Entry(**{name: tuple(value) for name, value in known.items()})


def build(key: str, shape: tuple[int, int, int, int], fill: Callable[[Put], Entry]) -> tuple[np.ndarray, Entry]:
    """Has `fill(put)` put every row of `shape` and keeps the result under `key`.

    A small set that cannot be kept (a read-only folder, a full disk) is given from memory, with a note. A large one
    needs the disk: OSError says so.
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
    """Put rows by plain writes: a full disk is an error then, not the death of the process as with a mapped file."""
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    start, row_bytes = file.tell(), int(np.prod(shape[1:]))

    def put(row: int, image: np.ndarray) -> None:
        file.seek(start + row * row_bytes)
        file.write(np.ascontiguousarray(image).data)

    return put


@contextlib.contextmanager
def _new_entry(key: str) -> Iterator[Path]:
    """Yield a temporary folder that becomes the entry when the block ends well, and is removed when it does not."""
    parent = cache_folder() / "decoded"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=".new-"))
    try:
        yield folder
        target = parent / key
        shutil.rmtree(target, ignore_errors=True)  # an entry that did not check
        try:
            os.replace(folder, target)
        except OSError:
            if not target.exists():  # else another process was faster, with the same images
                raise
    finally:
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
    """CRC-32: it finds torn and rotted files, and reads 3 times as fast as a cryptographic hash."""
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum
