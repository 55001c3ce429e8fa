"""The verdict's rules apply in their order, and each says what it rests on."""

import numpy as np
import pytest

from keras_suite.reports.statistics.cross_validation import Fold, fold_p
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.statistics.verdicts import compare, verdict
from keras_suite.tasks.task import MARGIN

NOISE = np.array([1, -1, 2, -2, 1, -1, 0.5, -0.5])


@pytest.mark.parametrize(
    ("effect", "spread", "n", "word"),
    [
        (0.05, 0.001, 3, "too few seeds"),
        (0.05, 0.001, 5, "too few seeds"),
        (0.0, 0.0, 8, "equivalent"),
        (0.001, 0.0001, 8, "equivalent"),
        (0.05, 0.001, 8, "better"),
        (-0.05, 0.001, 8, "worse"),
        (0.002, 0.02, 8, "undecided"),
    ],
)
def test_the_verdict_follows_its_rules_in_order(effect: float, spread: float, n: int, word: str) -> None:
    baseline = np.linspace(0.90, 0.92, n)
    [comparison] = compare([(baseline + effect + spread * NOISE[:n], baseline)], [MARGIN])
    assert comparison.word == word
    if n >= 8 and effect:
        assert comparison.mean == pytest.approx(effect)


def test_losses_are_better_when_they_are_lower() -> None:
    baseline = np.linspace(0.30, 0.32, 8)
    [comparison] = compare([(baseline - 0.1 + 0.001 * NOISE, baseline)], [MARGIN], higher_is_better=False)
    assert (comparison.word, comparison.superiority) == ("better", 1.0)


@pytest.mark.parametrize(
    ("interval", "p", "said"),
    [
        (Interval(0.001, 0.02, 0.95), 0.2, "the interval leaves out zero but the permutation test does not"),
        (Interval(-0.001, 0.02, 0.95), 0.01, "the interval includes zero but the permutation test does not"),
        (Interval(0.001, 0.02, 0.95), 0.01, None),
        (Interval(-0.001, 0.02, 0.95), 0.2, None),
    ],
)
def test_where_interval_and_test_disagree_one_line_says_so(interval: Interval, p: float, said: str | None) -> None:
    _, _, notes = verdict(8, 1, 0.01, 0.01, interval, interval, p, 0.0)
    assert [note.startswith(said or "") for note in notes] == [True] * (said is not None)


def test_never_a_verdict_on_three_seeds_however_clear() -> None:
    baseline = np.array([0.1, 0.2, 0.3])
    assert [compare([(baseline + 0.5, baseline)], [m])[0].word for m in (0.0, 0.9)] == ["too few seeds"] * 2


def test_folds_are_compared_by_the_corrected_test_and_no_number_of_them_is_named() -> None:
    baseline = np.linspace(0.90, 0.92, 5)
    folds = [[Fold(5, 80, 20)] * 5]
    unclear, clear = baseline + 0.02 * NOISE[:5], baseline + 0.05 + 0.001 * NOISE[:5]
    [undecided] = compare([(unclear, baseline)], [MARGIN], folds=folds)
    assert (undecided.word, undecided.seeds_needed, undecided.replicate) == ("undecided", None, "fold")
    [better] = compare([(clear, baseline)], [MARGIN], folds=folds)
    assert better.word == "better" and better.p == fold_p(clear - baseline, 80, 20)
    assert compare([(clear, baseline)], [MARGIN])[0].word == "too few seeds", "the sign-flip test asks for six"
    [three] = compare([(clear[:3], baseline[:3])], [MARGIN], folds=[[Fold(3, 80, 40)] * 3])
    assert (three.word, three.too_few, three.seeds_needed) == ("too few folds", True, 4)
