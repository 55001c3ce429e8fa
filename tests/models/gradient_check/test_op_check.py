"""The row of an op: its worst comparison of all cases, and whatever it raises."""

import functools
from typing import Any

import pytest

from keras_suite.experiments.training import runtime
from keras_suite.models.gradient_check.op_check import check_op, check_ops
from keras_suite.models.ops.activations import relu


def test_the_table_shows_the_worst_comparison_of_all_cases() -> None:
    row = check_op("conv1d", cases=3)
    assert (row.op, row.cases, row.passed) == ("conv1d", 3, True)
    assert 0 < row.worst.error <= 1


def test_what_an_op_raises_is_its_rows_failure_and_not_the_commands() -> None:
    def broken(dy: Any, cache: Any) -> Any:
        raise TypeError("no such axis")

    backward = relu.backward
    object.__setattr__(relu, "backward", broken)
    try:
        row = check_op("relu", cases=1)
    finally:
        object.__setattr__(relu, "backward", backward)
    assert not row.passed and row.worst.comparison == "TypeError: no such axis"
    assert check_op("relu", cases=1).passed


@pytest.mark.slow
def test_ops_are_checked_in_processes_of_their_own_in_the_order_given() -> None:
    start = functools.partial(runtime.start_tensorflow, 1)
    rows = list(check_ops(["relu", "no_such_op", "add"], 2, False, 2, start))
    assert [(row.op, row.cases, row.passed) for row in rows] == [
        ("relu", 2, True),
        ("no_such_op", 2, False),
        ("add", 2, True),
    ]
    assert rows[1].worst.comparison == "process: it ends the process"
