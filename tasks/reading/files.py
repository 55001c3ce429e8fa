"""Open what is a file. Reading a pipe or a device would wait for ever or never end; a file may be too large."""

import contextlib
import hashlib
import io
import os
import stat
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_BLOCK = 2**20
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# O_NONBLOCK, for the case that the file becomes a pipe after it was looked at. Windows has neither.
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class WrongFile(ValueError):
    """What a path leads to is undamaged, but not what may be read there, such as a pipe. The message names it."""


def open_file(path: Path, *, at_most: int | None = None, expected: str = "a file") -> io.BufferedReader:
    """Open a file to read its bytes; links are followed.

    Args:
        path: The file.
        at_most: How many bytes it may have; None for any number.
        expected: What it should be, for an error.

    Raises:
        WrongFile: If it is a folder, a pipe, a socket or a device, or too large.
        OSError: If it is missing or unreadable.
    """
    _require_file(path, os.stat(path), at_most, expected)  # opening a device can move a tape: look before
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | _FLAGS))  # noqa: SIM115 the caller closes it
    try:
        _require_file(path, os.fstat(file.fileno()), at_most, expected)
    except BaseException:
        file.close()
        raise
    return file


def read_file(path: Path, *, at_most: int, expected: str = "a file") -> bytes:
    """Return the bytes of a file, as `open_file` opens it."""
    with open_file(path, at_most=at_most, expected=expected) as file:
        return read_at_most(file, at_most)


def read_at_most(stream: IO[bytes], at_most: int, *, whole: bool = True) -> bytes:
    """Read a stream, taking no more memory than comes, whatever it says of its size.

    Args:
        stream: What to read.
        at_most: How many bytes to return.
        whole: Whether more than that is an error; else it is left in the stream.

    Raises:
        ValueError: If there is more.
    """
    content = bytearray()
    while block := stream.read(min(_BLOCK, at_most + whole - len(content))):
        content += block
    if len(content) > at_most:
        raise ValueError(f"it has more than {size_of(at_most)}")
    return bytes(content)


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Return the hash of a file of any size, in hexadecimal digits; raises as `open_file`."""
    with open_file(path) as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


@contextlib.contextmanager
def damage_named(path: Path, expected: str, remedy: str) -> Iterator[None]:
    """Turn whatever reading a damaged or foreign file raises into a ValueError of one line.

    Decoders raise nearly anything: struct.error, KeyError, RecursionError, MemoryError. Errors of the disk remain.

    Args:
        path: The file.
        expected: What it should be.
        remedy: What to do about it.
    """
    try:
        yield
    except WrongFile:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:  # the disk, not what is in the file
            raise
        raise ValueError(f"{path} cannot be read as {expected} ({reason(error)}): {remedy}") from error


def reason(error: BaseException) -> str:
    """Return what an error says, in one line of at most 200 letters; of foreign errors with the error's name."""
    lines = str(error).splitlines()
    text = one_line(lines[0].rstrip(": ")) if lines else ""
    if type(error) is not ValueError:
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= 200 else text[:199] + "…"


def one_line(text: str) -> str:
    """Return text with what would break a line, or cannot be written, as escapes: file names may hold anything."""
    return "".join(letter if _fits_a_line(letter) else ascii(letter)[1:-1] for letter in text)


def _fits_a_line(letter: str) -> bool:
    return letter.isprintable() or unicodedata.category(letter) == "Zs"  # a wide blank, say


def size_of(count: int) -> str:
    """Format bytes: "900 bytes", "12 KiB", "3.5 GiB"."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if count >= unit:
            return f"{round(count / unit, 1):,g} {name}"
    return f"{count} bytes"


def _require_file(path: Path, found: os.stat_result, at_most: int | None, expected: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), "no file")
        raise WrongFile(f"{path} is {kind}: expected {expected}")
    if at_most is not None and found.st_size > at_most:
        raise WrongFile(
            f"{path} has {size_of(found.st_size)}: expected {expected}, which has at most {size_of(at_most)}"
        )


def say(line: str) -> None:
    """Print a line to stderr, whatever letters it has, and whether or not anybody reads it."""
    with contextlib.suppress(OSError, ValueError):
        print(one_line(line), file=sys.stderr, flush=True)
