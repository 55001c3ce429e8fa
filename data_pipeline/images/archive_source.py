"""Image files in an archive, a .zip or a .tar, which is read without being extracted."""

import functools
import hashlib
import os
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from keras_suite.data_pipeline.images.file_contents import LARGEST_FILE, Content, fingerprint_of
from keras_suite.data_pipeline.images.problem_files import is_skipped, skipped_among
from keras_suite.tasks.reading.archives import Member, archive_members, is_zip
from keras_suite.tasks.reading.files import WrongFile, damage_named, file_digest, open_file

ARCHIVE_SUFFIXES = (".tar.gz", ".tgz", ".tar", ".zip")


@dataclass(frozen=True)
class ArchiveSource:
    """A .zip, .tar, .tar.gz or .tgz. Nothing is written to disk; links and names that lead outside are refused."""

    path: Path
    skipped: frozenset[str] = frozenset()

    def fingerprint(self) -> str:
        if not self.skipped:
            return file_digest(self.path)
        there = [name for name in self._all_names if is_skipped(name, self.skipped)]
        whole = file_digest(self.path)
        return fingerprint_of({"": whole, **dict.fromkeys(there, "skipped")}) if there else whole

    def uncounted(self) -> tuple[str, ...]:
        return ()

    def digests(self) -> dict[str, str]:
        digests: dict[str, str] = {}
        for name, content in self._members():
            if name in digests:
                raise ValueError(f"{self.path} holds {name!r} twice: pack it anew")
            digests[name] = "" if content is None else hashlib.sha256(content).hexdigest()
        digests = {name: digest for name, digest in digests.items() if not is_skipped(name, self.skipped)}
        parents = {name[: slash + 1] for name in digests for slash, letter in enumerate(name[:-1]) if letter == "/"}
        return {name: digest for name, digest in digests.items() if digest or name not in parents}

    def contents(self, wanted: Container[str]) -> Iterator[tuple[str, Content]]:
        for name, content in self._members():
            if content is not None and name in wanted:
                yield name, content

    def skipped_names(self) -> tuple[str, ...]:
        return skipped_among(self.path, self._all_names if self.skipped else (), self.skipped)

    @functools.cached_property
    def _all_names(self) -> tuple[str, ...]:
        return tuple(name for name, content in self._members() if content is not None)

    def _members(self) -> Iterator[tuple[str, bytes | None]]:
        kind = "a .zip" if is_zip(self.path) else "a .tar or .tar.gz"
        with damage_named(self.path, f"{kind} of images", "get it anew, it was left as it is"):
            for member, content in archive_members(self.path, at_most=LARGEST_FILE, is_wanted=self._is_wanted):
                name = _safe_name(member, self.path)
                yield (name, content) if content is not None else (f"{name}/", None)
            self._check_end()

    def _is_wanted(self, member: Member) -> bool:
        return _safe_name(member, self.path) != "."

    def _check_end(self) -> None:
        """Raise EOFError where a plain .tar was cut between two members, by the zeros that should end it."""
        if self.path.suffix.lower() != ".tar" or is_zip(self.path):
            return  # a cut .gz or .zip says so itself
        with open_file(self.path) as file:
            file.seek(-min(512, self.path.stat().st_size), os.SEEK_END)
            if file.read().strip(b"\0"):
                raise EOFError("its end is missing")


def _safe_name(member: Member, archive: Path) -> str:
    name = re.sub(r"^(\./)+", "", member.name).rstrip("/") or "."
    if member.kind == "link":
        target = f" to {member.target!r}" if member.target else ""
        raise WrongFile(f"{archive} holds a link, {member.name!r}{target}: pack the files themselves")
    if member.kind == "other":
        raise WrongFile(f"{archive} holds {member.name!r}, which is neither file nor folder: pack image files only")
    if name.startswith("/") or re.match(r"^[A-Za-z]:", name) or "\\" in name or ".." in name.split("/"):
        raise WrongFile(
            f"{archive} holds {member.name!r}, a path that leads outside: pack it with plain relative paths"
        )
    return name
