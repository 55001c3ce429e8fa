"""What would not fit into memory, refused by arithmetic before any of it is taken."""

import psutil

SHARE = 0.9  # of the free memory that one thing may take


class TooLarge(ValueError):
    """Something would not fit into memory."""


def free_bytes() -> int:
    """Return how much memory is free, by the operating system's estimate."""
    return int(psutil.virtual_memory().available)


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
