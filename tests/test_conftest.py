"""Slow tests rotate, so that a run that is cut off by its time is not always cut off at the same test."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.conftest import rotate


def test_every_file_comes_first_in_one_of_the_rotations_and_stays_whole() -> None:
    items: list[Any] = [SimpleNamespace(path=Path(name), number=k) for name in "abc" for k in range(2)]
    first = set()
    for number in range(3):
        rotated = list(items)
        rotate(rotated, number)
        names = "".join(item.path.name for item in rotated)
        assert names in ("aabbcc", "bbccaa", "ccaabb")
        assert [item.number for item in rotated] == [0, 1] * 3
        first.add(names[0])
    assert first == set("abc")
