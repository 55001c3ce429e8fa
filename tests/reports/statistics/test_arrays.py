"""Arrays are answered in three lines, without TensorFlow, and bad ones in one."""

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from keras_suite.reports.statistics import compare_scores
from keras_suite.reports.statistics.image_noise import image_noise
from keras_suite.reports.statistics.pairings import Pairing
from keras_suite.reports.statistics.verdicts import compare

RANDOM = np.random.default_rng(0)
PLAIN = RANDOM.normal(0.90, 0.004, 10)
BETTER = PLAIN + RANDOM.normal(0.02, 0.004, 10)


def test_the_verdicts_are_those_of_the_reports() -> None:
    found = compare_scores({"plain": PLAIN, "dropout": BETTER}, margin=0.002)
    [expected] = compare([Pairing(BETTER, PLAIN, 0.002)])
    assert found.comparisons == {"dropout": expected}
    assert expected.word == "better"
    assert str(found).startswith("'dropout' is better than 'plain' (+0.0182, 95 % interval")
    assert "10 paired seeds" in str(found)


def test_scores_of_images_count_other_images_too() -> None:
    right = RANDOM.random((3, 8, 400)) < np.array([0.9, 0.9, 0.6])[:, None, None]
    found = compare_scores({"a": right[0], "b": right[1], "c": right[2], "a again": right[0].copy()})
    assert [each.word for each in found.comparisons.values()] == ["undecided", "worse", "same runs"]
    images = image_noise(right[2], right[0])
    assert images is not None
    means = [scores.mean(axis=1) for scores in right]
    expected = compare([Pairing(means[2], means[0], 0.0, images=images)], comparisons=3)
    assert found.comparisons["c"].interval == expected[0].interval
    assert found.table.loc["c", "verdict"] == "worse"


def test_a_data_frame_another_baseline_and_losses() -> None:
    frame = pd.DataFrame({"plain": PLAIN, "dropout": BETTER})
    found = compare_scores(frame, baseline="dropout", higher_is_better=False)
    assert found.comparisons["plain"].word == "better"
    assert "<td>better</td>" in found._repr_html_()


def test_an_array_has_a_column_for_each_variant() -> None:
    found = compare_scores(np.stack([PLAIN, BETTER], axis=1), margin=0.002)
    assert found.comparisons["1"] == compare_scores({"0": PLAIN, "1": BETTER}, margin=0.002).comparisons["1"]
    right = RANDOM.random((8, 2, 300)) < 0.9
    of_images = compare_scores(right.tolist(), baseline=1)
    assert of_images == compare_scores({"0": right[:, 0], "1": right[:, 1]}, baseline="1")


def test_series_are_paired_only_where_their_index_says_the_same_seeds() -> None:
    plain, better = pd.Series(PLAIN), pd.Series(BETTER)
    assert compare_scores({"a": plain, "b": better}) == compare_scores({"a": PLAIN, "b": BETTER})
    assert compare_scores({"a": plain, "b": BETTER}) == compare_scores({"a": PLAIN, "b": BETTER})
    sorted_by_score = better.sort_values()
    for other in (sorted_by_score, pd.Series(BETTER, index=range(1, 11))):
        with pytest.raises(ValueError, match=r"'b' have not the index of those of 'a'.*reindex") as caught:
            compare_scores({"a": plain, "b": other})
        assert "\n" not in str(caught.value)
    assert compare_scores({"a": plain, "b": sorted_by_score.reindex(plain.index)}).comparisons["b"].word == "better"


def test_earlier_looks_are_paid_for() -> None:
    [first] = compare_scores({"a": PLAIN, "b": BETTER}).comparisons.values()
    [third] = compare_scores({"a": PLAIN, "b": BETTER}, looks=(7, 8)).comparisons.values()
    assert third.p_holm > first.p_holm and third.looks == (7, 10)


@pytest.mark.parametrize(
    ("scores", "options", "said"),
    [
        ({"a": PLAIN}, {}, "nothing to compare: expected two variants or more, found 1"),
        ({"a": PLAIN, "b": BETTER[:9]}, {}, r"'b' have the shape \(9,\), those of 'a' \(10,\): give both for the same"),
        ({"a": PLAIN, "b": [*BETTER[:9], np.nan]}, {}, "a score of 'b' is no number"),
        ({"a": PLAIN, "b": ["x"] * 10}, {}, "expected numbers, "),
        ({"a": PLAIN, "b": np.zeros((2, 2, 2))}, {}, "expected numbers, "),
        ({"a": PLAIN, "b": BETTER}, {"baseline": "c"}, "baseline='c' is none of the variants: 'a', 'b'"),
        ({"a": PLAIN, "b": BETTER}, {"margin": -1}, "margin=-1 is not possible"),
        ({"a": PLAIN, "b": BETTER}, {"margin": float("nan")}, "margin=nan is not possible"),
        ({"a": PLAIN, "b": BETTER}, {"margin": "0.1"}, "margin='0.1' is not possible"),
        (PLAIN, {}, r"the scores have the shape \(10,\): expected \(seeds, variants\)"),
        (PLAIN[:, None], {}, "nothing to compare: expected two variants or more, found 1"),
        ({1: PLAIN, "1": BETTER}, {}, "two variants are named '1'"),
        (np.zeros((3, 0)), {}, "nothing to compare"),
        ([PLAIN.tolist(), [0.9]], {}, "the scores have rows of different lengths"),
        ({"a": PLAIN, "b": [[0.9, 0.8], [0.9]]}, {}, "the scores of 'b' have rows of different lengths"),
        (
            {"a": pd.DataFrame(np.eye(8)), "b": pd.DataFrame(np.eye(8), columns=range(8)[::-1])},
            {},
            r"'b' have not the columns of those of 'a'.*the same test images",
        ),
        ("plain.csv", {}, r"the scores have the shape \(\)"),
        (pd.DataFrame([[0.8, 0.9]] * 8, columns=["a", "a"]), {}, "two variants are named 'a'"),
        ({"a": PLAIN, "b": BETTER}, {"looks": (8, 7)}, None),
        ({"a": PLAIN[:1], "b": BETTER[:1]}, {}, None),
        ({"a": np.ones(8), "b": np.ones(8)}, {}, None),
    ],
)
def test_bad_arrays_are_answered_in_one_line_and_odd_ones_never_with_a_verdict(
    scores: Any, options: dict[str, Any], said: str | None
) -> None:
    if said is None:
        words = {each.word for each in compare_scores(scores, **options).comparisons.values()}
        assert not words & {"worse", "equivalent"}
        return
    with pytest.raises(ValueError, match=said) as caught:
        compare_scores(scores, **options)
    assert "\n" not in str(caught.value)


def test_no_tensorflow_is_imported() -> None:
    program = (
        "import sys; from keras_suite.reports.statistics import compare_scores;"
        "print(compare_scores({'a': [1, 2, 3.0], 'b': [2, 3, 4.5]})); print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith("'b' against 'a': too few seeds (+1.167")
    assert done.stdout.splitlines()[1] == "False"


@pytest.mark.parametrize("looks", [(0,), (-3,), (11,), (2.5,), (True,), ("8",)])
def test_looks_that_cannot_have_been_are_refused(looks: tuple[Any, ...]) -> None:
    scores = np.linspace(0.8, 0.9, 10)
    with pytest.raises(ValueError, match="is not possible: give the numbers of seeds at which these 10 were looked at"):
        compare_scores({"a": scores, "b": scores + 0.01}, looks=looks)


def test_what_an_earlier_look_decided_is_printed_with_the_note() -> None:
    chance = np.random.default_rng(0)
    plain = chance.normal(0.9, 0.01, 10)
    better = plain + 0.02 + chance.normal(0, 0.004, 10)
    better[9] = plain[9] - 0.03
    said = str(compare_scores({"plain": plain, "better": better}, looks=(9,)))
    assert said.startswith("'better' is better than 'plain'")
    assert said.endswith("; decided with 9 of these 10 seeds: more seeds take no decision back")
