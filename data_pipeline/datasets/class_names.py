"""Names of classes as a person reads them: their order, spellings that no eye tells apart, names of nothing."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from keras_suite.tasks.wording.quantities import counted

_MOST_DIGITS = 4_300  # of a number that Python reads
# What pandas, NumPy and spreadsheets write where there is nothing: never a class.
_MISSING = frozenset({"nan", "<na>", "nat", "#n/a", "#na", "-nan", "1.#qnan", "#null!", "#ref!", "#value!"})
# What some programs write for nothing, and some people call a class.
_PERHAPS_MISSING = frozenset({"none", "null", "na", "n/a", "nil", "undefined", "missing", "?", "-"})
_BLANK_BRAILLE = "\u2800"  # which is no blank to Python


def in_counting_order(names: Iterable[str]) -> list[str]:
    """Return names in the order in which a person counts: 2 before 10, "class 2" before "class 10", else by letters."""
    listed = list(names)
    numbers = {name: number_of(name) for name in listed}
    if all(number is not None for number in numbers.values()):
        return sorted(listed, key=lambda name: (numbers[name], name))
    return sorted(listed, key=lambda name: (_chunks(name), name))


def number_of(name: str) -> float | int | None:
    """Return the number that a name is, as "003" or "10.0" are; None if it is none."""
    if name.isdecimal() and len(name) <= _MOST_DIGITS:
        return int(name)
    if not re.fullmatch(r"[+-]?\d{1,300}(\.\d{0,300})?", name):
        return None
    number = float(name)
    return number if math.isfinite(number) else None


def _chunks(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"([0-9]+)", name)
    return [
        (0, int(part), "") if part.isdecimal() and len(part) <= _MOST_DIGITS else (1, 0, part) for part in parts if part
    ]


def stands_for_nothing(name: str) -> bool:
    """Return whether a label is what programs write where there is none, as "nan", or has nothing that can be seen."""
    return name.strip().lower() in _MISSING or bool(name.strip() and not _visible(name))


def perhaps_missing(names: Sequence[str]) -> list[str]:
    """Return the names that may stand for no label at all, as "none"."""
    return [name for name in names if stands_for_nothing(name) or name.strip().lower() in _PERHAPS_MISSING]


# -- spellings that no eye tells apart ---------------------------------------------------------------------------------


def one_spelling(counts: Mapping[str, int]) -> dict[str, str]:
    """Return for each name the one that stands for all that no eye tells apart from it.

    Those are other Unicode forms, invisible characters and other blanks. The most frequent spelling stands for all, of
    equally frequent ones the plainest.

    Args:
        counts: The images of each name.
    """
    spellings: dict[str, list[str]] = {}
    for name in counts:
        spellings.setdefault(as_seen(name), []).append(name)
    chosen = {}
    for seen, names in spellings.items():
        best = min(names, key=lambda name: (-counts[name], name != seen, len(name), name))
        chosen.update(dict.fromkeys(names, best))
    return chosen


def joined_note(labels: Sequence[str], spelling: Mapping[str, str], place: Callable[[int], str]) -> tuple[str, ...]:
    """Say how many labels joined others that no eye tells apart; nothing where none did.

    Args:
        labels: As they were given.
        spelling: What `one_spelling` made of them.
        place: Returns where a label stands, by its number, as "in row 5".
    """
    joined = [at for at, label in enumerate(labels) if spelling[label] != label]
    if not joined:
        return ()
    one = labels[joined[0]]
    return (
        f"{counted(len(joined), 'label')} joined others that no eye tells apart (first: {spelled_out(one)} "
        f"{place(joined[0])} is {spelled_out(spelling[one])})",
    )


def as_seen(name: str) -> str:
    """Return a name in the one Unicode form and with the blanks that an eye sees."""
    return _visible(name) or name


def _visible(name: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFC", name) if not _is_invisible(letter))
    return " ".join(plain.replace(_BLANK_BRAILLE, " ").split())  # split() takes every kind of blank


def _is_invisible(letter: str) -> bool:
    if unicodedata.category(letter) in ("Cf", "Cc"):
        return not letter.isspace()
    is_variant = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"  # of how a letter is drawn
    return is_variant or letter in "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"


def spelled_out(name: str) -> str:
    """Return a name in quotes with everything that is not plain to see as its code, as 'c\\u200bat'."""
    plain = "".join(
        letter if letter.isprintable() and not (unicodedata.combining(letter) or _is_unseen(letter)) else _code(letter)
        for letter in name
    )
    return f"'{plain}'"


def _is_unseen(letter: str) -> bool:
    return _is_invisible(letter) or letter == _BLANK_BRAILLE


def _code(letter: str) -> str:
    return ascii(letter)[1:-1]
