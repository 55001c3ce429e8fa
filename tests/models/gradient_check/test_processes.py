"""Calls in processes of their own."""

import gc
import math
import os

from keras_suite.models.gradient_check.processes import Ended, results


def test_results_come_in_the_order_of_what_the_function_was_called_with() -> None:
    assert list(results(math.sqrt, [9.0, 4.0, 1.0], 2, gc.freeze)) == [3.0, 2.0, 1.0]


def test_a_call_that_ends_its_process_costs_no_other() -> None:
    assert list(results(os._exit, [3], 1, gc.freeze)) == [Ended("it ends the process")]
    first, second = results(_ends_at_zero, [0, 4], 1, gc.freeze)
    assert first == Ended("it ends the process")
    assert second == 2.0


def _ends_at_zero(number: int) -> float:
    if number == 0:
        os._exit(1)
    return math.sqrt(number)
