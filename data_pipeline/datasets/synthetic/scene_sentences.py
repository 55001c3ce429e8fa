"""Sentences that say which digits are in a scene and how they lie: "a three above a seven and a two".

A sentence names every digit once, two by two, and one alone where their number is odd. Of a pair it says that one is
above, below, left of or right of the other, by the boxes' centres. That is true up to 60 degrees to either side of the
direction, so of a pair that lies near a diagonal two relations are. Pairs, their order and which digit comes first are
free: so a scene of two digits has two true sentences or four, one of four digits up to 96.
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np

START, END = "<start>", "<end>"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS = (START, END, "a", "an", "and", "above", "below", "left", "right", "of", *DIGITS)
LONGEST = 15  # words of two pairs that lie "left of" or "right of" each other, with start and end

_LEAST = math.tan(math.radians(30))  # of the way along the other axis: 60 degrees off
_GROUPS = {1: ((1,),), 2: ((2,),), 3: ((2, 1), (1, 2)), 4: ((2, 2),)}  # how many digits each phrase names

Sentence = tuple[str, ...]


def true_sentences(digits: Sequence[int], boxes: np.ndarray) -> tuple[Sentence, ...]:
    """Return all that is true of one to four digits in boxes (k, 4), each once; the canonical one comes first."""
    found = [canonical_sentence(digits, boxes)]
    for order in itertools.permutations(range(len(digits))):
        for sizes in _GROUPS[len(digits)]:
            groups = _groups(order, sizes)
            phrases = itertools.product(*(_phrases(group, digits, boxes) for group in groups))
            found += [_joined(phrase) for phrase in phrases]
    return tuple(dict.fromkeys(found))


def canonical_sentence(digits: Sequence[int], boxes: np.ndarray) -> Sentence:
    """Return the digits from top to bottom, two by two; of a pair first the one above or on the left, as it fits
    better.
    """
    order = sorted(range(len(digits)), key=lambda at: tuple(_centre(boxes[at])))
    phrases = []
    for group in _groups(order, _GROUPS[len(digits)][0]):
        if len(group) == 2 and relations(boxes[group[0]], boxes[group[1]])[0][0] in ("below", "right"):
            group = group[::-1]
        phrases.append(_phrases(group, digits, boxes)[0])
    return _joined(phrases)


def relations(one: np.ndarray, other: np.ndarray) -> list[Sentence]:
    """Return how a box (top, left, height, width) lies from another: one relation or two, first the one that fits
    better.
    """
    down, right = (float(way) for way in _centre(one) - _centre(other))
    along_rows = (abs(down), abs(right), ("above",) if down < 0 else ("below",))
    along_columns = (abs(right), abs(down), ("left", "of") if right < 0 else ("right", "of"))
    ordered = sorted((along_rows, along_columns), key=lambda found: -found[0])
    return [relation for way, aside, relation in ordered if way >= _LEAST * aside]


def encoded(sentences: Sequence[Sentence]) -> np.ndarray:
    """Return words int64 (n, LONGEST) as places in WORDS: start, the sentence, end, and -1 after it."""
    rows = np.full((len(sentences), LONGEST), -1, np.int64)
    for row, sentence in zip(rows, sentences, strict=True):
        row[: len(sentence) + 2] = [WORDS.index(word) for word in (START, *sentence, END)]
    return rows


def _centre(box: np.ndarray) -> np.ndarray:
    return box[:2] + box[2:] / 2


def _groups(order: Sequence[int], sizes: Sequence[int]) -> list[Sequence[int]]:
    ends = itertools.accumulate(sizes)
    return [order[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def _phrases(group: Sequence[int], digits: Sequence[int], boxes: np.ndarray) -> list[Sentence]:
    names = [_named(digits[at]) for at in group]
    if len(group) == 1:
        return names
    return [(*names[0], *relation, *names[1]) for relation in relations(*(boxes[at] for at in group))]


def _named(digit: int) -> Sentence:
    name = DIGITS[digit]
    return "an" if name == "eight" else "a", name


def _joined(phrases: Sequence[Sentence]) -> Sentence:
    joined = [word for phrase in phrases for word in ("and", *phrase)]
    return tuple(joined[1:])
