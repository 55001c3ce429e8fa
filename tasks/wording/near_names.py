"""The answer to a name that is not known: what was given, the nearest known name, and all of them."""

import difflib
from collections.abc import Iterable


def nearest(given: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like the given one, or None if none is like it."""
    return next(iter(difflib.get_close_matches(given, list(known), n=1, cutoff=0.5)), None)


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
    return f"unknown {kind} {given!r}{did_you_mean(given, names)} (known: {', '.join(names) or 'none'})"
