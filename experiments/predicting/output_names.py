"""What predicted pictures are called: two images never share a name, and nothing is overwritten."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path


def output_names(images: Sequence[Path]) -> dict[Path, str]:
    """Return a file name, or a relative path, of the predicted picture of each image: `<image>-predicted.png`.

    Images of one name in different folders go into folders of those names, relative to the one around all of them;
    those that differ in their suffix keep it.
    """
    distinct = list(dict.fromkeys(images))
    stems = Counter(path.stem.casefold() for path in distinct)
    absolute = {path: os.path.abspath(path) for path in distinct}
    root = os.path.commonpath([os.path.dirname(path) for path in absolute.values()]) if absolute else ""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for path in distinct:
        for name in _candidates(path, os.path.relpath(absolute[path], root), stems[path.stem.casefold()] == 1):
            if name.casefold() not in taken:  # as file systems of Windows and macOS compare
                break
        taken.add(name.casefold())
        names[path] = name
    return names


def _candidates(path: Path, inside: str, is_alone: bool) -> Iterator[str]:
    """Yield names for the picture of an image that lies at `inside` below the folder around all images."""
    if is_alone:
        yield f"{path.stem}-predicted.png"
    folder = Path(inside).parent
    yield str(folder / f"{path.stem}-predicted.png")
    yield str(folder / f"{path.name}-predicted.png")
    for number in itertools.count(2):
        yield str(folder / f"{path.name}-predicted-{number}.png")


def free_path(path: Path, content: bytes) -> Path:
    """Return `path` if it is free or has this content already, else one with a number: `a-predicted-2.png`."""
    for number in itertools.count(1):
        candidate = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        if not os.path.lexists(candidate) or (candidate.is_file() and candidate.read_bytes() == content):
            return candidate
    raise AssertionError
