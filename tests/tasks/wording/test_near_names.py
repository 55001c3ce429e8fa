"""A wrong name is answered with the nearest known one and all of them."""

import pytest

from keras_suite.tasks.wording.near_names import did_you_mean, nearest, unknown

KNOWN = ("adam", "sgd", "rmsprop")


@pytest.mark.parametrize(("name", "near"), [("adamm", "adam"), ("rms", "rmsprop"), ("zzz", None), ("", None)])
def test_the_nearest_name_is_found_or_none(name: str, near: str | None) -> None:
    assert nearest(name, KNOWN) == near
    assert did_you_mean(name, KNOWN) == ("" if near is None else f"; did you mean {near!r}?")


def test_how_like_a_name_must_be_can_be_said() -> None:
    assert nearest("ada", KNOWN, 0.5) == "adam" and nearest("ada", KNOWN, 0.9) is None


def test_the_line_says_what_was_given_and_what_is_known() -> None:
    assert unknown("optimizer", "adamm", KNOWN) == (
        "unknown optimizer 'adamm'; did you mean 'adam'? (known: adam, rmsprop, sgd)"
    )
    assert unknown("optimizer", "adam", ()) == "unknown optimizer 'adam' (known: none)"
