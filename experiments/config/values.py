"""What may stand in a Config, a Part or an Experiment: plain data that JSON restores equal.

Everything else is named in one line, before anything iterates over it. NumPy's numbers become Python's, paths become
text, tuples become lists.
"""

import math
import re
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import shown

DEEPEST = 16  # lists inside lists
LONGEST_TEXT = 10_000
LONGEST_LIST = 100_000
LARGEST_BITS = 1_024  # of a whole number: what a float cannot hold, no option takes
LONGEST_NAME = 120  # of a variant, in bytes: it names a folder, together with an identity
LONGEST_OWN_NAME = 1_000  # of an own part, with its file's path
MOST_RUNS = 20_000  # of an experiment
MOST_OF_A_FIELD = 1_000_000  # epochs, images in a batch


def plain(value: Any, where: str, depth: int = 0) -> Any:
    """Return an option's value as plain data; ValueError names it if it is not."""
    if depth > DEEPEST:
        raise ValueError(f"option {where} holds lists that are nested more than {DEEPEST} deep: flatten it")
    if isinstance(value, list | tuple):
        if len(value) > LONGEST_LIST:
            raise ValueError(
                f"option {where} is a list of {len(value):,} values: at most {LONGEST_LIST:,} are possible"
            )
        return [plain(item, where, depth + 1) for item in value]
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # a number of NumPy's
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, PathLike):
        value = fspath(value)
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, int):
        if value.bit_length() > LARGEST_BITS:
            raise ValueError(f"option {where} is a number of {value.bit_length():,} bits: give a smaller one")
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    mend = "; .tolist() makes a list of an array" if hasattr(value, "tolist") else ""
    raise ValueError(
        f"option {where}={shown(value)} is a {type(value).__name__}: expected a number, text, None or a list{mend}"
    )


def _text(value: str, where: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise ValueError(
            f"option {where}={shown(value)} is a text of {len(value):,} characters: at most {LONGEST_TEXT:,} are "
            "possible"
        )
    if "\0" in value:
        raise ValueError(f"option {where}={shown(value)} holds a null character: leave it out")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"option {where}={shown(value)} is no text in UTF-8: write it in characters") from None
    return str(value)


def check_part(name: Any, options: Any) -> None:
    """Raise ValueError unless a part has a name and options by name."""
    if not isinstance(name, str):
        raise ValueError(
            f"use({shown(name)}) names no part: give its name, for example use('mlp'), or a function of your own"
        )
    if len(name) > (LONGEST_OWN_NAME if ":" in name else LONGEST_NAME):
        raise ValueError(f"use({shown(name)}) names no part: its name has {len(name):,} characters")
    if not isinstance(options, Mapping):
        raise ValueError(
            f"the options of {name!r} are {shown(options)}: expected names and values, for example {{'units': [16]}}"
        )
    for key in options:
        if not isinstance(key, str):
            raise ValueError(f"the options of {name!r} have the name {shown(key)}: expected text")


def parts_of(value: Any, where: str) -> tuple[Any, ...]:
    """Return the parts of a Config's callbacks or phases; ValueError unless it is a list or a tuple."""
    if not isinstance(value, list | tuple):
        raise ValueError(f"{where}={shown(value)} is no list of parts: expected use(...) parts in a tuple, () for none")
    return tuple(value)


def check_whole(value: Any, where: str, most: int) -> None:
    """Raise ValueError unless a value is a whole number from 1 up to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{where}={shown(value)} is not possible: expected a whole number from 1 up")
    if value > most:
        raise ValueError(f"{where}={shown(value)} is more than is possible: give at most {most:,}")


def whole(value: Any) -> Any:
    """Return a whole number of NumPy's as Python's; anything else as it is."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value


def check_variants(variants: Any) -> None:
    """Raise ValueError unless variants are names of folders, each with overrides by path."""
    if not isinstance(variants, Mapping):
        raise ValueError(
            f"variants={shown(variants)} is a {type(variants).__name__}: expected names and overrides, for example "
            "variants={'base': {}, 'wide': {'model.units': [64]}}"
        )
    if not variants:
        raise ValueError("variants is empty: name at least one, for example variants={'base': {}}")
    if len(variants) > MOST_RUNS:
        raise ValueError(f"there are {len(variants):,} variants: at most {MOST_RUNS:,} runs are possible")
    for name, overrides in variants.items():
        check_variant_name(name)
        check_overrides(overrides, f"variant {name!r}")
    folded = [name.casefold() for name in variants]
    if len(set(folded)) < len(folded):
        raise ValueError(f"variants {shown(sorted(variants))} differ only in case, and some file systems do not care")


def check_variant_name(name: Any) -> None:
    """Raise ValueError unless a variant's name can name a folder."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.+-]*", name):
        raise ValueError(
            f"variant {shown(name)} cannot name a folder: use letters, digits and _ . + -, starting with a letter or a "
            "digit"
        )
    if len(name) > LONGEST_NAME:
        raise ValueError(f"variant {shown(name)} has {len(name):,} letters: at most {LONGEST_NAME} can name a folder")


def check_overrides(overrides: Any, whose: str) -> None:
    """Raise ValueError unless overrides are values by path."""
    if not isinstance(overrides, Mapping):
        raise ValueError(
            f"{whose} is {shown(overrides)}: expected overrides of the base, for example {{'model.units': [64]}}"
        )
    for path in overrides:
        if not isinstance(path, str):
            raise ValueError(f"{whose} overrides {shown(path)}: expected a path as text, for example 'model.units'")


def pairs_of(against: Any, variants: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the pairs that a report compares; ValueError unless they are pairs of variants."""
    if isinstance(against, str | bytes) or not isinstance(against, Sequence):
        raise ValueError(
            f"against={shown(against)} is a {type(against).__name__}: expected a tuple of pairs, for example "
            "against=('wide=narrow',)"
        )
    for pair in against:
        if not isinstance(pair, str):
            raise ValueError(f"against names {shown(pair)}: write two variants as 'variant=other'")
        for name in pair.split("=", 1):
            if "=" not in pair or name not in variants:
                raise ValueError(
                    f"against={shown(pair)}: write two variants as 'variant=other'; "
                    + unknown("variant", name, variants)
                )
    return tuple(against)
