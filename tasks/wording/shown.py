"""Values and messages of others as they stand in one line of an error: short, and whatever their `repr` does."""

from typing import Any

LONGEST_VALUE = 80
LONGEST_LINE = 1_000


def shown(value: Any, most: int = LONGEST_VALUE) -> str:
    """Return a value as Python writes it, on one line, cut off after `most` characters."""
    try:
        text = repr(value)
    except Exception:  # nested too deeply, a number of too many digits, or a class of the user's own
        text = f"a {type(value).__name__}"
    return one_line(text, most)


def one_line(text: str, most: int = LONGEST_LINE) -> str:
    """Return a text on one line without control characters, cut off after `most` characters."""
    text = " ".join(text[: 20 * most].split())
    text = "".join(character if character.isprintable() else "�" for character in text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def message_of(error: BaseException) -> str:
    """Return what an error says, on one line; of an error of the system the file first, then the reason."""
    try:
        if isinstance(error, OSError) and error.strerror and error.filename is not None:
            return one_line(f"{error.filename}: {error.strerror[0].lower()}{error.strerror[1:]}")
        return one_line(str(error))
    except Exception:
        return "its message cannot be shown"
