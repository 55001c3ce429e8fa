"""What a verdict rests on and lacks is said in words that follow from it."""

import dataclasses

import numpy as np
import pytest

from keras_suite.reports.results.evidence import (
    image_note,
    image_sentence,
    images_decide,
    looks_in_words,
    would_take,
)
from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.statistics.image_noise import image_noise
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.planning import Plan
from keras_suite.reports.statistics.verdicts import Comparison, compare
from keras_suite.tasks.classes import CLASSES

METRIC = CLASSES.score


def pair(ahead: int, images: int = 100, variant: str = "new", seeds: int = 8, comparisons: int = 1) -> Pair:
    """Seeds that all agree: the variant is right on all images, the other is wrong on `ahead` of them."""
    ours, theirs = np.ones((2, seeds, images), dtype=bool)
    theirs[:, :ahead] = False
    noise = image_noise(ours, theirs)
    pairing = Pairing(ours.mean(axis=1), theirs.mean(axis=1), 0.002, images=noise, largest=1.0)
    [comparison] = compare([pairing], comparisons=comparisons)
    return Pair(variant, "old", tuple(range(1, seeds + 1)), comparison, noise)


def planned(further: Plan | None, **changes: object) -> Comparison:
    return dataclasses.replace(pair(4).comparison, plan=further, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("further", "said"),
    [
        (Plan("difference", 20, 15, 40), "to show a difference of that size would take about 20 seeds (15 to 40)"),
        (Plan("difference", 20, 15, None), "to show a difference of that size would take about 20 seeds (15 or more)"),
        (Plan("equivalence", 9, 9, 9), "to show that they are equivalent would take about 9 seeds"),
        (
            Plan("equivalence", None, None, None),
            "to show that they are equivalent would take more seeds, or test images, than can be named",
        ),
        (
            Plan("difference", 31, 12, None, 2_400),
            "to show a difference of that size, more seeds alone will not do: it would take about 2,400 test images "
            "and about 31 seeds",
        ),
        (
            Plan("equivalence", None, None, None, 16_190),
            "to show that they are equivalent, more seeds alone will not do: it would take about 16,190 test images",
        ),
        (None, "no number of seeds can be named that would settle it"),
    ],
)
def test_what_would_settle_an_open_pair_is_said(further: Plan | None, said: str) -> None:
    assert would_take(planned(further)) == said


def test_of_folds_no_number_is_said() -> None:
    words = would_take(planned(Plan("difference", 20, 15, 40), replicate="fold"))
    assert words == "more folds of the same images would hardly settle it, more images might"


@pytest.mark.parametrize(
    ("pairs", "looks", "said"),
    [
        (1, (8,), ""),
        (3, (8,), " over all 3 comparisons"),
        (1, (8, 12), " over all 2 looks"),
        (3, (8, 12), " over all 3 comparisons and 2 looks"),
    ],
)
def test_comparisons_and_looks_are_said_where_there_are_several(pairs: int, looks: tuple[int, ...], said: str) -> None:
    assert looks_in_words(planned(None, pairs=pairs, looks=looks)) == said


def test_a_word_that_holds_for_these_images_only_is_said_beside_the_other() -> None:
    few, many = pair(4), pair(40)
    assert (few.comparison.word, few.comparison.word_on_these_images) == ("undecided", "better")
    assert images_decide(few) and not images_decide(many)
    assert few.images is not None
    noise = METRIC.format_difference(few.images.noise, sign=False)
    assert image_note(few, METRIC) == (
        f"better on these 100 test images; others like them could move it by {noise} points"
    )
    assert image_note(many, METRIC) is None
    assert image_note(dataclasses.replace(few, images=None), METRIC) is None


def test_the_answer_says_what_holds_for_these_images_only() -> None:
    assert image_sentence([pair(4)]) == (
        "On these 100 test images alone it is better; others like them could say otherwise."
    )
    assert image_sentence([pair(40)]) is None
    assert image_sentence([]) is None
    two = [pair(4, variant="one"), pair(40, variant="two"), pair(5, variant="three")]
    assert image_sentence(two) == (
        "On these 100 test images alone 'one' is better than 'old' and 'three' is better than 'old'; others like them "
        "could say otherwise."
    )
    many = [pair(4, variant=f"v{k}") for k in range(5)]
    assert "'v2' is better than 'old', and 2 more are decided; others like them" in (image_sentence(many) or "")
