"""Captioned scenes: captions are true of their scenes, all that is true is said once, all keyed by position."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.data_pipeline.datasets.synthetic.captioned_scenes import (
    COUNTS,
    DIGITS,
    LONGEST,
    MOST,
    WORDS,
    canonical_sentence,
    captioned_scenes,
    compose_scenes,
    encode,
    encode_all,
    relations,
    sample_sentences,
    true_sentences,
)

SIDE = 40


@pytest.fixture(scope="module")
def real() -> tuple[np.ndarray, np.ndarray]:
    """800 real digits uint8 (n, 28, 28, 1), and which they are."""
    dataset = digits(None, image_size=(28, 28))
    return dataset.images[:800], dataset.labels[:800]


def test_scenes_contain_the_digits_that_are_named(real: tuple[np.ndarray, np.ndarray]) -> None:
    images, counts, said = compose_scenes(*real, 200, 0, SIDE)
    assert images.shape == (200, SIDE, SIDE, 1) and images.dtype == np.uint8
    assert set(counts.tolist()) == {1, 2, 3, 4}
    for row, (count, true) in enumerate(zip(counts, said, strict=True)):
        own = sorted(real[1][row * MOST : row * MOST + count].tolist())
        for sentence in true:
            assert sorted(DIGITS.index(word) for word in sentence if word in DIGITS) == own
    ink = images.sum(axis=(1, 2, 3), dtype=int)
    assert all(ink[counts == more].mean() > ink[counts == more - 1].mean() for more in (2, 3, 4))


def test_above_is_above_in_the_image(real: tuple[np.ndarray, np.ndarray]) -> None:
    """Of a bright digit and a faint one each can be found in the image."""
    bright, faint = np.zeros((2, 28, 28, 1), np.uint8)
    bright[4:24, 8:20], faint[4:24, 8:20] = 255, 100
    pictures = np.tile(np.stack([bright, faint]), (400, 1, 1, 1))
    images, counts, said = compose_scenes(pictures, np.tile([1, 2], 400), 200, 0, SIDE)
    pairs = [(image[..., 0], true) for image, count, true in zip(images, counts, said, strict=True) if count == 2]
    seen = set()
    for image, true in pairs:
        one, other = (np.argwhere(image == grey).mean(axis=0) for grey in (255, 100))
        down, right = one - other
        for sentence in true:
            relation = sentence[2] if sentence[1] == "one" else None
            if relation:
                seen.add(relation)
                assert {"above": -down, "below": down, "left": -right, "right": right}[relation] > 0
    assert seen == {"above", "below", "left", "right"}


def test_a_scene_is_keyed_by_its_place_and_part_alone(real: tuple[np.ndarray, np.ndarray]) -> None:
    images, counts, said = compose_scenes(*real, 100, 0, SIDE)
    fewer, counts_of_fewer, said_of_fewer = compose_scenes(*real, 20, 0, SIDE)
    assert np.array_equal(fewer, images[:20]) and np.array_equal(counts_of_fewer, counts[:20])
    assert said_of_fewer == said[:20] and sample_sentences(said, 0)[:20] == sample_sentences(said_of_fewer, 0)
    assert not np.array_equal(compose_scenes(*real, 100, 1, SIDE)[0], images)


def test_a_drawn_sentence_is_any_of_the_true_ones(real: tuple[np.ndarray, np.ndarray]) -> None:
    said = [("a", "b", "c")] * 3000
    shares = np.unique(sample_sentences(said, 0), return_counts=True)[1] / 3000  # type: ignore[arg-type]
    assert np.allclose(shares, 1 / 3, atol=0.03)
    _, _, true = compose_scenes(*real, 100, 0, SIDE)
    assert all(one in all_of_it for one, all_of_it in zip(sample_sentences(true, 0), true, strict=True))


def test_paraphrases_are_all_true_sentences_and_the_canonical_one_first(real: tuple[np.ndarray, np.ndarray]) -> None:
    _, _, said = compose_scenes(*real, 60, 1, SIDE)
    codes = encode_all(said)
    assert codes.shape == (60, max(map(len, said)), LONGEST) and codes.dtype == np.int64
    assert np.array_equal(codes[:, 0], encode([true[0] for true in said]))
    assert (codes[:, :, 0] == 0).sum(axis=1).tolist() == list(map(len, said))  # the others are -1 throughout
    assert (codes[codes[:, :, 0] == -1] == -1).all()


@pytest.mark.needs_data
def test_the_dataset_has_scenes_of_mnist_with_words_as_targets(data_dir: Path) -> None:
    dataset = captioned_scenes(data_dir, scenes=300, test_scenes=100, limit=200, test_limit=50, side=48)
    assert dataset.images.shape == (300, 48, 48, 1) and dataset.test_images.shape == (50, 48, 48, 1)
    assert dataset.task == "caption" and dataset.class_names == COUNTS and dataset.target_names == WORDS
    assert dataset.targets is not None and dataset.test_targets is not None
    assert dataset.targets.shape == (300, LONGEST) and dataset.test_targets.shape[::2] == (50, LONGEST)
    for counts, words in ((dataset.labels, dataset.targets), (dataset.test_labels, dataset.test_targets[:, 0])):
        named = np.isin(words, [WORDS.index(name) for name in DIGITS]).sum(axis=1)
        assert np.array_equal(named, counts + 1)
    other = captioned_scenes(data_dir, scenes=300, test_scenes=100, sentences="drawn", side=48)
    assert np.array_equal(other.images, dataset.images) and not np.array_equal(other.targets, dataset.targets)
    assert other.fingerprint == dataset.fingerprint


@pytest.mark.needs_data
def test_more_scenes_than_the_digits_are_enough_for_are_refused(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = digits(None, image_size=(28, 28))
    monkeypatch.setattr("keras_suite.data_pipeline.datasets.synthetic.captioned_scenes.mnist", lambda *_, **__: few)
    with pytest.raises(
        ValueError, match=r"captioned_scenes: scenes=8,000 of up to 4 digits each need 32,000, and there are"
    ):
        captioned_scenes(data_dir)


def boxes(*centres: tuple[int, int]) -> np.ndarray:
    """Boxes 10 high and 6 wide around these places (row, column)."""
    return np.array([(row - 5, column - 3, 10, 6) for row, column in centres])


def sentences(names: list[int], *centres: tuple[int, int]) -> list[str]:
    return [" ".join(sentence) for sentence in true_sentences(names, boxes(*centres))]


def test_one_digit_is_named_alone() -> None:
    assert sentences([3], (9, 9)) == ["a three"]
    assert sentences([8], (9, 9)) == ["an eight"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ((40, 20), ["a three above a seven", "a seven below a three"]),
        ((0, 20), ["a seven above a three", "a three below a seven"]),
        ((20, 40), ["a three left of a seven", "a seven right of a three"]),
        ((20, 0), ["a seven left of a three", "a three right of a seven"]),
    ],
)
def test_two_digits_are_described_from_either_side(other: tuple[int, int], expected: list[str]) -> None:
    assert sorted(sentences([3, 7], (20, 20), other)) == sorted(expected)
    assert sentences([3, 7], (20, 20), other)[0] == expected[0]  # the canonical one is from above or from the left


def test_near_a_diagonal_both_relations_are_true_and_the_better_is_canonical() -> None:
    texts = sentences([3, 7], (20, 20), (35, 30))
    assert texts[0] == "a three above a seven" and len(texts) == 4
    assert set(texts[1:]) == {"a seven below a three", "a three left of a seven", "a seven right of a three"}


def test_a_relation_is_true_up_to_60_degrees() -> None:
    directions = {"above": 0, "right": 90, "below": 180, "left": 270}
    for turn in range(1, 360, 2):  # clockwise from straight up, never 60 degrees themselves
        angle = np.deg2rad(turn)
        place = np.array([100 - 50 * np.cos(angle), 100 + 50 * np.sin(angle), 10, 10])
        off = {name: abs((turn - at + 180) % 360 - 180) for name, at in directions.items()}
        names = [relation[0] for relation in relations(place, np.array([100, 100, 10, 10]))]
        assert set(names) == {name for name, angle_off in off.items() if angle_off <= 60}, turn
        assert off[names[0]] == min(off.values())


def test_an_odd_digit_is_named_alone_first_or_last() -> None:
    texts = sentences([1, 2, 3], (0, 0), (0, 50), (0, 100))
    assert texts[0] == "a one left of a two and a three"
    assert "a three and a two right of a one" in texts and len(texts) == 12  # 3 alone, 2 orders, 2 sides
    assert not any("a two left of a one" in sentence for sentence in texts)


def test_four_digits_are_described_in_pairs_in_every_way() -> None:
    texts = sentences([1, 2, 3, 4], (0, 0), (0, 50), (50, 0), (50, 50))
    assert texts[0] == "a one left of a two and a three left of a four"
    assert "a four below a two and a one above a three" in texts
    assert len(texts) == 8 + 8 + 2 * 16  # the diagonal pairs have two relations each
    for sentence in texts:
        words = sentence.split()
        assert (
            sorted(DIGITS.index(word) for word in words if word in DIGITS) == [1, 2, 3, 4] and words.count("and") == 1
        )


def test_equal_digits_give_each_sentence_once() -> None:
    assert sentences([5, 5], (0, 0), (50, 0)) == ["a five above a five", "a five below a five"]
    for three in itertools.product((1, 2), repeat=3):
        texts = sentences(list(three), (0, 0), (30, 9), (60, 40))
        assert len(texts) == len(set(texts))


def test_the_canonical_sentence_is_of_the_places_not_of_the_order_of_digits() -> None:
    places = [(10, 40), (3, 10), (40, 20), (30, 60)]
    expected = canonical_sentence([1, 2, 3, 4], boxes(*places))
    assert " ".join(expected) == "a two left of a one and a three left of a four"
    for order in itertools.permutations(range(4)):
        assert canonical_sentence([order[at] + 1 for at in range(4)], boxes(*(places[at] for at in order))) == expected


def test_words_are_framed_by_start_and_end() -> None:
    rows = encode(
        [("a", "three"), ("an", "eight", "left", "of", "a", "zero", "and", "a", "one", "left", "of", "a", "two")]
    )
    assert rows.dtype == np.int64 and rows.shape == (2, LONGEST)
    assert [WORDS[word] for word in rows[0, :4]] == ["<start>", "a", "three", "<end>"] and (rows[0, 4:] == -1).all()
    assert WORDS[rows[1, -1]] == "<end>"
