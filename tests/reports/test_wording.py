"""Numbers are rounded for a reader without losing their sense, and no path of this machine is passed on."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.wording import (
    number,
    percent_interval,
    points,
    points_interval,
    probability,
    setting,
    sureness,
    without_paths,
)
from keras_suite.tasks.wording.quantities import NONE


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("cannot read '/home/ada/photos/cat.png': no image", "cannot read '…/cat.png': no image"),
        ("--runs-dir=/home/ada/runs --seeds 3", "--runs-dir=…/runs --seeds 3"),
        ("/home/ada/runs/ is full", "…/runs is full"),
        (r"cannot open C:\Users\Ada\photos\cat.png", "cannot open …/cat.png"),
        (r"\\server\share\digits.npz", "…/digits.npz"),
        ("~/photos and ~/", "…/photos and …"),
        ("file:///home/ada/x.html", "…/x.html"),
        ("('/a/b', '/c/d')", "('…/b', '…/d')"),
        ("see https://keras.io/api/losses/", "see https://keras.io/api/losses/"),
        ("better / worse, 1/2, and/or, ../photos/cat.png, photos/cat.png", None),
        ("<b>bold</b>", None),
    ],
)
def test_absolute_paths_are_cut_to_their_last_part(text: str, kept: str | None) -> None:
    assert without_paths(text) == (text if kept is None else kept)
    assert without_paths(without_paths(text)) == without_paths(text)


@pytest.mark.parametrize(
    ("difference", "signed", "plain"),
    [
        (0.0042, "+0.42", "0.42"),
        (-0.0042, "−0.42", "−0.42"),
        (0.00001, "+0.0010", "0.0010"),
        (-0.00001, "−0.0010", "−0.0010"),
        (0.0, "0.00", "0.00"),
        (-0.0, "0.00", "0.00"),
        (-1e-12, "0.0000", "0.0000"),
        (None, NONE, NONE),
        (math.nan, NONE, NONE),
    ],
)
def test_points_show_a_small_difference_and_give_zero_no_sign(
    difference: float | None, signed: str, plain: str
) -> None:
    assert points(difference) == signed
    assert points(difference, sign=False) == plain


def test_intervals() -> None:
    assert points_interval(Interval(-0.0021, 0.0063, 0.95)) == "−0.21 to 0.63"
    assert percent_interval(Interval(0.989, 0.993, 0.95)) == "98.90 to 99.30 %"
    assert points_interval(None) == percent_interval(None) == NONE


@pytest.mark.parametrize(
    ("value", "text"), [(1_234_567, "1,234,567"), (0.123456, "0.1235"), (3.0, "3"), (math.inf, "inf"), (None, NONE)]
)
def test_a_count_has_all_its_digits_and_a_loss_four(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("p", "text"), [(0.0004, "< 0.001"), (0.0078125, "0.008"), (1.0, "1.000"), (math.nan, NONE)])
def test_probabilities_are_never_zero(p: float, text: str) -> None:
    assert probability(p) == text


@pytest.mark.parametrize(("share", "text"), [(0.876, "88 %"), (0.9949, "99 %"), (0.995, "> 99 %"), (1.0, "> 99 %")])
def test_nothing_wrong_was_wholly_sure(share: float, text: str) -> None:
    assert sureness(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            {"name": "sgd", "options": {"learning_rate": 1e-4, "nesterov": True}},
            "sgd(learning_rate=0.0001, nesterov=yes)",
        ),
        ({"name": "sgd", "options": {}}, "sgd"),
        ([{"name": "flip"}, {"name": "shift", "options": {"pixels": 2}}], "flip, shift(pixels=2)"),
        ([], "none"),
        (None, "none"),
        (False, "no"),
        (3.0, "3"),
        ("/home/ada/weights.keras", "…/weights.keras"),
    ],
)
def test_settings_read_as_their_author_wrote_them(value: object, text: str) -> None:
    assert setting(value) == text


@given(st.floats(0, 1), st.floats(0, 1))
def test_different_settings_are_written_differently(one: float, other: float) -> None:
    if abs(one - other) > 1e-11 * max(one, other):
        assert setting(one) != setting(other)
