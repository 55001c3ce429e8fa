"""Names of classes as a person reads them: their order, spellings that no eye tells apart, names that look alike."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

_MOST_DIGITS = 4_300  # of a number that Python reads
# What pandas, NumPy and spreadsheets write where there is nothing: never a class.
_MISSING = frozenset({"nan", "<na>", "nat", "#n/a", "#na", "-nan", "1.#qnan", "#null!", "#ref!", "#value!"})
# What some programs write for nothing, and some people call a class.
_PERHAPS_MISSING = frozenset({"none", "null", "na", "n/a", "nil", "undefined", "missing", "?", "-"})


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
    """Return whether a label is what programs write where there is none, as "nan"."""
    return name.strip().lower() in _MISSING


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
        spellings.setdefault(_as_seen(name), []).append(name)
    chosen = {}
    for seen, names in spellings.items():
        best = min(names, key=lambda name: (-counts[name], name != seen, len(name), name))
        chosen.update(dict.fromkeys(names, best))
    return chosen


def _as_seen(name: str) -> str:
    visible = "".join(letter for letter in unicodedata.normalize("NFC", name) if not _is_invisible(letter))
    return " ".join(visible.split()) or name  # split() takes every kind of blank


def _is_invisible(letter: str) -> bool:
    return (
        unicodedata.category(letter) in ("Cf", "Cc") and not letter.isspace()
    ) or letter in "\u034f\u115f\u1160\u17b4\u3164"


def spelled_out(name: str) -> str:
    """Return a name in quotes with everything that is not plain to see as its code, as 'c\\u200bat'."""
    plain = "".join(
        letter if letter.isprintable() and not unicodedata.combining(letter) else ascii(letter)[1:-1] for letter in name
    )
    return f"'{plain}'"


# -- names that look alike ---------------------------------------------------------------------------------------------


def look_alikes(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return pairs of names that are likely one class, with what tells them apart, as "case" or "plural"."""
    found: dict[tuple[str, str], str] = {}
    kinds: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("case", _without_case),
        ("letters of another alphabet", _in_latin),
        ("punctuation", _without_punctuation),
        ("number as text", _as_number),
    )
    for kind, key in kinds:
        same: dict[object, list[str]] = {}
        for name in names:
            if (value := key(name)) is not None:
                same.setdefault(value, []).append(name)
        for group in same.values():
            for pair in combinations(group, 2):
                found.setdefault(pair, kind)
    for one, other in _plurals(names):
        found.setdefault((one, other), "plural")
    for name in names:
        parts = [part.strip() for part in re.split(r"[ ,;|+&/]+", name)]
        if len(parts) > 1 and all(part in names and part != name for part in parts):
            found.setdefault((parts[0], name), "several classes")
    return [(*pair, kind) for pair, kind in found.items()]


# Letters of the Cyrillic and Greek alphabets that look like Latin ones.
_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u03bf\u03bd\u03b1", "aeopcxyijsova"
)


def _in_latin(name: str) -> str | None:
    lower = _without_case(name)
    return lower.translate(_LATIN) if any("a" <= letter <= "z" for letter in lower) else None


def _without_case(name: str) -> str:
    # also letters of other alphabets that look like Latin ones in compatibility forms, as full-width ones
    return unicodedata.normalize("NFKC", _as_seen(name)).casefold()


def _without_punctuation(name: str) -> str | None:
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", _without_case(name)) if letter.isalnum())
    return letters if letters and not letters.isdecimal() else None


def _as_number(name: str) -> float | int | None:
    return number_of(name.strip())


def _plurals(names: Sequence[str]) -> list[tuple[str, str]]:
    known = {_without_case(name): name for name in names}
    pairs = []
    for key, name in known.items():
        if len(key) < 3 or not key[-1].isalpha():
            continue
        forms = [f"{key}s", f"{key}es"] + ([f"{key[:-1]}ies"] if key.endswith("y") else [])
        pairs += [(name, known[form]) for form in forms if form in known]
    return pairs


def perhaps_missing(names: Sequence[str]) -> list[str]:
    """Return the names that may stand for no label at all, as "none"."""
    return [name for name in names if name.strip().lower() in _MISSING | _PERHAPS_MISSING]
