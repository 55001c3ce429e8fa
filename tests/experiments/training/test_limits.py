"""A run is stopped after the first epoch at which its best so far misses a limit."""

import json
import math
from collections.abc import Sequence

import pytest

from keras_suite.experiments.training.limits import Limits, Stop, from_json, stop_of, to_json


def stopped(values: Sequence[float], limits: Sequence[float | None], direction: str = "max") -> Stop | None:
    rows = [{"val_accuracy": value} for value in values]
    return stop_of(rows, Limits("val_accuracy", direction, tuple(limits)))  # type: ignore[arg-type]


def test_the_first_epoch_that_misses_its_limit_is_where_it_ends() -> None:
    assert stopped([0.1, 0.2, 0.3], [None, 0.25, 0.9]) == Stop(2, 0.2, 0.25)
    assert stopped([0.1], [None, 0.25, 0.9]) is None, "it has not been there"
    assert stopped([0.1, 0.25, 0.9], [None, 0.25, 0.9]) is None, "a limit that is reached is kept"


def test_what_was_better_before_counts() -> None:
    assert stopped([0.5, 0.1, 0.1], [None, 0.4, 0.45]) is None


def test_a_loss_is_to_lie_below() -> None:
    assert stopped([2.0, 1.0, 0.9], [None, 1.5, 0.5], "min") == Stop(3, 0.9, 0.5)


def test_without_limits_or_finite_values_nothing_is_stopped() -> None:
    assert stop_of([{"val_accuracy": 0.0}], None) is None
    assert stopped([math.nan, math.nan], [0.5, 0.5]) is None


@pytest.mark.parametrize("limits", [None, Limits("val_loss", "min", (None, 0.1 + 0.2, 1e-300, None))])
def test_the_record_of_a_run_keeps_every_bit_of_them(limits: Limits | None) -> None:
    assert from_json(json.loads(json.dumps(to_json(limits)))) == limits
