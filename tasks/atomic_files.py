"""Files that are either the old one or the new one, never half of each, whatever is killed in between."""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOUR = 3600.0
_TEMPORARY = re.compile(r"\..+-[a-z0-9_]{8}(\.[A-Za-z0-9]+)?")  # as `replacing` names them


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Return a temporary path beside `path`; when the block ends well it is synced and renamed to `path`.

    The temporary name keeps the ending of `path` (Keras and NumPy look at it). After an error it is removed
    and `path` is as it was. What a kill left of an earlier attempt is removed after an hour.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_temporaries(path.parent, HOUR, path)
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    # So the system itself gives it the permissions that the umask asks for; mkstemp's would be 0600.
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """As `replacing`, of a folder: yield an empty one beside it that takes its place when the block ends well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary, former = (folder.with_name(f".{folder.name}-{secrets.token_hex(4)}") for _ in range(2))
    temporary.mkdir()
    try:
        yield temporary
        for path in temporary.rglob("*"):
            if path.is_file():
                with path.open("rb+") as written:
                    os.fsync(written.fileno())
        if folder.exists():
            os.rename(folder, former)  # no folder can be renamed over one with files
        os.rename(temporary, folder)
        _sync_folder(folder.parent)
    finally:
        if former.exists() and not folder.exists():
            os.rename(former, folder)
        for each in (temporary, former):
            shutil.rmtree(each, ignore_errors=True)


def temporaries(folder: Path) -> list[Path]:
    """Return the temporary files directly in `folder`: those that are being written, and those that a kill left."""
    if not folder.is_dir():
        return []
    hidden = [folder / name for name in os.listdir(folder) if name.startswith(".") and _TEMPORARY.fullmatch(name)]
    return [path for path in hidden if path.is_file()]


def remove_temporaries(folder: Path, older_than: float = 0.0, of: Path | None = None) -> list[Path]:
    """Remove temporary files in `folder` that a kill left, and return them.

    Args:
        folder: A folder that nobody else writes to now, unless `older_than` says more.
        older_than: The seconds since when nobody has written to them.
        of: The file whose temporaries they are; None for those of all.
    """
    removed = []
    for path in temporaries(folder):
        if of is not None and path.name != f".{of.stem}-{path.stem[-8:]}{of.suffix}":
            continue
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime >= older_than:
                path.unlink()
                removed.append(path)
    return removed


def _sync_folder(folder: Path) -> None:
    """A rename survives a power cut only once its folder is synced; Windows cannot open folders and needs not."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with `\\n` line ends, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON, atomically. NaN is refused with ValueError: it is no JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def sha256(path: Path) -> str:
    """Return hexadecimal SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
