"""Which variants are compared, what is said to a wrong choice, and that the correction is for the pairs shown."""

from typing import Any

import pytest

from keras_suite.reports.results.answer import answer
from keras_suite.reports.results.experiment_numbers import experiment_numbers
from keras_suite.reports.results.pairs import chosen_pairs
from keras_suite.reports.statistics.intervals import holm
from keras_suite.reports.statistics.looks import FIRST_LOOK
from tests.reports.conftest import MakeRuns

NAMES = ("a", "b", "c", "d")


def test_each_variant_is_compared_with_the_baseline_by_default() -> None:
    assert chosen_pairs(NAMES, "a") == ("a", (("b", "a"), ("c", "a"), ("d", "a")))
    assert chosen_pairs(NAMES, "a", ["c"]) == ("c", (("a", "c"), ("b", "c"), ("d", "c")))
    assert chosen_pairs(NAMES, "a", ["d=b", "c=a"]) == ("a", (("d", "b"), ("c", "a")))
    assert chosen_pairs(("only",), "only") == ("only", ())


def test_all_pairs_are_all_of_them_once() -> None:
    baseline, pairs = chosen_pairs(NAMES, "b", all_pairs=True)
    assert baseline == "b"
    assert len(pairs) == 6 == len({frozenset(pair) for pair in pairs})
    assert pairs[:3] == (("a", "b"), ("c", "b"), ("d", "b"))


@pytest.mark.parametrize(
    ("against", "all_pairs", "said"),
    [
        (["e"], False, r"unknown variant 'e' \(known: a, b, c, d\)"),
        (["a=e"], False, "unknown variant 'e'"),
        (["a", "b"], False, "give one variant for all others to be compared with, or pairs"),
        (["a", "c=d"], False, "give one variant"),
        (["a=a"], False, "give two different variants, and once"),
        (["a=b", "b=a"], False, "give two different variants, and once"),
        (["a"], True, "two ways to choose the pairs"),
    ],
)
def test_a_wrong_choice_is_answered_in_one_line(against: list[str], all_pairs: bool, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        chosen_pairs(NAMES, "a", against, all_pairs)
    assert "\n" not in str(caught.value)


def test_the_correction_is_for_the_pairs_that_are_shown(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "one": {}, "two": {}}, strength={"one": 1e-5, "two": 1e-6})
    every = experiment_numbers(runs, all_pairs=True)
    assert [pair.comparison.pairs for pair in every.pairs] == [3, 3, 3]
    over = [min(pair.comparison.p / FIRST_LOOK, 1.0) for pair in every.pairs]
    assert [pair.comparison.p_holm for pair in every.pairs] == pytest.approx(list(holm(over)))
    levels = [pair.comparison.interval.level for pair in every.pairs if pair.comparison.interval]
    assert levels == pytest.approx([1 - FIRST_LOOK * 0.05 / 3] * 3)


def test_pairs_that_were_looked_at_before_count_beside_those_that_are_shown(make_runs: MakeRuns) -> None:
    variants: dict[str, dict[str, Any]] = {"base": {}, "one": {}, "two": {}}
    strength = {"one": 1e-5, "two": 1e-6}
    [first] = experiment_numbers(make_runs(variants, strength=strength), against=["two=one"]).pairs
    assert (first.comparison.pairs, first.comparison.p_holm) == (
        1,
        pytest.approx(min(first.comparison.p / FIRST_LOOK, 1)),
    )
    runs = make_runs(variants, strength=strength, name="all_before")
    experiment_numbers(runs, all_pairs=True)
    [again] = experiment_numbers(runs, against=["two=one"]).pairs
    assert (again.comparison.pairs, again.comparison.p) == (3, first.comparison.p)
    assert again.comparison.p_holm == pytest.approx(min(3 * first.comparison.p / FIRST_LOOK, 1))
    assert [pair.comparison.pairs for pair in experiment_numbers(runs).pairs] == [3, 3]
    assert [pair.comparison.looks for pair in experiment_numbers(runs).pairs] == [(8,), (8,)], "but it is one look"


def test_against_another_variant_the_difference_has_the_other_sign(make_runs: MakeRuns) -> None:
    runs = make_runs()
    usual, turned = experiment_numbers(runs), experiment_numbers(runs, against=["weak"])
    assert turned.baseline == "weak" == turned.variants[0].name
    assert turned.comparison("strong").mean == -usual.comparison("weak").mean
    assert (usual.comparison("weak").word, turned.comparison("strong").word) == ("worse", "better")


def test_the_answer_to_all_pairs_names_the_widest_and_who_beats_all(make_runs: MakeRuns) -> None:
    runs = make_runs({"base": {}, "one": {}, "two": {}}, strength={"one": 1e-5, "two": 1e-6})
    numbers = experiment_numbers(runs, all_pairs=True)
    said = answer(numbers)
    words = [pair.comparison.word for pair in numbers.pairs]
    assert words[:2] == ["worse", "worse"]
    widest = min(pair.comparison.mean for pair in numbers.pairs)
    assert said.startswith(f"{3 - words.count('undecided')} of 3 pairs differ: most of all, 'two' is worse than 'base'")
    assert f"by {-100 * widest:.2f} percentage points" in said
    assert "; 'base' is better than all 2 others" in said
    assert answer(experiment_numbers(runs, against=["one=two"])).startswith(("'one'", "Undecided: 'one'"))
