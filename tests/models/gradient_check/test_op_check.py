"""The row of an op: its worst comparison of all cases, and whatever it raises."""

from typing import Any

from keras_suite.models.gradient_check.op_check import check_op
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
