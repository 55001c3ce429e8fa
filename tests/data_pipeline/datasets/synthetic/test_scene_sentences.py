"""Sentences about scenes: all that is true is said, each sentence once, and nothing that is not true."""

import itertools

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.synthetic.scene_sentences import (
    DIGITS,
    LONGEST,
    WORDS,
    canonical_sentence,
    encoded,
    relations,
    true_sentences,
)


def boxes(*centres: tuple[int, int]) -> np.ndarray:
    """Boxes 10 high and 6 wide around these places (row, column)."""
    return np.array([(row - 5, column - 3, 10, 6) for row, column in centres])


def said(digits: list[int], *centres: tuple[int, int]) -> list[str]:
    return [" ".join(sentence) for sentence in true_sentences(digits, boxes(*centres))]


def test_one_digit_is_named_alone() -> None:
    assert said([3], (9, 9)) == ["a three"]
    assert said([8], (9, 9)) == ["an eight"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ((40, 20), ["a three above a seven", "a seven below a three"]),
        ((0, 20), ["a seven above a three", "a three below a seven"]),
        ((20, 40), ["a three left of a seven", "a seven right of a three"]),
        ((20, 0), ["a seven left of a three", "a three right of a seven"]),
    ],
)
def test_two_digits_are_said_from_either_side(other: tuple[int, int], expected: list[str]) -> None:
    assert sorted(said([3, 7], (20, 20), other)) == sorted(expected)
    assert said([3, 7], (20, 20), other)[0] == expected[0]  # the canonical one is from above or from the left


def test_near_a_diagonal_both_relations_are_true_and_the_better_is_canonical() -> None:
    found = said([3, 7], (20, 20), (35, 30))
    assert found[0] == "a three above a seven" and len(found) == 4
    assert set(found[1:]) == {"a seven below a three", "a three left of a seven", "a seven right of a three"}


def test_a_relation_is_true_up_to_60_degrees() -> None:
    directions = {"above": 0, "right": 90, "below": 180, "left": 270}
    for turn in range(1, 360, 2):  # clockwise from straight up, never 60 degrees themselves
        angle = np.deg2rad(turn)
        place = np.array([100 - 50 * np.cos(angle), 100 + 50 * np.sin(angle), 10, 10])
        off = {name: abs((turn - at + 180) % 360 - 180) for name, at in directions.items()}
        found = [relation[0] for relation in relations(place, np.array([100, 100, 10, 10]))]
        assert set(found) == {name for name, angle_off in off.items() if angle_off <= 60}, turn
        assert off[found[0]] == min(off.values())


def test_an_odd_digit_is_named_alone_first_or_last() -> None:
    found = said([1, 2, 3], (0, 0), (0, 50), (0, 100))
    assert found[0] == "a one left of a two and a three"
    assert "a three and a two right of a one" in found and len(found) == 12  # 3 alone, 2 orders, 2 sides
    assert not any("a two left of a one" in sentence for sentence in found)


def test_four_digits_are_said_two_by_two_in_every_way() -> None:
    found = said([1, 2, 3, 4], (0, 0), (0, 50), (50, 0), (50, 50))
    assert found[0] == "a one left of a two and a three left of a four"
    assert "a four below a two and a one above a three" in found
    assert len(found) == 8 + 8 + 2 * 16  # the diagonal pairs have two relations each
    for sentence in found:
        words = sentence.split()
        assert (
            sorted(DIGITS.index(word) for word in words if word in DIGITS) == [1, 2, 3, 4] and words.count("and") == 1
        )


def test_equal_digits_give_each_sentence_once() -> None:
    assert said([5, 5], (0, 0), (50, 0)) == ["a five above a five", "a five below a five"]
    for digits in itertools.product((1, 2), repeat=3):
        found = said(list(digits), (0, 0), (30, 9), (60, 40))
        assert len(found) == len(set(found))


def test_the_canonical_sentence_is_of_the_places_not_of_the_order_of_digits() -> None:
    places = [(10, 40), (3, 10), (40, 20), (30, 60)]
    expected = canonical_sentence([1, 2, 3, 4], boxes(*places))
    assert " ".join(expected) == "a two left of a one and a three left of a four"
    for order in itertools.permutations(range(4)):
        assert canonical_sentence([order[at] + 1 for at in range(4)], boxes(*(places[at] for at in order))) == expected


def test_words_are_framed_by_start_and_end() -> None:
    rows = encoded(
        [("a", "three"), ("an", "eight", "left", "of", "a", "zero", "and", "a", "one", "left", "of", "a", "two")]
    )
    assert rows.dtype == np.int64 and rows.shape == (2, LONGEST)
    assert [WORDS[word] for word in rows[0, :4]] == ["<start>", "a", "three", "<end>"] and (rows[0, 4:] == -1).all()
    assert WORDS[rows[1, -1]] == "<end>"
