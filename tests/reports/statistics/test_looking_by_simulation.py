"""However often one looks while seeds are added, verdicts are wrong in 5 % at most, by simulation."""

import functools
import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy import stats

from keras_suite.reports.statistics import intervals, verdicts
from keras_suite.reports.statistics.looks import nominal_level
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.planning import looks_that_count
from keras_suite.reports.statistics.verdicts import compare
from tests.reports.statistics.simulated import Noise, normal, skewed, within_promise


@pytest.fixture(autouse=True)
def _only_the_words(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """What an undecided pair would need takes most of the time, and changes no verdict."""
    if "rate" in request.node.name:
        monkeypatch.setattr(verdicts, "plan", lambda *arguments: None)


Schedule = Callable[[int, np.ndarray], np.ndarray]  # from a look's seeds and p of each experiment to its next look
MANY, LAST = 10_000, 48


def at(*counts: int) -> Schedule:
    """Look at these numbers of seeds."""
    following = dict(itertools.pairwise((0, *counts)))
    return lambda n, p: np.full(len(p), following.get(n, MANY))


def sooner_when_nearly_significant(n: int, p: np.ndarray) -> np.ndarray:
    """Look again after a single seed where p is below 0.15, else after twelve."""
    return np.where(p < 0.15, n + 1, n + 12) if n else np.full(len(p), 7)


SCHEDULES = {
    "4, 6, 8 ... 20": at(*range(4, 21, 2)),
    "until decided or 48": at(8, 12, 16, 20, 24, 30, 36, 42, LAST),
    "sooner when nearly significant": sooner_when_nearly_significant,
}


NOISES = (normal, skewed)


@functools.cache
def sign_patterns(n: int) -> np.ndarray:
    if n <= 13:
        return np.array([(1, *signs) for signs in itertools.product((-1, 1), repeat=n - 1)], dtype=np.float32)
    return np.random.default_rng(n).choice(np.array([-1, 1], dtype=np.float32), (4_000, n))


def sign_flip_ps(differences: np.ndarray) -> np.ndarray:
    """The sign-flip p of each experiment (experiments, n)."""
    patterns, n = sign_patterns(differences.shape[1]), differences.shape[1]
    sums = np.abs(patterns @ differences.T.astype(np.float32))
    extreme = (sums >= np.abs(differences.sum(axis=1)) * (1 - 1e-5)).sum(axis=0)
    return np.asarray(extreme / len(patterns) if n <= 13 else (1 + extreme) / (1 + len(patterns)))


def words_at(differences: np.ndarray, p: np.ndarray, margin: float, levels: Sequence[float]) -> np.ndarray:
    """The word of each experiment (experiments, n) by two levels: the test's, and that of the equivalence interval."""
    n = differences.shape[1]
    mean, error = differences.mean(axis=1), differences.std(axis=1, ddof=1) / np.sqrt(n)
    equivalent = np.abs(mean) + stats.t.isf(levels[1] / 2, n - 1) * error < margin
    return np.where(equivalent, "equivalent", np.where(p > levels[0], "", np.where(mean > 0, "better", "worse")))


def decided(differences: np.ndarray, schedule: Schedule, margin: float, spent: bool = True) -> np.ndarray:
    """The word at which each experiment (experiments, 48) ends, "" if undecided: all of one history at once.

    `spent`: whether the error rate is spent over looks, as the product does, or each look is taken for the only one.
    """
    words = np.full(len(differences), "", dtype="<U10")
    open_at: dict[tuple[int, ...], np.ndarray] = {(): np.arange(len(differences))}
    while open_at:
        before, which = open_at.popitem()
        n = before[-1] if before else 0
        p = sign_flip_ps(differences[which, :n]) if n else np.ones(len(which))
        looks = looks_that_count(before, 1)
        if n and looks[-1:] == (n,):
            levels = [nominal_level(looks, rate) if spent else rate for rate in (0.05, 0.1)]
            words[which] = words_at(differences[which, :n], p, margin, levels)
        following = schedule(n, p)
        for again in np.unique(following[(words[which] == "") & (following <= LAST)]):
            open_at[(*before, int(again))] = which[(words[which] == "") & (following == again)]
    return words


def drawn(experiments: int, noise: Noise = normal, shift: float = 0.0) -> np.ndarray:
    chance, size = np.random.default_rng(6), experiments * LAST
    return (noise(chance, 0.01, size) - noise(chance, 0.01, size)).reshape(-1, LAST) + shift


@pytest.mark.parametrize(
    ("schedule", "noise", "experiments"),
    [
        ("4, 6, 8 ... 20", normal, 2_000),
        ("until decided or 48", skewed, 2_000),
        # Each has a history of its own, and its levels.
        pytest.param("sooner when nearly significant", normal, 150, marks=pytest.mark.slow),
        *(pytest.param(schedule, noise, 4_000, marks=pytest.mark.slow) for schedule in SCHEDULES for noise in NOISES),
    ],
)
def test_looking_while_seeds_are_added_finds_no_more_false_differences(
    schedule: str, noise: Noise, experiments: int
) -> None:
    wrong = np.isin(decided(drawn(experiments, noise), SCHEDULES[schedule], 0.0), ["better", "worse"]).sum()
    assert within_promise(int(wrong), experiments)
    assert wrong > 0.01 * experiments, "so few false alarms would mean a test that finds nothing"


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_looking_while_seeds_are_added_finds_no_more_false_equivalence(schedule: str) -> None:
    """The true difference is the margin, an sd of the paired differences."""
    margin = 0.01 * 2**0.5
    wrong = (decided(drawn(2_000, shift=margin), SCHEDULES[schedule], margin) == "equivalent").sum()
    assert within_promise(int(wrong))
    assert wrong > 0


def test_looking_is_found_out_where_each_look_is_taken_for_the_only_one() -> None:
    """The harness can fail: with a test at 5 % each time, 12 to 17 of 100 of these are false."""
    rates = [
        np.isin(decided(drawn(1_000), schedule, 0.0, spent=False), ["better", "worse"]).mean()
        for schedule in SCHEDULES.values()
    ]
    assert all(not within_promise(round(1_000 * rate), 1_000) for rate in rates)
    assert rates[0] > 0.1


def test_the_words_of_the_harness_at_any_rate_are_those_of_compare() -> None:
    margin, differences = 0.008, drawn(40, shift=0.006)
    for looks in ((8,), (8, 10), (7, 9, 11), (8, 12, 13)):
        n = looks[-1]
        levels = [nominal_level(looks, rate) for rate in (0.05, 0.1)]
        p = sign_flip_ps(differences[:, :n])
        expected = [
            compare([Pairing(each[:n], np.zeros(n), margin, earlier=looks[:-1])])[0].word for each in differences
        ]
        found = words_at(differences[:, :n], p, margin, levels)
        assert [word or "undecided" for word in found] == expected


@pytest.mark.slow
@pytest.mark.parametrize(("margin", "shift", "words"), [(0.0, 0.0, ("better", "worse")), (0.01, 0.01, ("equivalent",))])
@pytest.mark.parametrize("schedule", ["4, 6, 8 ... 20", "until decided or 48"])
def test_the_rate_of_false_words_of_three_pairs_while_seeds_are_added(
    schedule: str, margin: float, shift: float, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `compare` itself: 100 experiments of three variants and a baseline."""
    monkeypatch.setattr(intervals, "SAMPLED_PATTERNS", 10_000)
    chance, wrong = np.random.default_rng(7), 0
    for _ in range(100):
        baseline = normal(chance, 0.01, LAST)
        variants = [normal(chance, 0.01, LAST) + shift for _ in range(3)]
        looks: tuple[int, ...] = ()
        n = int(SCHEDULES[schedule](0, np.ones(1))[0])
        while n <= LAST:
            found = compare([Pairing(each[:n], baseline[:n], margin, earlier=looks) for each in variants])
            if any(comparison.word in words for comparison in found):
                wrong += 1
                break
            looks = (*looks, n)
            n = int(SCHEDULES[schedule](n, np.array([min(comparison.p for comparison in found)]))[0])
    assert within_promise(wrong, 100)
