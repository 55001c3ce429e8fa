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
