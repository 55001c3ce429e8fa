"""What would not fit into memory, refused by arithmetic before any of it is taken."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

SHARE = 0.9  # of the free memory that one thing may take
GROUPS = Path("/sys/fs/cgroup")
# By controller, "" for version 2: the files of a group's limit and use, and what of that is cached files.
_LIMITS = {
    "": ("memory.max", "memory.current", "inactive_file"),
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}


class TooLarge(ValueError):
    """Something would not fit into memory."""


def free_bytes() -> int:
    """Return how much memory is free: by the operating system's estimate, and within the limit of a container."""
    return min([int(psutil.virtual_memory().available), *_free_in_groups(Path("/proc/self/cgroup"), GROUPS)])


def _free_in_groups(membership: Path, groups: Path) -> Iterator[int]:
    """Yield what each control group (Linux: a container's, a batch job's) that this process is in leaves free."""
    with contextlib.suppress(OSError, ValueError):
        for line in membership.read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in _LIMITS:
                top, files = groups / controllers, _LIMITS[controllers]
                own = top / path.lstrip("/")
                for folder in (own, *own.parents[: len(own.parts) - len(top.parts)]):
                    yield from _free_in(folder, *files)


def _free_in(folder: Path, limit: str, used: str, cached: str) -> Iterator[int]:
    """Yield what one group leaves free; nothing where it has no limit. Cached files count as free."""
    with contextlib.suppress(OSError, ValueError):  # "max" is no number
        most, taken = (int((folder / name).read_text()) for name in (limit, used))
        facts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        yield max(0, most - taken + int(facts.get(cached, 0)))


def check_fits(needed: int, what: str, mend: str) -> None:
    """Raise TooLarge if that many bytes are not free.

    Args:
        needed: Bytes.
        what: What needs them, with its sizes, as "1,797 images of 4096x4096x1".
        mend: What to do about it.
    """
    free = free_bytes()
    if needed > SHARE * free:
        raise TooLarge(f"{what} need {needed / 1e9:,.1f} GB of memory, and {free / 1e9:,.1f} GB are free: {mend}")


def most_side(count: int, channels: int) -> int:
    """Return the side of the largest square images, uint8, of which so many fit into memory."""
    return int((SHARE * free_bytes() / max(1, count * channels)) ** 0.5)
