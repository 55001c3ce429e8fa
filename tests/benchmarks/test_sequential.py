"""The many experiments that a benchmark decides at once have the words of the suite's own verdicts."""

import numpy as np
import pytest

from benchmarks.seeds_needed import CASES, schedule
from benchmarks.sequential import BETTER, EQUIVALENT, OPEN, WORSE, decide
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.verdicts import compare

WORDS = {OPEN: "undecided", BETTER: "better", WORSE: "worse", EQUIVALENT: "equivalent"}


@pytest.mark.parametrize(("mean", "margin"), [(0.0, 0.0), (0.7, 0.0), (-0.7, 0.3), (0.0, 0.6)])
def test_the_words_and_seeds_are_those_of_compare_look_by_look(mean: float, margin: float) -> None:
    differences = np.random.default_rng(3).normal(mean, 1.0, (12, 27))
    looks = (8, 11, 15, 20, 27)
    found = decide(differences, looks, margin)
    for of_one, word, seeds in zip(differences, found.words, found.seeds, strict=True):
        expected, n = "undecided", looks[-1]
        for place, look in enumerate(looks):
            pairing = Pairing(of_one[:look], np.zeros(look), margin, earlier=looks[:place])
            expected, n = compare([pairing])[0].word, look
            if expected != "undecided":
                break
        assert (WORDS[int(word)], int(seeds)) == (expected, n)


@pytest.mark.slow
def test_without_spending_each_look_has_the_whole_level() -> None:
    nothing = np.random.default_rng(4).normal(0, 1, (2_000, 20))
    looks = (8, 12, 16, 20)
    once, each = decide(nothing, [20], 0.0, spend=False), decide(nothing, looks, 0.0, spend=False)
    assert 0.03 < once.rate(BETTER, WORSE) < 0.07 < each.rate(BETTER, WORSE)
    assert decide(nothing, looks, 0.0).rate(BETTER, WORSE) < 0.07


def test_the_schedule_is_that_of_until_decided_and_the_scatter_follows_from_the_reported_interval() -> None:
    assert schedule() == [6, 8, 10, 12, 14, 17, 20, 24, 29, 35, 42, 48]
    fast = next(case for case in CASES if case.name.startswith("mnist_fast"))
    assert fast.sd == pytest.approx(0.08 * 6**0.5 / 2.5706, rel=1e-3)
