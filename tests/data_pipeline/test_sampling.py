"""Keyed random numbers never change, and draws keep the shares of classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from keras_suite.data_pipeline.sampling import (
    TooFewGroups,
    class_shares,
    grouped_choice,
    grouped_folds,
    random_bits,
    stratified_choice,
    uniform,
)

KEYS = st.integers(min_value=0, max_value=2**64 - 1)


def test_numbers_never_change() -> None:
    # Splits and test sets hang on these: another value here means other data in every run.
    assert random_bits(1, 2, np.arange(3)).tolist() == [
        8460352000482166300,
        1155881950921884847,
        6025100782658200022,
    ]


@given(KEYS, KEYS, st.lists(KEYS, min_size=1, max_size=20))
def test_an_element_does_not_depend_on_its_neighbours(seed: int, epoch: int, index: list[int]) -> None:
    together = random_bits(seed, epoch, np.array(index, np.uint64))
    alone = [int(random_bits(seed, epoch, np.uint64(one))) for one in index]
    assert together.tolist() == alone


@given(KEYS, KEYS)
def test_order_of_keys_matters(first: int, second: int) -> None:
    same = int(random_bits(first, second)) == int(random_bits(second, first))
    assert same == (first == second)


def test_uniform_in_the_unit_interval() -> None:
    numbers = uniform(3, 0, np.arange(100_000))
    assert numbers.min() >= 0 and numbers.max() < 1
    assert stats.kstest(numbers, "uniform").pvalue > 0.001


@pytest.mark.parametrize("keys", ["index", "epoch", "seed"])
def test_neighbouring_keys_give_independent_numbers(keys: str) -> None:
    count = np.arange(50_000)
    moved = {"index": (1, 1, count), "epoch": (1, count, 1), "seed": (count, 1, 1)}[keys]
    numbers = uniform(*moved)
    for lag in (1, 2, 8, 256):
        correlation = np.corrcoef(numbers[:-lag], numbers[lag:])[0, 1]
        assert abs(correlation) < 4.5 / np.sqrt(len(count)), (keys, lag)
    # Pairs fill the square evenly, not only on average.
    table, _, _ = np.histogram2d(numbers[:-1], numbers[1:], bins=16, range=[[0, 1], [0, 1]])
    assert stats.chisquare(table.ravel()).pvalue > 0.001


def test_every_bit_is_fair() -> None:
    bits = np.unpackbits(random_bits(9, np.arange(20_000)).view(np.uint8).reshape(-1, 8), axis=1)
    deviations = (bits.mean(axis=0) - 0.5) / (0.5 / np.sqrt(len(bits)))
    assert np.abs(deviations).max() < 4.5


COUNTS = st.lists(st.integers(min_value=2, max_value=500), min_size=1, max_size=12).map(np.array)


@given(COUNTS, st.data())
def test_shares_add_up_and_stay_in_bounds(counts: np.ndarray, data: st.DataObject) -> None:
    total = data.draw(st.integers(len(counts), int(counts.sum()) - len(counts)))
    shares = class_shares(counts, total, least=1, leave=1)
    assert shares.sum() == total
    assert (shares >= 1).all() and (shares <= counts - 1).all()


@given(COUNTS, st.data())
def test_shares_are_proportional_to_within_one_image(counts: np.ndarray, data: st.DataObject) -> None:
    total = data.draw(st.integers(0, int(counts.sum())))
    ideal = counts * total / counts.sum()
    assert np.abs(class_shares(counts, total) - ideal).max() < 1 + 1e-9


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot draw 5 images"):
        class_shares(np.array([1, 9]), 5, least=1, leave=1)


@given(st.lists(st.integers(0, 3), min_size=8, max_size=60), st.integers(0, 2**32))
def test_choice_takes_the_first_of_each_class(labels: list[int], seed: int) -> None:
    own = np.array(labels)
    order = np.random.default_rng(seed).permutation(len(own))
    drawn = stratified_choice(own, order, len(own) // 2)
    assert len(drawn) == len(own) // 2 and (np.diff(drawn) > 0).all()
    for label in np.unique(own):
        members = np.flatnonzero(own == label)
        inside = np.isin(members, drawn)
        if inside.any() and not inside.all():
            assert order[members[inside]].max() < order[members[~inside]].min()


def test_groups_are_chosen_whole_and_classes_in_proportion() -> None:
    rng = np.random.default_rng(0)
    for trial in range(20):
        groups = np.sort(rng.integers(0, 60, 400))
        labels = (groups % 4).astype(np.int64)
        order = random_bits(trial, np.arange(400))
        chosen = grouped_choice(labels, groups, order, 80, least=1, leave=1)
        assert not set(groups[chosen]) & set(np.delete(groups, chosen))
        counts, all_counts = np.bincount(labels[chosen], minlength=4), np.bincount(labels, minlength=4)
        assert (counts >= 1).all() and np.abs(counts / all_counts - 0.2).max() < 0.08
        folds = grouped_folds(labels, groups, order, 5)
        assert all(len(set(folds[groups == group].tolist())) == 1 for group in np.unique(groups))
        assert np.ptp(np.bincount(folds)) < 40


def test_too_few_groups_are_named() -> None:
    with pytest.raises(TooFewGroups, match="class 1 has too few groups"):
        grouped_choice(np.repeat([0, 1], 10), np.repeat([0, 1, 2], [5, 5, 10]), np.arange(20), 4, least=1, leave=1)
    with pytest.raises(ValueError, match="folds=4 is more than the 3 groups"):
        grouped_folds(np.repeat([0, 1], 10), np.repeat([0, 1, 2], [5, 5, 10]), np.arange(20), 4)
