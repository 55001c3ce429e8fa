"""Read arrays in NumPy's .npy format, and archives of them: plain numbers, and no more than their reader expects."""

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from keras_suite.tasks.reading.archives import zip_member
from keras_suite.tasks.reading.files import open_file, size_of

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def npz_sizes(path: Path, *, at_most: int, expected: str) -> dict[str, int]:
    """Return the names of the arrays in an .npz, and how many bytes each has, as the archive says.

    The arguments and errors are those of `read_npz`.
    """
    with open_file(path, at_most=at_most, expected=expected) as file, zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
        return {member.filename.removesuffix(".npy"): member.file_size for member in members}


def read_npz(path: Path, names: Sequence[str], *, at_most: int, expected: str) -> list[np.ndarray]:
    """Return the arrays of these names from an .npz.

    Args:
        path: The file.
        names: Which arrays to read; others are left alone.
        at_most: How many bytes the file, and all the arrays together, may have.
        expected: What the file should be, for an error.

    Raises:
        ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError: Say what is wrong with it.
    """
    arrays, left = [], at_most
    with open_file(path, at_most=at_most, expected=expected) as file, zipfile.ZipFile(file) as archive:
        for name in names:
            with zip_member(archive, f"{name}.npy", at_most=left) as member:
                size = archive.getinfo(f"{name}.npy").file_size
                arrays.append(read_npy(member, size))
            left -= size
    return arrays


def read_npy(stream: IO[bytes], size: int) -> np.ndarray:
    """Read an array in .npy format, 1.0 or 2.0, from a seekable stream to its end.

    Args:
        stream: Stands at the array's begin.
        size: How many bytes the stream has from there; memory is taken for no more.

    Raises:
        ValueError: If it is no such array, or holds Python objects, or another number of bytes than its header says.
    """
    start = stream.tell()
    version = npy.read_magic(stream)
    if version not in _HEADERS:
        raise ValueError(f"an array of .npy format {version[0]}.{version[1]}, and not 1.0 or 2.0")
    shape, in_fortran_order, dtype = _HEADERS[version](stream)
    if dtype.hasobject:
        raise ValueError("an array of Python objects, which could run code: save plain numbers")
    if any(side < 0 for side in shape) or (dtype.itemsize == 0 and 0 not in shape):
        raise ValueError(f"an array of shape {shape} and type {dtype}")
    needed, there = math.prod(shape) * dtype.itemsize, size - (stream.tell() - start)
    if needed != there:
        raise ValueError(
            f"an array of shape {shape} and type {dtype}, which needs {size_of(needed)}, in {size_of(there)}"
        )
    content = bytearray(needed)
    filled = 0
    while filled < needed and (more := stream.readinto(memoryview(content)[filled:])):  # type: ignore[attr-defined]
        filled += more
    if filled != needed:
        raise EOFError("an array is cut short")
    stream.read(1)  # compares the checksum where nothing was left to be read
    array = np.frombuffer(content, dtype) if needed else np.empty(math.prod(shape), dtype)
    return array.reshape(shape[::-1]).transpose() if in_fortran_order else array.reshape(shape)
