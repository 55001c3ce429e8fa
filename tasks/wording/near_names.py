"""The answer to a name that is not known: what was given, the nearest known name, and all of them."""

import difflib
from collections.abc import Iterable

from keras_suite.tasks.wording.shown import shown

MOST_LISTED = 100


def nearest(given: str, known: Iterable[str], likeness: float = 0.5) -> str | None:
    """Return the known name that is most like the given one, or None if none is so like it (0 to 1)."""
    return next(iter(difflib.get_close_matches(given, list(known), n=1, cutoff=likeness)), None)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'adam'?", or nothing where no known name is near."""
    near = nearest(given, known)
    return f"; did you mean {near!r}?" if near is not None else ""


def unknown(kind: str, given: str, known: Iterable[str]) -> str:
    """Return the line of an error about an unknown name.

    Args:
        kind: What the name is of, such as "optimizer".
        given: The name that was given.
        known: All names that would have been right.
    """
    names = sorted(known)
    listed = ", ".join(names[:MOST_LISTED]) + (f" and {len(names) - MOST_LISTED:,} more" if names[MOST_LISTED:] else "")
    return f"unknown {kind} {shown(given)}{did_you_mean(given, names)} (known: {listed or 'none'})"
