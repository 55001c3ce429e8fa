"""Quantities are rounded for a reader without losing their sense."""

import math

import pytest

from keras_suite.tasks.wording.quantities import (
    NONE,
    counted,
    duration,
    file_size,
    listed,
    listed_or_counted,
    memory,
    percent,
    rough_duration,
    rough_size,
    signed,
)


@pytest.mark.parametrize(
    ("share", "text"), [(0.9912, "99.12 %"), (0.0, "0.00 %"), (1.0, "100.00 %"), (None, NONE), (math.nan, NONE)]
)
def test_percent(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(40_000, "0 MB"), (360_000, "0.4 MB"), (3_000_000, "3 MB"), (9_960_000, "10 MB"), (1.5e9, "1,500 MB")],
)
def test_a_rough_size(count: float, text: str) -> None:
    assert rough_size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.7, "1 min 00 s"),
        (85.2, "1 min 25 s"),
        (3599.6, "1 h 00 min"),
        (7325.0, "2 h 02 min"),
        (None, NONE),
    ],
)
def test_durations_never_say_60_seconds(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(612 * 2**20, "612 MiB"), (2**30 - 1, "1.00 GiB"), (1.5 * 2**30, "1.50 GiB"), (math.nan, NONE)]
)
def test_memory(count: float, text: str) -> None:
    assert memory(count) == text


def test_lists_and_counts() -> None:
    assert [listed(list("abc"[:n])) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert [counted(n, "run") for n in (0, 1, 2, 1000)] == ["0 runs", "1 run", "2 runs", "1,000 runs"]


@pytest.mark.parametrize(("seconds", "said"), [(3.4, "3 s"), (89, "89 s"), (150, "2 min"), (7500, "2 h 5 min")])
def test_durations_are_written_in_their_largest_unit(seconds: float, said: str) -> None:
    assert rough_duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "least", "said"),
    [(0.0042, 2, "+0.0042"), (0.42, 2, "+0.42"), (-0.00123, 3, "−0.001"), (0.0004, 3, "+0.00040"), (-0.0, 0, "0")],
)
def test_a_difference_has_as_many_decimals_as_show_that_it_is_not_zero(value: float, least: int, said: str) -> None:
    assert signed(value, least=least) == said


@pytest.mark.parametrize(
    ("count", "said"), [(19_800, "19.8 kB"), (999_949, "999.9 kB"), (999_950, "1.00 MB"), (3_978_520, "3.98 MB")]
)
def test_files_are_as_large_as_other_programs_say(count: int, said: str) -> None:
    assert file_size(count) == said


def test_what_a_sentence_cannot_hold_is_counted() -> None:
    assert listed_or_counted(list("ab"), "variant") == "a and b"
    assert listed_or_counted(list("abc"), "variant", most=2) == "3 variants"
