"""The one way in which files of a run directory are read: each is whole, or an error names it and says what to do.

A run's JSON files hold the checksums of their own content. Those of its other files, its seals, stand in metrics.json
once it is completed; until then in run.json, for as much as does not change any more.
"""

import functools
import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_suite.reports.run_directory import checking, layout
from keras_suite.reports.run_directory.checking import Fields, check_fields
from keras_suite.tasks.atomic_files import sha256
from keras_suite.tasks.files.damaged import DamagedFile, require_regular
from keras_suite.tasks.files.sealed_json import read_sealed

Seals = Mapping[str, Any]  # {"model.keras": {"bytes": 1234, "sha256": "…"}, …}

TEXT = (".csv", ".json", ".txt")  # their line ends may be converted, as git and mail programs do
NOT_ARRAYS = (
    EOFError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def mend_of(directory: Path) -> str:
    """Say what to do about a damaged file in a run directory."""
    return f"restore it from a copy, or have the run trained again: keras-suite verify {directory} --repair"


def read_object(path: Path, fields: Fields, mend: str | None = None) -> dict[str, Any]:
    """Read a JSON file that must hold `fields`, be of no newer schema, and have the content that was written.

    Args:
        path: The file.
        fields: What it must hold.
        mend: What to do about a damaged file; by default what `mend_of` says of its directory.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged.
        NewerSchema: If a newer version wrote it.
    """
    mend = mend or mend_of(path.parent)
    value = read_sealed(path, mend)
    check_fields(path, value, fields, mend)
    return value


def seal(path: Path) -> dict[str, Any]:
    """Return a file's size and checksum."""
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


def seals_of(directory: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the seals of those of the files `names` that are in the directory."""
    return {name: seal(directory / name) for name in names if (directory / name).exists()}


def check_seals(directory: Path, seals: Seals) -> None:
    """Raise ValueError if seals, as a JSON file of `directory` holds them, are not what seals look like."""
    for sealed in seals.values():
        check_fields(directory / layout.METRICS, sealed, checking.SEAL, mend_of(directory))


def check_whole(directory: Path, name: str, seals: Seals) -> None:
    """Raise ValueError if a sealed file is gone or has another content; a file without a seal is left alone."""
    if name not in seals:
        return
    path, sealed = _present(directory, name), seals[name]
    if path.suffix in TEXT:
        _check_text(path, path.read_bytes(), sealed)
    elif path.stat().st_size != sealed["bytes"] or sha256(path) != sealed["sha256"]:
        raise _changed(path)


def content(directory: Path, name: str, seals: Seals) -> bytes | None:
    """Read a file's bytes; None if there is none and none was sealed.

    Raises:
        ValueError: If it was sealed and is gone, or has another content.
    """
    if name not in seals:
        require_regular(directory / name, mend_of(directory))
        return (directory / name).read_bytes() if (directory / name).exists() else None
    path, sealed = _present(directory, name), seals[name]
    data = path.read_bytes()
    if path.suffix in TEXT:
        _check_text(path, data, sealed)
    elif hashlib.sha256(data).hexdigest() != sealed["sha256"]:
        raise _changed(path)
    return data


def whole_model(path: Path, seals: Seals) -> Path:
    """Return the path of a run's model after comparing all of it with its seal, once in a process.

    Raises:
        FileNotFoundError: If there is none, as when it was left out of a copy.
        ValueError: If it is another one.
    """
    if not path.exists() and seals and path.name not in seals:
        raise FileNotFoundError(
            f"{path} was not kept, as of all trials of a sweep but its best (--keep): give another run, or train this "
            "Config with keras-suite run"
        )
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there, and only predicting and inspecting need it: copy it, too, or "
            f"{mend_of(path.parent).partition(', or ')[2]}"
        )
    require_regular(path, mend_of(path.parent))
    if path.name in seals:
        status = path.stat()
        _check_model(path, seals[path.name]["sha256"], status.st_size, status.st_mtime_ns)
    return path


@functools.lru_cache(maxsize=64)
def _check_model(path: Path, expected: str, size: int, changed: int) -> None:
    if sha256(path) != expected:
        raise _changed(path)


def read_arrays(path: Path, data: bytes, *names: str, mend: str | None = None) -> dict[str, np.ndarray]:
    """Return all arrays in the content `data` of a .npz file, which must have those called `names`."""
    mend = mend or mend_of(path.parent)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except NOT_ARRAYS:
        raise DamagedFile(f"{path} is damaged: expected a whole .npz archive of arrays", mend) from None
    missing = [name for name in names if name not in arrays]
    if missing:
        raise DamagedFile(f"{path} is damaged: it lacks {', '.join(missing)}", mend)
    return arrays


def _present(directory: Path, name: str) -> Path:
    path = directory / name
    if not path.exists():
        raise DamagedFile(f"{path} is gone, and the run was completed with it", mend_of(directory))
    require_regular(path, mend_of(directory))
    return path


def _check_text(path: Path, data: bytes, sealed: Mapping[str, Any]) -> None:
    for same in (data, data.replace(b"\r\n", b"\n")):
        if hashlib.sha256(same).hexdigest() == sealed["sha256"]:
            return
    raise _changed(path)


def _changed(path: Path) -> ValueError:
    return DamagedFile(f"{path} is not the file that the run was completed with", mend_of(path.parent))
