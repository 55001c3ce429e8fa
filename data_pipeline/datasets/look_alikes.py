"""Names of classes that are likely one class: another case, a plural, letters of other alphabets, slips of the pen."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, groupby

from keras_suite.data_pipeline.datasets.class_names import as_seen, number_of, spelled_out

Pair = tuple[str, str]
_LEAST = 6  # letters of a name in which a slip of the pen is likelier than another word

# Letters of the Cyrillic and Greek alphabets that look like the Latin ones below them; capitals apart, since
# "\u0412" looks like B, and its small form like no b.
_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u0501\u051b\u051d\u03bf\u03bd\u03b1\u03c1\u03b9\u03ba"
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0131",
    "aeopcxyijsdqwovapikABESIJKMHOPCTYXABEZHIKMNOPTYXi",
)
_DIGITS = str.maketrans("oil", "011")
_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
    "teeth": "tooth",
    "oxen": "ox",
}


def look_alikes(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return pairs of names that are likely one class, with what tells them apart, as "case" or "plural"."""
    found: dict[Pair, str] = {}
    kinds: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("case", _without_case),
        ("letters of another alphabet", _in_latin),
        ("punctuation", _without_punctuation),
        ("number as text", _as_number),
        ("digits and letters", _in_digits),
        ("doubled letters", _without_doubles),
        ("letters in another order", _letters),
    )
    for kind, key in kinds:
        same: dict[object, list[str]] = {}
        for name in names:
            if (value := key(name)) is not None:
                same.setdefault(value, []).append(name)
        for group in same.values():
            for one, other in combinations(group, 2):
                if key is not _in_digits or any(map(str.isdecimal, one + other)):  # "ball" is not "bail"
                    found.setdefault((one, other), kind)
    for pair in _plurals(names):
        found.setdefault(pair, "plural")
    for pair in _several(names):
        found.setdefault(pair, "several classes")
    return [(*pair, kind) for pair, kind in found.items()]


def taken_for(name: str, names: Sequence[str]) -> str:
    """Return, for an error about a class, which other name it looks like: "; is it 'cat'?"; "" if there is none."""
    others = [one if other == name else other for one, other, _ in look_alikes(names) if name in (one, other)]
    return f"; is it the class {spelled_out(others[0])}?" if others else ""


def _in_latin(name: str) -> str | None:
    latin = as_seen(name).translate(_LATIN).casefold()
    return latin if latin.isascii() else None


def _without_case(name: str) -> str:
    # also letters of other alphabets that look like Latin ones in compatibility forms, as full-width ones
    return unicodedata.normalize("NFKC", as_seen(name)).casefold()


def _plain(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", _without_case(name)) if letter.isalnum())


def _without_punctuation(name: str) -> str | None:
    letters = _plain(name)  # "C" and "C++", or the grades "A" and "A-", are told apart by nothing else
    return letters if len(letters) > 1 and not letters.isdecimal() else None


def _as_number(name: str) -> float | int | None:
    return number_of(name.strip())


def _in_digits(name: str) -> str | None:
    letters = _plain(name)
    return letters.translate(_DIGITS) if len(letters) > 1 else None


def _without_doubles(name: str) -> str | None:
    letters = _plain(name)
    if len(letters) < _LEAST or not letters.isalpha():
        return None
    return "".join(letter for letter, _ in groupby(letters))


def _letters(name: str) -> str | None:
    letters = _plain(name)
    if len(letters) < _LEAST or not letters.isalpha():
        return None
    return letters[0] + "".join(sorted(letters[1:-1])) + letters[-1]


def _plurals(names: Sequence[str]) -> Iterator[Pair]:
    known = {_plain(name): name for name in names}
    for key, name in known.items():
        for form in _singulars(key):
            if form in known and known[form] != name:
                yield known[form], name


def _singulars(plural: str) -> Iterator[str]:
    if plural in _IRREGULAR:
        yield _IRREGULAR[plural]
    if len(plural) > 3 and plural[-2].isalpha():
        for ending, forms in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""), ("i", "us")):
            if plural.endswith(ending):
                yield plural.removesuffix(ending) + forms
        if plural.endswith("ves"):
            yield plural.removesuffix("ves") + "fe"


def _several(names: Sequence[str]) -> Iterator[Pair]:
    """Yield names that are several others, as "cat dog" or "cat,dog"."""
    known = set(names)
    for name in names:
        plain = name
        for mark in ",;|+&/":
            plain = plain.replace(mark, " ")
        parts = plain.split()
        if len(parts) > 1 and all(part in known for part in parts):
            yield parts[0], name
