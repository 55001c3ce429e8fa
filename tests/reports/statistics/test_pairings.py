"""Looks spend their part of the error rate, unknown ones most, and what is not paired is refused."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from keras_suite.reports.statistics.looks import FIRST_LOOK, nominal_level
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.verdicts import compare
from keras_suite.tasks.task import MARGIN
from tests.reports.statistics.compared import one, shifted


def test_a_first_look_has_its_share_of_the_error_rate() -> None:
    """All signs are equal in 7 seeds: p is 2 / 2^7, and counts as 1 / 0.64 of that; Student's interval is at 96.8 %."""
    pairing = shifted(0.01, n=7)
    comparison, differences = one(pairing), pairing.variant - pairing.against
    assert comparison.p == pytest.approx(2 / 2**7)
    assert comparison.p_holm == pytest.approx(2 / 2**7 / FIRST_LOOK)
    assert comparison.interval is not None and comparison.equivalence_interval is not None
    for interval, level in ((comparison.interval, 0.968), (comparison.equivalence_interval, 0.936)):
        assert interval.level == pytest.approx(level)
        expected = stats.t.interval(level, 6, differences.mean(), stats.sem(differences))
        assert (interval.low, interval.high) == pytest.approx(expected)


def test_several_comparisons_share_the_error_rate() -> None:
    pairings = [shifted(0.004, 0.004), shifted(0.05), shifted(0.0, 0.02)]
    found = compare(pairings)
    alone = [one(pairing) for pairing in pairings]
    assert [comparison.pairs for comparison in found] == [3] * 3
    expected = multipletests([min(comparison.p / FIRST_LOOK, 1.0) for comparison in alone], method="holm")[1]
    assert [comparison.p_holm for comparison in found] == pytest.approx(list(expected))
    assert [comparison.interval.level for comparison in found if comparison.interval] == pytest.approx(
        [1 - 0.032 / 3] * 3
    )


def test_comparisons_that_were_looked_at_elsewhere_count() -> None:
    pairing = shifted(0.01, n=8)
    two, many = one(pairing, comparisons=2), one(pairing, comparisons=9)
    assert (two.word, two.pairs, two.p_holm) == ("better", 2, pytest.approx(2 * 2 / 2**8 / FIRST_LOOK))
    assert (many.word, many.seeds_needed) == ("too few seeds", 10)
    assert one(pairing, comparisons=0).pairs == 1, "never fewer than there are"


def test_what_other_comparisons_cost_is_said() -> None:
    """7 seeds decide two comparisons, and not three."""
    pairings = [shifted(0.01, n=7), shifted(0.0, 0.02, n=7)]
    assert [each.word for each in compare(pairings)] == ["better", "undecided"]
    wider = compare(pairings, comparisons=3)
    assert [each.word for each in wider] == ["too few seeds", "too few seeds"]
    alone = "with the 2 comparisons here alone it would be 'better'"
    said = f"{alone}: all 3 that were or may have been looked at share the error rate"
    assert [each.notes for each in wider] == [(said,), ()]
    assert one(pairings[0], comparisons=3).notes[0].startswith("with this comparison alone it would be 'better'")


def test_a_later_look_has_what_was_left() -> None:
    first, later = one(shifted(0.01, n=12)), one(shifted(0.01, n=12, earlier=(8,)))
    assert first.interval is not None and later.interval is not None
    assert (first.looks, later.looks) == ((12,), (8, 12))
    assert later.interval.level == pytest.approx(1 - nominal_level((8, 12), 0.05))
    assert later.interval.level > first.interval.level
    assert later.p == first.p and later.p_holm > first.p_holm


def test_a_look_at_too_few_seeds_to_decide_spends_nothing() -> None:
    assert one(shifted(0.01, n=12, earlier=(2, 4, 5))) == one(shifted(0.01, n=12))


def test_the_same_look_again_is_no_further_look() -> None:
    assert one(shifted(0.01, n=12, earlier=(8, 12))) == one(shifted(0.01, n=12, earlier=(8,)))


def test_looks_so_close_that_no_outcome_could_decide_are_too_few_seeds() -> None:
    comparison = one(shifted(0.05, n=8, earlier=(7,)))
    assert (comparison.word, comparison.looks, comparison.seeds_needed) == ("too few seeds", (7,), 9)
    assert comparison.open and comparison.too_few


@pytest.mark.parametrize("n", [7, 8, 12, 16])
@pytest.mark.parametrize("earlier", [(), (8,), (8, 10), (7, 9, 11)])
def test_where_looks_are_not_known_the_verdict_is_stricter_than_for_any_that_are(
    n: int, earlier: tuple[int, ...]
) -> None:
    known = one(shifted(0.004, 0.004, n=n, earlier=[look for look in earlier if look < n]))
    unknown = one(shifted(0.004, 0.004, n=n, earlier=None))
    assert unknown.p_holm >= known.p_holm
    assert unknown.interval is not None and known.interval is not None
    assert unknown.interval.high - unknown.interval.low >= known.interval.high - known.interval.low
    assert unknown.looks == one(shifted(0.0, n=n, earlier=range(n))).looks


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
@pytest.mark.parametrize("side", ["variant", "against"])
def test_a_score_that_is_no_number_is_refused(side: str, wrong: float) -> None:
    scores = {"variant": np.linspace(0.8, 0.9, 8), "against": np.linspace(0.7, 0.8, 8)}
    scores[side][3] = wrong
    with pytest.raises(ValueError, match=r"a score is no number \(NaN or infinite\): leave that seed out"):
        compare([Pairing(**scores, margin=MARGIN)])


@pytest.mark.parametrize("shapes", [((8,), (7,)), ((8, 2), (8, 2)), ((), ())])
def test_scores_that_are_not_paired_are_refused(shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match="are not paired: give one number for each shared seed, in the same order"):
        compare([Pairing(np.zeros(shapes[0]), np.zeros(shapes[1]), MARGIN)])


# -- what earlier looks ruled out --------------------------------------------------------------------------------------


def looked_at(differences: np.ndarray, *looks: int, margin: float = MARGIN) -> Pairing:
    """Differences that were looked at when there were the first so many."""
    before = [
        Pairing(differences[:look], np.zeros(look), margin, earlier=looks[:place]) for place, look in enumerate(looks)
    ]
    return Pairing(differences, np.zeros(len(differences)), margin, earlier=looks, before=before)


@pytest.mark.parametrize("tenth", [0.05, 0.001, -0.02], ids=["alike", "smaller", "contrary"])
def test_a_decision_stands_when_one_more_seed_comes(tenth: float) -> None:
    """Of eight comparisons, of which 9 seeds decide; at the tenth no outcome could."""
    differences = np.append(shifted(0.05, n=9).variant - shifted(0.05, n=9).against, tenth)
    nine, forgetful = one(looked_at(differences[:9]), 8), Pairing(differences, np.zeros(10), MARGIN, earlier=(9,))
    ten = one(looked_at(differences, 9), 8)
    assert (nine.word, one(forgetful, 8).word, ten.word) == ("better", "too few seeds", "better")
    assert ten.p_holm == nine.p_holm and ten.interval is not None
    assert ten.notes == ("decided with 9 of these 10 seeds: more seeds take no decision back",)
    assert not ten.open and ten.seeds_needed is None and nine.notes == ()


def test_equivalence_stands_when_one_more_seed_comes() -> None:
    differences = np.append(shifted(0.0, 0.0002, n=9).variant - shifted(0.0, n=9).against, 0.0019)
    differences[:9] -= differences[:9].mean()
    nine, ten = one(looked_at(differences[:9]), 8), one(looked_at(differences, 9), 8)
    assert (nine.word, ten.word) == ("equivalent", "equivalent")
    assert ten.notes == ("decided at an earlier look: more seeds take no decision back",)


def test_what_the_mean_of_all_seeds_contradicts_does_not_stand() -> None:
    """Nine seeds say better; with eleven that say the contrary the mean is below zero."""
    differences = np.concatenate([0.05 + 0.01 * np.resize([1.0, -1.0, 0.5], 9), np.full(11, -0.09)])
    assert one(looked_at(differences[:9])).word == "better"
    later = one(looked_at(differences, 9))
    assert later.mean < 0 and later.word == "undecided"
    assert later.interval == one(Pairing(differences, np.zeros(20), MARGIN, earlier=(9,))).interval


def test_the_interval_is_what_all_looks_left_over() -> None:
    chance = np.random.default_rng(2)
    differences = chance.normal(0.01, 0.02, 20)
    looks = (8, 9, 14)
    found = one(looked_at(differences, *looks)).interval
    alone = [
        one(Pairing(differences[:n], np.zeros(n), MARGIN, earlier=looks[:k])).interval
        for k, n in enumerate((*looks, 20))
    ]
    assert found is not None and None not in alone
    assert found.low == max(each.low for each in alone if each) and found.high == min(
        each.high for each in alone if each
    )


def test_intervals_over_all_looks_hold_the_mean_in_95_of_100_and_no_more_verdicts_are_false() -> None:
    """400 experiments of normal noise without a difference."""
    chance, held, wrong = np.random.default_rng(12), 0, 0
    for _ in range(400):
        found = one(looked_at(chance.normal(0, 1, 14), 6, 8, 11, margin=0.0))
        assert found.interval is not None
        held += found.interval.low <= 0 <= found.interval.high
        wrong += found.word in ("better", "worse")
    assert stats.binomtest(held, 400).proportion_ci(0.95).high >= 0.95
    assert stats.binomtest(wrong, 400).proportion_ci(0.95).low <= 0.05 and wrong > 4
