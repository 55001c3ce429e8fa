"""Which image files are meant by the words of a command: files, folders, patterns, lists, tables, standard input."""

import glob
import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keras_suite.data_pipeline.datasets.csv_table import read_csv
from keras_suite.data_pipeline.images.leftovers import PACKED, why_left_out
from keras_suite.tasks.reading.files import read_at_most, read_file
from keras_suite.tasks.reading.text import shortened
from keras_suite.tasks.wording.near_names import did_you_mean

STANDARD_INPUT = "-"
LISTS, TABLES = (".txt", ".lst", ".list"), (".csv",)
IMAGE_COLUMNS = ("image", "path", "file", "filename", "file_name", "image_path", "filepath", "image_id")
LABEL_COLUMNS = ("label", "class", "category", "target")
LARGEST_LIST = 256 * 2**20  # bytes: some millions of paths
_NO_IMAGES = (".txt", ".md", ".csv", ".tsv", ".json", ".xml", ".yaml", ".yml", ".html", ".log", ".py", ".ipynb")


@dataclass(frozen=True)
class Asked:
    """An image file that is asked about; `label` is the class that it is said to be of, None where nothing says it."""

    path: Path
    label: str | None = None


@dataclass
class Request:
    """All that was asked for, in order.

    Attributes:
        images: The files. That they exist or are images is not known yet.
        problems: A line for each word that means no file at all.
        left_out: Files in folders that are no images.
        unknown: Names of folders, or in tables, that stand where a class would and are none of the run's.
    """

    images: list[Asked] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: list[Path] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """The columns of tables that hold paths and labels; None to recognise them by the customary names."""

    image: str | None = None
    label: str | None = None


def requested(
    words: Sequence[str],
    class_names: Sequence[str],
    columns: Columns = Columns(),
    read_input: Callable[[], bytes] = lambda: b"",
) -> Request:
    """Find the image files that are meant.

    Args:
        words: Each a file; a folder, with all below it; a pattern as "photos/**/*.jpg"; a list of paths, one a line, in
            a .txt file or on standard input ("-"); or a .csv table with a column of paths.
        class_names: The run's classes. A file below a folder of such a name is said to be of that class.
        columns: The columns of tables.
        read_input: Returns what stands on standard input; called where a word is "-".

    Raises:
        ValueError: If a list or a table cannot be read, or lacks a column.
    """
    request, by_name = Request(), _Classes(class_names)
    for word in words:
        try:
            _add(request, word, by_name, columns, read_input)
        except OSError as error:
            request.problems.append(f"{word}: {(error.strerror or str(error)).lower()}")
    return request


def _add(request: Request, word: str, classes: "_Classes", columns: Columns, read_input: Callable[[], bytes]) -> None:
    if word == STANDARD_INPUT:
        _add_list(request, read_input(), "standard input", [Path()], classes)
        return
    path = Path(word)
    suffix = path.suffix.lower()
    if path.is_dir():
        _add_folder(request, path, classes)
    elif suffix in LISTS and path.is_file():
        content = read_file(path, at_most=LARGEST_LIST, expected="a list of image files")
        _add_list(request, content, word, [Path(), path.parent], classes)
    elif suffix in TABLES and path.is_file():
        _add_table(request, path, classes, columns)
    elif not os.path.lexists(path) and glob.has_magic(word):
        _add_pattern(request, word, classes)
    elif "://" in word:
        request.problems.append(f"{word}: an address on the network: download it first, and give the file")
    elif why_left_out(path.name) == PACKED and path.is_file():
        request.problems.append(f"{word}: an archive: unpack it, and give its folder")
    else:
        request.images.append(Asked(path))


def _add_pattern(request: Request, pattern: str, classes: "_Classes") -> None:
    found = sorted(glob.glob(pattern, recursive=True))
    if not found:
        request.problems.append(f"{pattern}: no file matches")
    for each in found:
        if not os.path.isdir(each):
            request.images.append(Asked(Path(each)))
        elif "**" not in pattern:  # which matches each folder as well as all that lies in it
            _add_folder(request, Path(each), classes)


def _add_folder(request: Request, folder: Path, classes: "_Classes") -> None:
    """Add all images below a folder, by name; the nearest folder around each that is called as a class is its label."""
    before = len(request.images)
    around = Path(os.path.abspath(folder)).name
    for path in _files_below(folder):
        inside = path.relative_to(folder).parts
        name = inside[-1]
        left_out = why_left_out("/".join(inside)) is not None
        if left_out or name.startswith(".") or path.suffix.lower() in _NO_IMAGES:
            request.left_out.append(path)
            continue
        labels = [label for part in (*reversed(inside[:-1]), around) if (label := classes.known(part)) is not None]
        if not labels and len(inside) > 1 and classes.names:
            request.unknown[inside[-2]] = request.unknown.get(inside[-2], 0) + 1
        request.images.append(Asked(path, labels[0] if labels else None))
    if len(request.images) == before:
        request.problems.append(f"{folder}: a folder without an image")


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder; links to folders are followed, but not in a circle."""
    seen = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        if (real := os.path.realpath(place)) in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files))


def _add_list(request: Request, content: bytes, where: str, bases: Sequence[Path], classes: "_Classes") -> None:
    """Add a file for each line that is not blank, or for each part that ends in a zero byte (`find -print0`)."""
    parts = content.split(b"\0") if b"\0" in content else content.removeprefix(b"\xef\xbb\xbf").splitlines()
    names = [os.fsdecode(part).strip("\r\n") for part in parts]
    names = [name for name in names if name.strip()]
    if not names:
        request.problems.append(f"{where}: a list without a path: give one a line")
    for name in names:
        path = _found(name if os.path.lexists(name) else name.strip(), bases)
        if path.is_dir():
            _add_folder(request, path, classes)
        elif "://" in name:
            request.problems.append(f"{name}: an address on the network: download it first, and give the file")
        else:
            request.images.append(Asked(path))


def _found(name: str, bases: Iterable[Path]) -> Path:
    """Return where a relative path leads to from the first of the folders in which it exists, else from the first."""
    candidates = [base / os.path.expanduser(name) for base in bases]
    return next((path for path in candidates if os.path.lexists(path)), candidates[0])


def _add_table(request: Request, path: Path, classes: "_Classes", columns: Columns) -> None:
    table = read_csv(path)
    image = _column(path, tuple(table.columns), columns.image, IMAGE_COLUMNS, "--image-column")
    if image is None:
        known = ", ".join(map(shortened, list(table.columns)[:12]))
        raise ValueError(
            f"{path} has none of the columns {', '.join(IMAGE_COLUMNS)} (its first row names {known}): say which holds "
            "the paths with --image-column"
        )
    label = _column(path, tuple(table.columns), columns.label, LABEL_COLUMNS, "--label-column")
    labels = table.columns[label] if label is not None else ("",) * len(table.rows)
    for name, text in zip(table.texts(image), labels, strict=True):
        known_label = classes.known(text) if text else None
        if text and known_label is None and classes.names:
            request.unknown[text] = request.unknown.get(text, 0) + 1
        request.images.append(Asked(_found(name, (path.parent, Path())), known_label))


def _column(path: Path, names: Sequence[str], given: str | None, customary: Sequence[str], option: str) -> str | None:
    """Return the column that is asked for, or the first of the customary ones; None if there is none."""
    if given is not None:
        if given not in names:
            raise ValueError(f"{path} has no column {given!r}{did_you_mean(given, names)} ({option})")
        return given
    by_name = {name.lower().replace(" ", "_"): name for name in reversed(names)}
    return next((by_name[name] for name in customary if name in by_name), None)


class _Classes:
    """The run's classes as folders and tables spell them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._exactly = {name: name for name in names}
        alike: dict[str, list[str]] = {}
        for name in names:
            alike.setdefault(_spelling(name), []).append(name)
        self._alike = {spelling: each[0] for spelling, each in alike.items() if len(each) == 1}

    def known(self, text: str) -> str | None:
        """Return the class of this name, in any case and Unicode form where only one has it; None if there is none."""
        return self._exactly.get(text) or self._alike.get(_spelling(text))


def _spelling(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def read_standard_input() -> bytes:
    """Return the bytes of standard input. Raises ValueError if there are too many."""
    import sys

    return read_at_most(sys.stdin.buffer, LARGEST_LIST)
