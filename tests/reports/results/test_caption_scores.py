"""Scores of captions: each against the values that its paper, or a library's documentation, gives as examples."""

import numpy as np
import pytest

from keras_suite.reports.results.caption_scores import (
    aligned,
    bleu,
    caption_scores,
    cider_d,
    cider_d_of_each,
    clipped_precision,
    longest_common,
    meteor,
    rouge_l,
)


def words(*sentences: str) -> list[list[str]]:
    return [sentence.split() for sentence in sentences]


# Papineni et al. 2002, examples 1 and 2; the scores are those in the docstrings of nltk.translate.bleu_score.
GUIDES = words(
    "It is a guide to action which ensures that the military always obeys the commands of the party",
    "It is to insure the troops forever hearing the activity guidebook that party direct",
)
GUIDE = words(
    "It is a guide to action that ensures that the military will forever heed Party commands",
    "It is the guiding principle which guarantees the military forces always being under the command of the Party",
    "It is the practical guide for the army always to heed the directions of the party",
)
BOOK = words("he read the book because he was interested in world history")
HISTORY = words("he was interested in world history because he read the book")

# The README of aac-metrics 0.4.6 (whose values are those of coco-caption's code), after its tokenizer.
SOUNDS = words("a man is speaking", "rain falls")
HEARD = [
    words("a man speaks", "someone speaks", "a man is speaking while a bird is chirping in the background"),
    words("rain is falling hard on a surface"),
]


def test_clipped_precisions_are_those_of_papineni_et_al() -> None:
    of_the = words("the the the the the the the")
    assert clipped_precision(of_the, [words("the cat is on the mat", "there is a cat on the mat")], 1) == 2 / 7
    shares = [clipped_precision([guide], [GUIDE], size) for size in (1, 2) for guide in GUIDES]
    assert shares == [17 / 18, 8 / 14, 10 / 17, 1 / 13]


def test_bleu_is_nltks_for_one_sentence_and_for_several() -> None:
    assert 0.5045 <= bleu(GUIDES[:1], [GUIDE]) < 0.5046
    assert 0.5920 <= bleu([GUIDES[0], BOOK[0]], [GUIDE, HISTORY]) < 0.5921
    both = [bleu([candidate], [of_it]) for candidate, of_it in ((GUIDES[0], GUIDE), (BOOK[0], HISTORY))]
    assert 0.6223 <= np.mean(both) < 0.6224


@pytest.mark.parametrize(
    ("length", "references", "penalty"),
    [(12, (12, 15, 17), 1.0), (12, (28, 28), 0.2635971381157267), (12, (13, 2), 0.9200), (12, (13, 11), 1.0)],
)
def test_sentences_shorter_than_the_nearest_reference_cost_what_nltk_says(
    length: int, references: tuple[int, ...], penalty: float
) -> None:
    """The examples of nltk.translate.bleu_score.brevity_penalty; of two as near, the shorter counts."""
    score = bleu([["a"] * length], [[["a"] * size for size in references]], 1)
    assert score == pytest.approx(penalty, abs=5e-5)


def test_bleu_is_nothing_where_no_ngram_of_some_length_is_found() -> None:
    assert bleu(words("a three"), [words("a three")], 2) == 1
    assert bleu(words("a three"), [words("a three")], 3) == 0
    assert bleu([[]], [words("a three")], 1) == 0


def test_longest_common_subsequences_are_those_of_lin() -> None:
    """Lin 2004, section 3.1: the reference, then three candidates."""
    reference, *candidates = words(
        "police killed the gunman", "police kill the gunman", "the gunman kill police", "the gunman police killed"
    )
    assert [longest_common(candidate, reference) for candidate in candidates] == [3, 2, 2]
    assert [rouge_l([candidate], [[reference]], 1.0) for candidate in candidates] == [0.75, 0.5, 0.5]


def test_rouge_l_weighs_recall_more_and_takes_the_best_reference() -> None:
    short, long = words("a three"), words("a three above a seven")
    precision, recall = 1.0, 2 / 5
    expected = 2.44 * precision * recall / (recall + 1.44 * precision)
    assert rouge_l(short, [long]) == pytest.approx(expected) and rouge_l(long, [short]) > expected
    assert rouge_l(short, [words("a nine", "a three", "a three above a seven")]) == 1
    assert rouge_l([*short, []], [long, long]) == pytest.approx(expected / 2)


@pytest.mark.parametrize(
    ("candidate", "reference", "chunks", "score"),
    [
        # Wikipedia's article on METEOR
        ("on the mat sat the cat", "the cat sat on the mat", 6, 0.5000),
        ("the cat sat on the mat", "the cat sat on the mat", 1, 0.9977),
        ("the cat was sat on the mat", "the cat sat on the mat", 2, 0.9654),
        # Banerjee and Lavie 2005, section 2.1: two chunks; P = 1, R = 6/7
        ("the president spoke to the audience", "the president then spoke to the audience", 2, 60 / 69 * (1 - 1 / 54)),
    ],
)
def test_meteor_is_that_of_its_examples(candidate: str, reference: str, chunks: int, score: float) -> None:
    one, other = candidate.split(), reference.split()
    pairs = np.array(aligned(one, other))
    assert len(pairs) == 6 and 1 + np.any(np.diff(pairs, axis=0) != 1, axis=1).sum() == chunks
    assert meteor([one], [[other]]) == pytest.approx(score, abs=5e-5)


def test_meteor_matches_the_words_that_stand_together() -> None:
    one, other = words("a three above a seven", "a two and a three above a seven and a one")
    assert aligned(one, other) == [(0, 3), (1, 4), (2, 5), (3, 6), (4, 7)]
    assert aligned(other, one) == [(3, 0), (4, 1), (5, 2), (6, 3), (7, 4)]
    assert meteor([one], [[other]]) == pytest.approx(10 * 5 / (5 + 9 * 11) * (1 - 0.5 / 125))


def test_meteor_prefers_fewer_crossings_to_fewer_chunks() -> None:
    """As Banerjee and Lavie 2005 have it; with the other "a" there would be two chunks, and two crossings."""
    assert aligned(["a", "three", "and"], ["a", "and", "a", "three"]) == [(0, 0), (1, 3), (2, 1)]


def test_meteor_takes_the_best_reference_and_the_mean_over_sentences() -> None:
    true = words("a nine", "a seven below a three", "a three above a seven")
    assert meteor(words("a three above a seven", "two"), [true, true]) == pytest.approx((1 - 0.5 / 125) / 2)


def test_cider_d_is_that_of_coco_captions_code() -> None:
    assert cider_d(SOUNDS, HEARD) == pytest.approx(0.9614, abs=5e-5)
    assert cider_d_of_each(SOUNDS, HEARD) == pytest.approx([1.3641, 0.5587], abs=5e-5)
    assert bleu(SOUNDS, HEARD, 1) == pytest.approx(0.4278, abs=5e-5)  # there, too


def test_saying_a_rare_thing_twice_gains_nothing() -> None:
    """What pycocoevalcap 1.2, the packaged coco-caption code, gives of these: CIDEr-D clipped, and ROUGE-L."""
    said = words("a three above a three above a seven", "an eight left of a two", "a one")
    true = [
        words("a three above a seven", "a seven below a three"),
        words("an eight left of a two and a six"),
        words("a nine", "a one and a one"),
    ]
    assert cider_d_of_each(said, true) == pytest.approx([3.17317843, 7.06608029, 2.05829564])
    each = [rouge_l([one], [of_one]) for one, of_one in zip(said, true, strict=True)]
    assert each == pytest.approx([0.80263158, 0.7721519, 0.62886598])


def test_cider_d_is_ten_for_exact_captions_of_rare_words() -> None:
    true = words("one two three four", "five six seven eight")
    assert cider_d(true, [[sentence] for sentence in true]) == pytest.approx(10)
    assert cider_d(true[:1], [true[:1]]) == 0  # what stands in every set tells nothing


def test_all_scores_have_names_and_truth_is_best() -> None:
    true = words("a three above a seven", "a two left of a nine", "a one")
    scores = caption_scores(true, [[sentence] for sentence in true])
    assert list(scores) == ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "METEOR", "CIDEr-D"]
    assert [scores[f"BLEU-{n}"] for n in (1, 2, 3, 4)] == [1, 1, 1, 1] and scores["ROUGE-L"] == 1
    worse = caption_scores([true[1], true[0], true[2]], [[sentence] for sentence in true])
    assert all(worse[name] < scores[name] for name in scores)


@pytest.mark.parametrize(
    ("candidates", "references", "said"),
    [
        ([], [], "0 candidates and 0 lists of references"),
        ([["a"]], [], "1 candidates and 0 lists of references"),
        ([["a"]], [[]], "candidate 0 has no reference"),
    ],
)
def test_sentences_without_references_are_refused(candidates: list, references: list, said: str) -> None:
    for score in (bleu, rouge_l, meteor, cider_d):
        with pytest.raises(ValueError, match=said):
            score(candidates, references)
