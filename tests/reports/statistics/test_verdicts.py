"""The verdict's rules apply in their order, and each says what it rests on."""

import math

import numpy as np
import pytest

from keras_suite.reports.statistics import pairings
from keras_suite.reports.statistics.cross_validation import Fold, fold_interval, fold_p
from keras_suite.reports.statistics.image_noise import ImageNoise, image_noise
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.statistics.looks import FIRST_LOOK
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.verdicts import Word, _skewed, compare
from keras_suite.tasks.task import MARGIN
from tests.reports.statistics.compared import NOISE, one, shifted


@pytest.mark.parametrize(
    ("effect", "spread", "n", "word"),
    [
        (0.05, 0.001, 3, "too few seeds"),
        (0.05, 0.001, 5, "too few seeds"),
        (0.0, 0.0, 5, "too few seeds"),
        (0.05, 0.001, 6, "better"),
        (0.05, 0.001, 7, "better"),
        (0.0, 0.0, 8, "undecided"),  # nothing scatters, so nothing is known of the scatter
        (0.001, 0.0001, 8, "equivalent"),
        (0.05, 0.001, 8, "better"),
        (-0.05, 0.001, 8, "worse"),
        (0.002, 0.02, 8, "undecided"),
    ],
)
def test_the_verdict_follows_its_rules_in_order(effect: float, spread: float, n: int, word: Word) -> None:
    comparison = one(shifted(effect, spread, n))
    assert comparison.word == word == comparison.word_on_these_images
    assert comparison.mean == pytest.approx(effect)
    assert comparison.looks == ((n,) if n >= 6 else ())


def test_losses_are_better_when_they_are_lower() -> None:
    baseline = np.linspace(0.30, 0.32, 8)
    [comparison] = compare([Pairing(baseline - 0.1 + 0.001 * NOISE, baseline, MARGIN)], higher_is_better=False)
    assert (comparison.word, comparison.superiority) == ("better", 1.0)


@pytest.mark.parametrize("n", [2, 3, 8])
def test_runs_that_differ_in_no_bit_are_the_same_however_few(n: int) -> None:
    pairing = shifted(0.0, 0.0, n=n, same=True)
    comparison = one(pairing)
    assert (comparison.word, comparison.word_on_these_images, comparison.seeds_needed) == ("same runs",) * 2 + (None,)
    assert not comparison.open


def test_one_seed_that_is_the_same_says_nothing_of_others() -> None:
    assert one(shifted(0.0, 0.0, n=1, same=True)).word == "too few seeds"


def test_what_cannot_be_compared_says_why_and_is_no_verdict() -> None:
    comparison = one(shifted(0.05, not_comparable="the runs were scored on different test images", same=True))
    assert (comparison.word, comparison.notes) == ("not comparable", ("the runs were scored on different test images",))
    assert comparison.p_holm == 1.0
    assert not comparison.open and comparison.seeds_needed is None and comparison.plan is None


def test_without_a_seed_there_is_nothing_to_say() -> None:
    comparison = one(Pairing(np.array([]), np.array([]), MARGIN))
    assert (comparison.word, comparison.n, comparison.seeds_needed) == ("too few seeds", 0, 6)
    assert comparison.interval is None and math.isnan(comparison.mean)
    assert compare([]) == []


# -- test images -----------------------------------------------------------------------------------------------------


def answers(ahead: int, behind: int, images: int, n: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Runs of n seeds, each of which answers alike: right (n, images) of a variant and of the other."""
    variant, other = np.ones((2, n, images), dtype=bool)
    other[:, :ahead] = False
    variant[:, ahead : ahead + behind] = False
    return variant, other


def with_images(ahead: int, behind: int, images: int, margin: float = MARGIN, n: int = 8) -> Pairing:
    variant, other = answers(ahead, behind, images, n)
    noise = image_noise(variant, other)
    return Pairing(variant.mean(axis=1), other.mean(axis=1), margin, images=noise, largest=1.0)


def test_a_difference_of_few_images_is_one_on_these_alone() -> None:
    """4 images against 0 of 100 (McNemar's p is 0.125) were once called worse."""
    comparison = one(with_images(0, 4, 100))
    assert (comparison.word, comparison.word_on_these_images) == ("undecided", "worse")
    assert comparison.p > 0.05 and comparison.interval is not None
    assert comparison.interval.low < -0.04 < 0 < comparison.interval.high
    assert comparison.on_these_images is not None
    assert (comparison.on_these_images.low, comparison.on_these_images.high) == pytest.approx((-0.04, -0.04))


def test_that_all_is_right_on_few_images_is_no_equivalence() -> None:
    few, many = one(with_images(0, 0, 20)), one(with_images(0, 0, 20_000))
    assert (few.word, few.word_on_these_images) == ("undecided", "equivalent")
    assert (many.word, many.word_on_these_images) == ("equivalent", "equivalent")


def test_many_images_that_agree_with_the_seeds_decide() -> None:
    pairing = with_images(25, 10, 1_000)
    comparison = one(pairing)
    assert (comparison.word, comparison.word_on_these_images) == ("better", "better")
    assert pairing.images is not None and comparison.p == pairing.images.evidence.p() > 2 / 2**8


def test_the_larger_p_counts_of_seeds_and_of_images() -> None:
    """Images may agree where seeds do not: 8 seeds cannot have a smaller p than 2 / 2^8."""
    pairing = with_images(400, 5, 1_000)
    assert pairing.images is not None and pairing.images.evidence.p() < 2 / 2**8
    assert one(pairing).p == pytest.approx(2 / 2**8)


def test_what_more_images_would_decide_is_planned_with_images() -> None:
    comparison = one(with_images(0, 4, 100))
    assert comparison.plan is not None and comparison.plan.aim == "difference"
    assert comparison.plan.images is not None and comparison.plan.images > 100


# -- folds -----------------------------------------------------------------------------------------------------------


def test_folds_are_compared_by_the_corrected_test_and_no_number_of_them_is_named() -> None:
    folds = [Fold(5, 80, 20)] * 5
    undecided = one(shifted(0.0, 0.02, n=5, folds=folds))
    assert (undecided.word, undecided.seeds_needed, undecided.plan, undecided.replicate) == (
        "undecided",
        None,
        None,
        "fold",
    )
    clear = shifted(0.05, n=5, folds=folds)
    better, differences = one(clear), clear.variant - clear.against
    assert better.word == "better" and better.p == fold_p(differences, 80, 20)
    assert better.p_holm == pytest.approx(better.p / FIRST_LOOK)
    assert better.interval == fold_interval(differences, 80, 20, 1 - FIRST_LOOK * 0.05)
    assert one(shifted(0.05, n=5)).word == "too few seeds", "the sign-flip test asks for six"
    three = one(shifted(0.05, n=3, folds=[Fold(3, 80, 40)] * 3))
    assert (three.word, three.too_few, three.seeds_needed) == ("too few folds", True, 4)


def test_looks_at_some_of_the_folds_count() -> None:
    folds = [Fold(10, 90, 10)] * 10
    once, again = one(shifted(0.01, n=10, folds=folds)), one(shifted(0.01, n=10, folds=folds, earlier=(2, 5)))
    assert (once.looks, again.looks) == ((10,), (5, 10)), "two folds could not have decided"
    assert again.p_holm > once.p_holm


# -- what is shown ---------------------------------------------------------------------------------------------------


def test_an_interval_as_wide_as_all_scores_is_not_shown_and_others_are_cut() -> None:
    wild = Pairing(np.array([0.1, 0.9]), np.array([0.8, 0.2]), MARGIN, largest=1.0)
    assert (one(wild).interval, one(wild).on_these_images, one(wild).equivalence_interval) == (None, None, None)
    scores = np.array([0.95, 0.1, 0.99, 0.9, 0.97, 0.98, 0.99])
    high = one(Pairing(scores, np.zeros(7), MARGIN, largest=1.0))
    assert high.interval is not None and high.interval.high == 1.0 and high.interval.low > 0


@pytest.mark.parametrize(
    ("low", "high", "p_holm", "said"),
    [
        (0.001, 0.02, 0.2, "the interval leaves out zero but the test does not (p = 0.200); the test decides"),
        (-0.001, 0.02, 0.01, "the interval includes zero but the test does not (p = 0.010); the test decides"),
        (0.001, 0.02, 0.01, None),
        (-0.001, 0.02, 0.2, None),
    ],
)
def test_where_interval_and_test_disagree_one_line_says_so(
    low: float, high: float, p_holm: float, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(differences: np.ndarray, folds: object, level: float) -> Interval:
        return Interval(low, high, level)

    monkeypatch.setattr(pairings, "interval_of", told)
    monkeypatch.setattr(pairings, "p_of", lambda differences, folds: p_holm * FIRST_LOOK)
    assert one(shifted(0.01)).notes == ((said,) if said else ())


def test_a_real_difference_within_the_margin_is_said_to_be_one() -> None:
    comparison = one(shifted(0.001, 0.0001))
    assert comparison.word == "equivalent" and comparison.p_holm <= 0.05
    assert comparison.notes == ("the difference is real, but smaller than the margin",)


def test_the_images_of_a_comparison_can_come_from_arrays_alone() -> None:
    """A notebook's three lines: scores (seeds, images) of two variants, and the word."""
    variant, other = answers(60, 5, 1_000)
    noise = image_noise(variant, other)
    [found] = compare([Pairing(variant.mean(axis=1), other.mean(axis=1), MARGIN, images=noise)])
    assert isinstance(noise, ImageNoise) and found.word == "better"


def test_a_failure_is_worse_than_any_result() -> None:
    differences = np.array([0.03, 0.05, 0.02, 0.04, 0.06, 0.01, 0.03, 0.05, 0.02])
    baseline = np.linspace(0.90, 0.92, 9)
    for failed, word in (((0, 0), "better"), ((3, 0), "undecided"), ((0, 3), "better")):
        [found] = compare([Pairing(baseline + differences, baseline, 0.0, failed=failed)])
        assert found.word == word
    [equal] = compare([Pairing(baseline + 0.0001 * differences, baseline, 0.01, failed=(1, 0))])
    assert equal.word != "equivalent"


def test_differences_of_which_few_make_the_mean_are_said_to_be_skewed() -> None:
    pairing = shifted(0.01, 0.002, n=10)
    collapsed = pairing.variant.copy()
    collapsed[3] -= 0.5
    found = one(Pairing(collapsed, pairing.against, MARGIN))
    assert found.skewed and found.mean < 0 < found.median
    assert not one(pairing).skewed
    assert not one(shifted(0.0, 0.0, n=10)).skewed, "nothing scatters"
    assert not one(Pairing(collapsed[:7], pairing.against[:7], MARGIN)).skewed, "of seven it cannot be told"


def test_normal_differences_are_seldom_called_skewed() -> None:
    drawn = np.random.default_rng(0).normal(0, 1, (3_000, 8))
    called = sum(_skewed(differences) for differences in drawn)
    assert 0.01 < called / 3_000 < 0.04
