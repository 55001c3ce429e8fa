"""Runs are paired by seed or by fold; what one variant has and another one lacks is named."""

import pytest

from keras_suite.reports.elsewhere.pairing import Key, number_of_folds, require_all_seeds

TWICE = [Key(name, seed, fold) for name in "ab" for seed in (1, 2) for fold in (0, 1, 2)]


def test_all_folds_of_each_cross_validation_are_counted() -> None:
    require_all_seeds("t.csv", "ab", TWICE)
    assert number_of_folds("t.csv", TWICE) == 3
    assert number_of_folds("t.csv", [Key("a", 1), Key("b", 1)]) == 0


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        (TWICE[:-1], "t.csv is not paired, for b lacks fold 2 of seed 2: give each variant the same folds"),
        ([key for key in TWICE if key.seed == 1][:-2], "b lacks folds 1 and 2: give each variant the same folds"),
        ([key for key in TWICE if key[1:] != (2, 0)], "t.csv lacks fold 0 of seed 2: expected all folds of each"),
        ([key for key in TWICE if key.fold == 1], "t.csv has fold 1 alone: expected two or more, or the column seed"),
        ([Key("a", 1), Key("a", 2), Key("b", 2)], "b lacks seed 1: give each variant the same seeds"),
    ],
)
def test_a_fold_that_is_missing_is_named(runs: list[Key], said: str) -> None:
    with pytest.raises(ValueError) as raised:
        require_all_seeds("t.csv", "ab", runs)
        number_of_folds("t.csv", runs)
    assert said in str(raised.value).replace("'", "")


def test_a_run_is_called_by_its_seed_or_fold() -> None:
    assert str(Key("a", 3)) == "'a', seed 3"
    assert str(Key("a", 1, 3)) == "'a', fold 3 of seed 1"
