"""Where image files come from: a folder, some files of one, or an archive that is read without being extracted."""

import functools
import hashlib
import os
from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from keras_suite.data_pipeline.images.archive_source import ARCHIVE_SUFFIXES, ArchiveSource
from keras_suite.data_pipeline.images.file_contents import Content, content_of, fingerprint_of, why_unreadable
from keras_suite.data_pipeline.images.leftovers import is_system_file, outside_the_data
from keras_suite.data_pipeline.images.problem_files import is_skipped, skipped_among
from keras_suite.tasks.reading.files import WrongFile, file_digest, one_line

_BLOCK = 64  # files a task of hashing: handing out tasks costs nothing


class Source(Protocol):
    """Files under relative names with forward slashes; the names of folders without files end in a slash."""

    @property
    def path(self) -> Path: ...

    def fingerprint(self) -> str:
        """Return a hash of the files' bytes and names, the same wherever they lie."""

    def uncounted(self) -> tuple[str, ...]:
        """Return the names of files that the fingerprint does not depend on."""

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each file's bytes by its name; an empty string for an empty folder."""

    def contents(self, wanted: Container[str]) -> Iterator[tuple[str, Content]]:
        """Yield the name and bytes of each wanted file, in any order; in place of bytes, why it cannot be read."""

    def skipped_names(self) -> tuple[str, ...]:
        """Return the names of the files that are there and are skipped. Raises ValueError if none of them is there."""


def locate(dataset: str, path: str, data_dir: Path | None, expected: str) -> Path:
    """Find a path where the command runs, else in the data folder.

    Args:
        dataset: The name of the dataset that takes the path, for an error.
        expected: What the path should be of, for an error.

    Raises:
        ValueError: If the path is empty.
        FileNotFoundError: If it exists in neither place.
    """
    if not path:
        raise ValueError(f"{dataset} needs `path`: {expected}")
    places = [Path(os.path.expanduser(path))]
    if data_dir is not None and not places[0].is_absolute():
        places.append(Path(data_dir) / path)
    for place in places:
        if place.exists():
            return place
    looked = " and ".join(str(place.absolute()) for place in places)
    raise FileNotFoundError(f"{dataset} path {path!r} does not exist (looked for {looked}): give another `path`")


def open_source(path: Path, skipped: frozenset[str] = frozenset()) -> Source:
    """Return the folder or archive at `path`, without the files that are skipped; ValueError if it is neither."""
    if path.is_dir():
        return FolderSource(path, skipped)
    if path.name.lower().endswith(ARCHIVE_SUFFIXES):
        return ArchiveSource(path, skipped)
    is_packed = path.name.lower().endswith((".7z", ".rar", ".bz2", ".xz", ".zst"))
    remedy = "unpack it" if is_packed else "give a tree of class folders"
    raise ValueError(f"{path} is neither a folder nor one of {', '.join(ARCHIVE_SUFFIXES)}: {remedy}")


@dataclass(frozen=True)
class FolderSource:
    """A folder on disk. Links inside it are followed: it is the user's own."""

    path: Path
    skipped: frozenset[str] = frozenset()

    def fingerprint(self) -> str:
        # what file browsers, notebooks and file servers leave behind does not make it other data
        uncounted = set(self.uncounted())
        return fingerprint_of({name: digest for name, digest in self.digests().items() if name not in uncounted})

    def uncounted(self) -> tuple[str, ...]:
        return tuple(name for name in self.digests() if name in self._outside or is_system_file(name))

    def digests(self) -> dict[str, str]:
        return self._digests

    @functools.cached_property
    def _digests(self) -> dict[str, str]:
        outside = self._outside
        of_images = _digests_in(self.path, [name for name in self._names if name not in outside])
        return {name: of_images.get(name, "") for name in self._names}  # what is left out may be large, as a .git is

    @functools.cached_property
    def _outside(self) -> frozenset[str]:
        return outside_the_data(self._names)

    def contents(self, wanted: Container[str]) -> Iterator[tuple[str, Content]]:
        for name in self._names:
            if name in wanted:
                yield name, content_of(self.path / name)

    def skipped_names(self) -> tuple[str, ...]:
        return skipped_among(self.path, self._all_names if self.skipped else (), self.skipped)

    @functools.cached_property
    def _names(self) -> tuple[str, ...]:
        kept = [name for name in self._all_names if not is_skipped(name, self.skipped)]
        if not self.skipped:
            return tuple(kept)
        holding = {name[: slash + 1] for name in kept for slash, letter in enumerate(name) if letter == "/"}
        emptied = {f"{name.rpartition('/')[0]}/" for name in self.skipped_names() if "/" in name} - holding
        return tuple(sorted([*kept, *emptied]))  # no class is gone without a word

    @functools.cached_property
    def _all_names(self) -> tuple[str, ...]:
        return tuple(sorted(self._walked()))

    def _walked(self) -> Iterator[str]:
        seen: dict[str, str] = {}
        top, root = str(self.path), os.path.realpath(self.path)
        for folder, folders, files in os.walk(top, followlinks=True, onerror=_raise):
            relative = folder[len(top) :].lstrip(os.sep)
            if (other := seen.setdefault(real := os.path.realpath(folder), folder)) != folder:
                link = other if real == os.path.join(root, relative) else folder
                raise ValueError(f"{link} is a link to a folder that is already in the tree: remove it")
            inside = f"{relative.replace(os.sep, '/')}/" if relative else ""
            if inside and not folders and not files:
                yield inside
            for file in files:
                yield inside + file


@dataclass(frozen=True)
class ListedFiles:
    """The files that a table at `path` names, relative to its folder."""

    path: Path
    names: tuple[str, ...]

    def fingerprint(self) -> str:
        return fingerprint_of(self.digests())

    def uncounted(self) -> tuple[str, ...]:
        return ()

    def digests(self) -> dict[str, str]:
        return self._digests

    @functools.cached_property
    def _digests(self) -> dict[str, str]:
        return _digests_in(self.path.parent, self.names)

    def contents(self, wanted: Container[str]) -> Iterator[tuple[str, Content]]:
        for name in self.names:
            if name in wanted:
                yield name, content_of(self.path.parent / name)

    def skipped_names(self) -> tuple[str, ...]:
        return ()  # the table was read without them


def first_names(names: Sequence[str], shown: int = 3) -> str:
    """Join the first names, and say how many more there are."""
    more = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return one_line(", ".join(names[:shown])) + more


def _digests_in(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of each file in `folder`; an empty string for a name that ends in a slash."""

    def digest(name: str) -> str:
        if name.endswith("/"):
            return ""
        try:
            return file_digest(folder / name)
        except (OSError, WrongFile) as error:  # it is refused by name with all others that cannot be used
            reason = why_unreadable(folder / name, error)
            return hashlib.sha256(f"unreadable: {reason}".encode(errors="replace")).hexdigest()

    names = list(names)
    blocks = [names[start : start + _BLOCK] for start in range(0, len(names), _BLOCK)]
    with ThreadPoolExecutor() as pool:  # hashing lets go of Python's lock
        digests = [found for block in pool.map(lambda block: [*map(digest, block)], blocks) for found in block]
    return dict(zip(names, digests, strict=True))


def _raise(error: OSError) -> None:
    raise error
