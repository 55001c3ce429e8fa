"""Read members of archives that somebody else packed. What a member says of its size is checked before and while it is
read: a few megabytes can hold gigabytes of zeros."""

import contextlib
import gzip
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from keras_suite.tasks.reading.files import one_line, open_file, read_at_most, size_of

MOST_MEMBERS = 4_000_000  # three times ImageNet's; each costs its reader about 300 bytes
_DRAINED = 64 * 2**20  # zeros after the end of a tar archive; blocking factors make a few MiB of them
_LARGEST_HEADER = 2**20  # bytes of a name, which tarfile reads as one; contents are read in blocks of this size
_GZIP = b"\x1f\x8b"
_PLAIN_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # Python bounds the memory of these two alone
_UNIX, _DOS = 3, 0  # the systems on which a .zip was packed, as its members say


@dataclass(frozen=True)
class Member:
    """A member of a .zip or .tar.

    Attributes:
        name: As it stands there.
        kind: "file", "folder", "link", or "other", as a device is.
        target: Where a link leads; "" where that is not known.
    """

    name: str
    kind: Literal["file", "folder", "link", "other"]
    target: str = ""


def is_zip(path: Path) -> bool:
    """Return whether an archive is read as a .zip: by its first bytes, else by its name unless it is a .gz."""
    with open_file(path, expected="an archive") as file:
        head = file.read(2)
    return head == b"PK" or (path.suffix.lower() == ".zip" and head != _GZIP)


def archive_members(
    path: Path, *, at_most: int, is_wanted: Callable[[Member], bool]
) -> Iterator[tuple[Member, bytes | None]]:
    """Yield the members of a .zip, or else of a .tar or .tar.gz, with their content; None for no file.

    Args, Raises:
        As in `tar_members`; also zipfile.BadZipFile.
    """
    if is_zip(path):
        yield from _zip_members(path, at_most, is_wanted)
        return
    for found, content in tar_members(path, at_most=at_most, is_wanted=lambda member: is_wanted(_of_tar(member))):
        yield _of_tar(found), content


# -- .zip --------------------------------------------------------------------------------------------------------------


def zip_member(archive: zipfile.ZipFile, name: str, *, at_most: int) -> IO[bytes]:
    """Open a member of a .zip, whose checksum is compared when it is read to its end.

    Args:
        archive: The open archive.
        name: The member's name.
        at_most: How many bytes it may have.

    Raises:
        ValueError: If it isn't there once, is encrypted, too large, or compressed in an unusual way.
    """
    found = [member for member in archive.infolist() if member.filename == name]
    if len(found) != 1:
        raise ValueError(f"it holds {name!r} twice" if found else f"it holds no {name!r}")
    _refuse_unusual(found[0], at_most)
    return archive.open(found[0])


def _refuse_unusual(member: zipfile.ZipInfo, at_most: int) -> None:
    name = one_line(member.filename)
    if member.flag_bits & 1:
        raise ValueError(f"{name!r} in it is encrypted")
    if member.compress_type not in _PLAIN_KINDS:
        raise ValueError(f"{name!r} in it is neither stored nor deflated")
    if member.file_size > at_most:
        raise ValueError(
            f"{name!r} in it unpacks to {size_of(member.file_size)}, more than the {size_of(at_most)} it may have"
        )


def _zip_members(
    path: Path, at_most: int, is_wanted: Callable[[Member], bool]
) -> Iterator[tuple[Member, bytes | None]]:
    with open_file(path, expected="a .zip") as raw, zipfile.ZipFile(raw) as archive:
        infos = archive.infolist()
        if len(infos) > MOST_MEMBERS:
            raise ValueError(f"it holds more than {MOST_MEMBERS:,} files")
        _refuse_overlaps(infos)
        for info in infos:
            member = _of_zip(info)
            if not is_wanted(member):
                continue
            if member.kind != "file":
                yield member, None
                continue
            _refuse_unusual(info, at_most)
            with archive.open(info) as stream:
                content = read_at_most(stream, info.file_size, whole=False)
                if stream.read(1) or len(content) != info.file_size:  # reading to the end compares the checksum
                    raise EOFError(f"{one_line(info.filename)} is not as long as the archive says")
            yield member, content


def _refuse_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """Raise ValueError where two members share bytes: so a few megabytes unpack to terabytes (Fifield, 2019)."""
    end, before = 0, ""
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < end:
            raise ValueError(f"{info.filename!r} in it overlaps {before!r}")
        end, before = info.header_offset + info.compress_size, info.filename


def _of_zip(info: zipfile.ZipInfo) -> Member:
    """Return what the directory of a .zip says. Some packers of Windows write backslashes."""
    name = info.filename.replace("\\", "/") if info.create_system == _DOS else info.filename
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if name.endswith("/"):
        return Member(name, "folder")
    if stat.S_ISLNK(mode):
        return Member(name, "link")
    return Member(name, "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "other")


def most_weights(packed: int) -> int:
    """Return how many bytes a network's weights may have in a file of so many. Trained ones can hardly be packed."""
    return 16 * packed + 64 * 2**20


# -- .gz ---------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened_gzip(path: Path, *, at_most: int, expected: str) -> Iterator[BinaryIO]:
    """Open a .gz of at most so many bytes to read what is packed in it, piece by piece."""
    with open_file(path, at_most=at_most, expected=expected) as packed, gzip.GzipFile(fileobj=packed) as content:
        yield cast(BinaryIO, content)


# -- .tar --------------------------------------------------------------------------------------------------------------


class _Forward:
    """A stream for tarfile, which asks for as many bytes as the headers say, be it -1 or a terabyte.

    Tarfile steps back by one byte between members, for which a GzipFile may unpack everything anew: that byte is kept.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._position, self._last, self._is_back = 0, b"", False

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _LARGEST_HEADER:
            raise ValueError(f"a part of it says that it has {size:,} bytes")
        if not size:
            return b""
        kept, self._is_back = self._last if self._is_back else b"", False
        content = kept + self._stream.read(size - len(kept))
        self._position += len(content) - len(kept)
        self._last = content[-1:]
        return content

    def seek(self, position: int) -> None:
        self._is_back = bool(self._last) and position == self._position - 1
        if not self._is_back and position != self._position:
            if position < self._position:
                raise ValueError("its parts go round in circles")
            self._position, self._last = self._stream.seek(position), b""

    def tell(self) -> int:
        return self._position - self._is_back


def _of_tar(info: tarfile.TarInfo) -> Member:
    if info.issym() or info.islnk():
        return Member(info.name, "link", info.linkname)
    return Member(info.name, "file" if info.isfile() else "folder" if info.isdir() else "other")


def tar_members(
    path: Path,
    *,
    at_most: int,
    is_wanted: Callable[[tarfile.TarInfo], bool] = lambda member: True,
) -> Iterator[tuple[tarfile.TarInfo, bytes | None]]:
    """Yield the members of a .tar or .tar.gz in order, with their content; None for what is no file.

    The archive is read to its end, so that the checksum of a .gz is compared. Nothing is written to disk.

    Args:
        path: The archive.
        at_most: How many bytes a member may have.
        is_wanted: Whether to read a member; the others are left out. May raise what is wrong with it.

    Raises:
        ValueError: If a member is too large, cut short or stored with holes, or if the archive goes round in circles.
        tarfile.TarError, EOFError, zlib.error, OSError: If the archive is damaged.
    """
    with open_file(path, expected="a .tar or .tar.gz") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        with contextlib.ExitStack() as stack:
            stream = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw))) if packed else raw
            forward = cast(IO[bytes], _Forward(stream))
            yield from _members(tarfile.TarFile(fileobj=forward), forward, at_most, is_wanted)
            rest = 0
            while packed and (block := stream.read(2**20)):
                rest += len(block)
                if rest > _DRAINED:
                    raise ValueError("it goes on after its end")


def _members(
    archive: tarfile.TarFile, stream: IO[bytes], at_most: int, is_wanted: Callable[[tarfile.TarInfo], bool]
) -> Iterator[tuple[tarfile.TarInfo, bytes | None]]:
    last, count = -1, 0
    while (member := archive.next()) is not None:
        archive.members = []  # type: ignore[attr-defined]  # else it keeps them all, a kilobyte each
        count += 1
        if count > MOST_MEMBERS:
            raise ValueError(f"it holds more than {MOST_MEMBERS:,} files")
        if member.offset <= last or member.size < 0:
            raise ValueError(f"{member.name!r} in it lies before the one that it follows")
        last = member.offset
        if not is_wanted(member):
            continue
        if not member.isreg():
            yield member, None
            continue
        if member.issparse():
            raise ValueError(f"{member.name!r} in it is stored with holes: pack without --sparse")
        if member.size > at_most:
            raise ValueError(
                f"{one_line(member.name)} in it has {size_of(member.size)}, more than the {size_of(at_most)} that a "
                "file in it may have"
            )
        stream.seek(member.offset_data)
        content = read_at_most(stream, member.size, whole=False)
        if len(content) != member.size:
            raise EOFError(f"{one_line(member.name)} is cut short")
        yield member, content
