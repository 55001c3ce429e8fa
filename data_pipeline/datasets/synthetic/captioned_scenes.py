"""Scenes of one to four real digits on black, each with sentences that say what is where. Made of MNIST.

A sentence, such as "a three above a seven and a two", names every digit once, two by two, and one alone where their
number is odd. Of a pair it says that one is above, below, left of or right of the other, by the boxes' centres. That is
true up to 60 degrees to either side of the direction, so of a pair that lies near a diagonal two relations are. Pairs,
their order and which digit comes first are free: a scene of two digits has two true sentences or four, one of four
digits up to 96.
"""

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import SplitOptions, with_options
from keras_suite.data_pipeline.datasets.synthetic.digit_placing import assign_digits, place_digits
from keras_suite.data_pipeline.sampling import random_bits

COUNTS = ("one digit", "two digits", "three digits", "four digits")
MOST = len(COUNTS)  # digits that a scene may have
SIZES = (11, 14)  # pixels of a digit's longer side

START, END = "<start>", "<end>"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS = (START, END, "a", "an", "and", "above", "below", "left", "right", "of", *DIGITS)
LONGEST = 15  # words of two pairs that lie "left of" or "right of" each other, with start and end

_SENTENCE = 40  # purpose of a random number, part of its key
_SLOPE = math.tan(math.radians(30))  # least share of the distance along the other axis: 60 degrees off the direction
_GROUPS = {1: ((1,),), 2: ((2,),), 3: ((2, 1), (1, 2)), 4: ((2, 2),)}  # how many digits each phrase names

Scenes = Annotated[int, Field(ge=100, le=15_000)]
TestScenes = Annotated[int, Field(ge=100, le=2_500)]
Side = Annotated[int, Field(ge=36, le=96)]
Sentence = tuple[str, ...]


def captioned_scenes(
    data_dir: Path | None,
    /,
    *,
    scenes: Scenes = 8000,
    test_scenes: TestScenes = 1000,
    side: Side = 40,
    sentences: Literal["canonical", "drawn"] = "canonical",
    **shared: Unpack[SplitOptions],
) -> Dataset:
    """Create scenes (side, side, 1) of one to four digits, 11 to 14 pixels long and side by side, with captions.

    No digit of MNIST is in two scenes. The class is how many digits there are. Of a test scene all true sentences are
    the target.

    Args:
        scenes: How many train and validate; `test_scenes` test.
        sentences: Which caption to train with: the "canonical" sentence, which names digits from top to bottom, or one
            "drawn" from all true ones, keyed by the scene.
    """
    source = mnist(data_dir)
    for option, count, digits in (("scenes", scenes, source.images), ("test_scenes", test_scenes, source.test_images)):
        if count * MOST > len(digits):
            raise ValueError(
                f"captioned_scenes: {option}={count:,} of up to {MOST} digits each need {count * MOST:,}, and there "
                f"are {len(digits):,}: give at most {len(digits) // MOST:,}"
            )
    images, counts, true = compose_scenes(source.images, source.labels, scenes, 0, side)
    test_images, test_counts, test_true = compose_scenes(source.test_images, source.test_labels, test_scenes, 1, side)
    captions = [of_scene[0] for of_scene in true] if sentences == "canonical" else sample_sentences(true, 0)
    dataset = Dataset(
        name="captioned_scenes",
        images=images,
        labels=counts - 1,
        test_images=test_images,
        test_labels=test_counts - 1,
        class_names=COUNTS,
        fingerprint=source.fingerprint,
        notes=source.notes,
        task="caption",
        targets=encode(captions),
        test_targets=encode_all(test_true),
        target_names=WORDS,
    )
    return with_options(dataset, SplitOptions, **shared)


def compose_scenes(
    digits: np.ndarray, labels: np.ndarray, scenes: int, part: int, side: int
) -> tuple[np.ndarray, np.ndarray, list[tuple[Sentence, ...]]]:
    """Put digits into scenes.

    Args:
        digits: uint8 (m, 28, 28, 1).
        labels: (m,)
        scenes: How many to create.
        part: 0 to train, 1 to test; part of the random numbers' keys.

    Returns:
        Scenes uint8 (n, side, side, 1), how many digits each has (n,), and all true sentences of each, the canonical
        one first.
    """
    chosen = assign_digits(scenes, 1, MOST, (part,))
    placed = place_digits(digits, chosen, (part,), side=side, sizes=SIZES, overlap=0.0)
    counts = (chosen >= 0).sum(axis=1)
    true = [
        true_sentences(labels[rows[:count]].tolist(), boxes[:count])
        for rows, boxes, count in zip(chosen, placed.boxes, counts, strict=True)
    ]
    return placed.ink[..., None], counts, true


def sample_sentences(true: Sequence[tuple[Sentence, ...]], part: int) -> list[Sentence]:
    """Sample one of the true sentences of each scene, all equally likely, keyed by the scene's position alone."""
    bits = random_bits(_SENTENCE, part, np.arange(len(true)))
    return [of_scene[int(bit) % len(of_scene)] for of_scene, bit in zip(true, bits, strict=True)]


# -- sentences ---------------------------------------------------------------------------------------------------------


def true_sentences(digits: Sequence[int], boxes: np.ndarray) -> tuple[Sentence, ...]:
    """Return all that is true of one to four digits in boxes (k, 4), each once, the canonical sentence first."""
    sentences = [canonical_sentence(digits, boxes)]
    for order in itertools.permutations(range(len(digits))):
        for sizes in _GROUPS[len(digits)]:
            groups = _groups(order, sizes)
            phrases = itertools.product(*(_phrases(group, digits, boxes) for group in groups))
            sentences += [_joined(phrase) for phrase in phrases]
    return tuple(dict.fromkeys(sentences))


def canonical_sentence(digits: Sequence[int], boxes: np.ndarray) -> Sentence:
    """Name the digits from top to bottom, two by two.

    Of a pair the one above comes first, or the one on the left where that relation fits better.
    """
    order = sorted(range(len(digits)), key=lambda at: tuple(_centre(boxes[at])))
    phrases = []
    for group in _groups(order, _GROUPS[len(digits)][0]):
        if len(group) == 2 and relations(boxes[group[0]], boxes[group[1]])[0][0] in ("below", "right"):
            group = group[::-1]
        phrases.append(_phrases(group, digits, boxes)[0])
    return _joined(phrases)


def relations(one: np.ndarray, other: np.ndarray) -> list[Sentence]:
    """Return how a box (top, left, height, width) lies from another: one relation or two, the better fitting first."""
    down, right = (float(distance) for distance in _centre(one) - _centre(other))
    along_rows = (abs(down), abs(right), ("above",) if down < 0 else ("below",))
    along_columns = (abs(right), abs(down), ("left", "of") if right < 0 else ("right", "of"))
    ordered = sorted((along_rows, along_columns), key=lambda candidate: -candidate[0])
    return [relation for along, across, relation in ordered if along >= _SLOPE * across]


def encode(sentences: Sequence[Sentence]) -> np.ndarray:
    """Return words as indices into WORDS, int64 (n, LONGEST): start, the sentence, end, and -1 after it."""
    rows = np.full((len(sentences), LONGEST), -1, np.int64)
    for row, sentence in zip(rows, sentences, strict=True):
        row[: len(sentence) + 2] = [WORDS.index(word) for word in (START, *sentence, END)]
    return rows


def encode_all(true: Sequence[tuple[Sentence, ...]]) -> np.ndarray:
    """Encode all true sentences of each scene, int64 (n, R, LONGEST); rows of -1 where a scene has fewer than R."""
    rows = [encode(of_scene) for of_scene in true]
    padded = np.full((len(rows), max(map(len, rows)), LONGEST), -1, np.int64)
    for of_scene, row in zip(padded, rows, strict=True):
        of_scene[: len(row)] = row
    return padded


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
    words = [word for phrase in phrases for word in ("and", *phrase)]
    return tuple(words[1:])
