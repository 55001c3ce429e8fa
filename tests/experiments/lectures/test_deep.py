"""Batch normalisation's modes come together, and only residual gradients stay."""

import pytest

from keras_suite.experiments.lectures import deep
from keras_suite.reports.page.lecture import Animation, Numbers


def test_the_moving_averages_catch_up_with_the_batch() -> None:
    animation, numbers = deep.batch_normalization_modes().exhibits
    assert isinstance(animation, Animation) and isinstance(numbers, Numbers)
    assert animation.frames[1].grids[0].rows == [["4", "25"]]
    assert animation.frames[1].grids[1].rows == [["5", "125"]]
    shown = [float(str(row["what the first image becomes when it predicts"]).replace("−", "-")) for row in numbers.rows]
    expected = -3 / (5 + 0.001) ** 0.5
    assert shown[-1] == pytest.approx(expected, abs=0.02)
    assert abs(shown[0] - expected) > 1


def test_plain_gradients_vanish_and_residual_ones_do_not() -> None:
    [table] = deep.residual().exhibits
    assert isinstance(table, Numbers)
    first, *_, last = table.rows
    assert float(first["gradient at the input, plain"]) == pytest.approx(0.5 * (1 - 0.46211716**2), abs=1e-3)
    assert float(last["gradient at the input, plain"]) < 1e-9
    assert float(last["with residual connections"]) > 1
