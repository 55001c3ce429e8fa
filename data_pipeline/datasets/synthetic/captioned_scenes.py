"""Scenes of one to four real digits on black, each with a sentence that says what is where. Made of MNIST."""

from pathlib import Path
from typing import Annotated, Literal, Unpack

import numpy as np
from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.keras_datasets import mnist
from keras_suite.data_pipeline.datasets.options import SplitOptions, with_options
from keras_suite.data_pipeline.datasets.synthetic.digit_placing import own_digits, place_digits
from keras_suite.data_pipeline.datasets.synthetic.scene_sentences import WORDS, Sentence, encoded, true_sentences
from keras_suite.data_pipeline.sampling import random_bits

COUNTS = ("one digit", "two digits", "three digits", "four digits")
MOST = len(COUNTS)  # digits that a scene may have
SIZES = (11, 14)  # pixels of a digit's longer side

_SENTENCE = 40  # what a draw is for; part of its key

Scenes = Annotated[int, Field(ge=100, le=15_000)]
TestScenes = Annotated[int, Field(ge=100, le=2_500)]
Side = Annotated[int, Field(ge=36, le=96)]


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
    """Return scenes (side, side, 1) of one to four digits, 11 to 14 pixels long and side by side, with captions
    (data_pipeline/datasets/synthetic/scene_sentences.py). No digit of MNIST is in two scenes.

    The class is how many digits there are. The caption to train with is the "canonical" sentence, which names digits
    from top to bottom, or one "drawn" from all true ones, keyed by the scene. Of test scenes all true ones are given.
    """
    source = mnist(data_dir)
    for option, count, digits in (("scenes", scenes, source.images), ("test_scenes", test_scenes, source.test_images)):
        if count * MOST > len(digits):
            raise ValueError(
                f"captioned_scenes: {option}={count:,} of up to {MOST} digits each need {count * MOST:,}, and there "
                f"are {len(digits):,}: give at most {len(digits) // MOST:,}"
            )
    images, counts, said = scenes_of(source.images, source.labels, scenes, 0, side)
    test_images, test_counts, of_test = scenes_of(source.test_images, source.test_labels, test_scenes, 1, side)
    to_train = [true[0] for true in said] if sentences == "canonical" else drawn(said, 0)
    made = Dataset(
        name="captioned_scenes",
        images=images,
        labels=counts - 1,
        test_images=test_images,
        test_labels=test_counts - 1,
        class_names=COUNTS,
        fingerprint=source.fingerprint,
        notes=source.notes,
        task="caption",
        targets=encoded(to_train),
        test_targets=paraphrases(of_test),
        target_names=WORDS,
    )
    return with_options(made, **shared)


def scenes_of(
    digits: np.ndarray, labels: np.ndarray, scenes: int, part: int, side: int
) -> tuple[np.ndarray, np.ndarray, list[tuple[Sentence, ...]]]:
    """Return scenes uint8 (n, side, side, 1) of digits (m, 28, 28, 1), how many digits are in each (n,), and all that
    is true of it, the canonical sentence first.
    """
    chosen = own_digits(scenes, 1, MOST, (part,))
    placed = place_digits(digits, chosen, (part,), side=side, sizes=SIZES, overlap=0.0)
    counts = (chosen >= 0).sum(axis=1)
    said = [
        true_sentences(labels[rows[:count]].tolist(), boxes[:count])
        for rows, boxes, count in zip(chosen, placed.boxes, counts, strict=True)
    ]
    return placed.ink[..., None], counts, said


def drawn(said: list[tuple[Sentence, ...]], part: int) -> list[Sentence]:
    """Return one of the true sentences of each scene, all equally likely, keyed by the scene's place alone."""
    bits = random_bits(_SENTENCE, part, np.arange(len(said)))
    return [true[int(bit) % len(true)] for true, bit in zip(said, bits, strict=True)]


def paraphrases(said: list[tuple[Sentence, ...]]) -> np.ndarray:
    """Return words int64 (n, R, LONGEST) of all true sentences, the canonical one first; rows of -1 where there are
    fewer.
    """
    rows = [encoded(true) for true in said]
    found = np.full((len(rows), max(map(len, rows)), rows[0].shape[1]), -1, np.int64)
    for of_scene, row in zip(found, rows, strict=True):
        of_scene[: len(row)] = row
    return found
