"""What a user says of scores becomes the metric of the report."""

import numpy as np
import pytest

from keras_suite.reports.elsewhere.told import Told, check_margin

SCORES = [np.array([0.951, 0.9534]), np.array([0.941, 0.943])]


def test_shares_and_percentages_are_shown_in_percent_with_the_usual_margin() -> None:
    share = Told("accuracy").described(False, False, SCORES)
    assert (share.format(0.9512), share.format_difference(0.0012)) == ("95.12 %", "+0.12")
    assert share.bounds == (0, 1) and share.margin == 0.002
    percent = Told("accuracy", unit="percent").described(False, False, [100 * each for each in SCORES])
    assert (percent.format(95.12), percent.format_difference(0.12)) == ("95.12 %", "+0.12")
    assert percent.bounds == (0, 100) and percent.margin == pytest.approx(0.2)


def test_plain_numbers_get_the_decimals_that_tell_seeds_apart_and_no_margin() -> None:
    metric = Told("loss", "min").described(False, False, [np.array([0.30151, 0.30159]), np.array([0.5, 0.5])])
    assert metric.format(0.30151) == "0.30151" and metric.format_difference(-0.00002) == "−0.00002"
    assert not metric.higher_is_better and metric.margin == 0 and metric.bounds[0] == -np.inf
    with_unit = Told("PSNR", unit="dB").described(False, False, [np.array([30.0, 31.5])] * 2)
    assert with_unit.format(31.5) == "31.50 dB" and with_unit.difference == "dB of test PSNR"


def test_scores_that_are_all_equal_have_two_decimals() -> None:
    assert Told().described(False, False, [np.full(3, 7.0)] * 2).format(7.0) == "7.00"


def test_names_of_metrics_become_names_of_columns() -> None:
    assert Told("F1, macro").described(False, False, SCORES).key == "f1_macro"
    assert Told("%").described(False, False, SCORES).key == "score"


def test_answers_are_scored_by_their_accuracy() -> None:
    metric = Told().described(True, True, SCORES)
    assert (metric.label, metric.binary, metric.unit) == ("accuracy", True, " %")
    for told in (Told(direction="min"), Told(unit="dB")):
        with pytest.raises(ValueError, match="is not possible: what follows from label and prediction is the accuracy"):
            told.described(True, True, SCORES)


@pytest.mark.parametrize("unit", ["%", "shares", "Percent", "procent", "", "x" * 21, "a\nb"])
def test_a_unit_that_may_be_another_one_is_refused(unit: str) -> None:
    with pytest.raises(ValueError, match=r"--unit .* is not possible: "):
        Told(unit=unit)


@pytest.mark.parametrize(("margin", "largest"), [(-1, 100), (100, 100), (np.nan, np.inf), (np.inf, np.inf)])
def test_a_margin_that_is_none_is_refused(margin: float, largest: float) -> None:
    with pytest.raises(ValueError, match=f"--margin {margin:g} is not possible: give a number from 0") as raised:
        check_margin(margin, largest)
    assert "inf," not in str(raised.value)
    check_margin(None, largest)


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="--metric ' ' is not possible: expected a name"):
        Told(metric=" ")


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({"a": [0.91, 0.92], "b": [89.5, 90.5]}, "'a' has a score of 0.92 and 'b' one of 89.5: shares beside percent"),
        ({"a": [91.0, 0.9], "b": [92.0, 91.0]}, "'a' has a score of 0.9 and 'a' one of 91"),
    ],
)
def test_shares_beside_percentages_are_refused_unless_a_unit_is_given(scores: dict, said: str) -> None:
    arrays = {name: np.array(each) for name, each in scores.items()}
    with pytest.raises(ValueError, match=said):
        Told().refuse_mixed_units(arrays)
    Told(unit="dB").refuse_mixed_units(arrays)


@pytest.mark.parametrize("scores", [([0.6, 0.9], [2.0, 3.0]), ([91.0], [90.0]), ([0.5], [0.9]), ([-0.5], [40.0])])
def test_scores_that_may_be_of_one_unit_are_not_refused(scores: tuple[list[float], list[float]]) -> None:
    Told().refuse_mixed_units({"a": np.array(scores[0]), "b": np.array(scores[1])})
