"""The bytes of an image file, or in a few words why there are none; what identifies many of them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from keras_suite.tasks.reading.files import WrongFile, read_file

# Bytes of one file: a photograph of 134 megapixels has 403 MB uncompressed, see image_files.MOST_PIXELS.
LARGEST_FILE = 512 * 2**20

Content = bytes | str  # of a file; a text where it cannot be read, which says why


def content_of(path: Path) -> Content:
    """Return the bytes of a file, or why there are none."""
    try:
        return read_image_file(path)
    except (OSError, WrongFile) as error:
        return why_unreadable(path, error)


def why_unreadable(path: Path, error: Exception) -> str:
    """Return in a few words why a file cannot be read."""
    if isinstance(error, WrongFile):
        said = str(error).removeprefix(f"{path} ")
        return said.removeprefix("is ").partition(":")[0] if said.startswith("is ") else f"it {said}"
    if isinstance(error, FileNotFoundError):
        return "a link that leads nowhere" if path.is_symlink() else "no such file"
    return str(error.strerror if isinstance(error, OSError) and error.strerror else error).lower()


def read_image_file(path: Path) -> bytes:
    """Return the bytes of an image file. Raises WrongFile for a pipe, say, or what is too large for an image."""
    return read_file(path, at_most=LARGEST_FILE, expected="an image file")


def readable(content: Content) -> bytes:
    """Return the bytes of a file; ValueError with why there are none."""
    if isinstance(content, str):
        raise ValueError(content)
    return content


def fingerprint_of(digests: Mapping[str, str]) -> str:
    """Return a hash of the names and digests of files."""
    lines = (f"{name}\0{content}\n" for name, content in sorted(digests.items()))
    # names on disk are bytes, which need be no text
    return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()
