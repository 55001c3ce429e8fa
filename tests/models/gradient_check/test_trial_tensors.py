"""The tensors that passes are tried on: shapes deduced or given, values without kinks, one line where none fit."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.gradient_check.passes import ARRAYS, SINGLE, TENSORS, Passes, by_tape
from keras_suite.models.gradient_check.trial_tensors import Trial, deduced, of_shapes, parsed_shapes, written
from tests.models.gradient_check.ops_of_users import (
    CROSS_ENTROPY,
    DENSE,
    IN_FLOAT32,
    LOG,
    NUMPY_RELU,
    SWISH,
    dense_with,
    pair,
)


def function(parameters: str, f: Any) -> Passes:
    return Passes("f", tuple(parameters.split()), *by_tape(f))


@pytest.mark.parametrize(
    ("passes", "shapes"),
    [
        (DENSE, "4x5,5x3,3"),
        (SWISH, "4x5"),
        (function("x kernel", lambda x, k: tf.nn.conv2d(x, k, 1, "SAME")), "2x5x6x3,3x3x3x4"),
        (function("x kernel", lambda x, k: tf.nn.conv1d(x, k, 1, "SAME")), "2x6x3,3x3x4"),
        (function("x w", lambda x, w: tf.nn.conv3d(x, w, [1] * 5, "SAME")), "2x3x4x3x2,2x2x2x2x3"),
        (function("x bias", lambda x, b: x + b), "4x5,5"),
        (function("w x b", lambda w, x, b: w @ x + b), "4x5,5x3,3"),
        (function("q k v x", lambda q, k, v, x: q * k * v * x), "4x5,4x5,4x5,4x5"),
        (function("m", tf.linalg.inv), "4x4"),
        (CROSS_ENTROPY, "4x5,4x5"),
    ],
)
def test_shapes_are_the_first_that_both_passes_run_on(passes: Passes, shapes: str) -> None:
    trial = deduced(passes)
    assert ",".join(map(written, trial.shapes)) == shapes
    assert trial.deduced


def test_a_wrong_shape_of_a_gradient_is_not_hidden_by_squares_or_vectors() -> None:
    transposed = dense_with(lambda dx, dw, db: (dx, tf.transpose(dw), db))
    assert deduced(transposed).shapes == deduced(DENSE).shapes
    unsummed = pair("add", "x bias", lambda x, bias: (x + bias, None), lambda dy, cache: (dy, dy))
    assert deduced(unsummed).shapes == ((4, 5), (5,))


def test_a_scale_of_any_name_is_found_by_its_gradients_shape() -> None:
    def backward(dy: Any, cache: Any) -> Any:
        return dy * cache[1], tf.reduce_sum(dy * cache[0], 0)

    assert deduced(pair("scale", "x a", lambda x, a: (x * a, (x, a)), backward)).shapes == ((4, 5), (5,))


@pytest.mark.parametrize(
    ("passes", "numbers", "positive"),
    [(DENSE, TENSORS, False), (NUMPY_RELU, ARRAYS, False), (IN_FLOAT32, SINGLE, False), (LOG, TENSORS, True)],
)
def test_numbers_are_those_that_the_passes_run_on(passes: Passes, numbers: Any, positive: bool) -> None:
    trial = deduced(passes)
    assert (trial.numbers, trial.positive) == (numbers, positive)
    given = of_shapes(passes, trial.shapes)
    assert (given.numbers, given.positive, given.deduced) == (numbers, positive, False)


def test_entries_are_distinct_and_clear_of_0_and_labels_are_classes() -> None:
    x, labels, whole = Trial(((3, 4), (3, 4), (3,)), TENSORS, False, True).arrays(("x", "labels", "targets"), seed=2)
    assert len(np.unique(x)) == 12
    assert np.abs(x).min() > 1e-3
    assert labels.sum(axis=1).tolist() == [1, 1, 1]
    assert whole.dtype.kind == "i"
    assert set(whole) <= set(range(4))


def test_where_nothing_runs_one_line_says_what_was_tried() -> None:
    def forward(x: Any, y: Any) -> Any:
        raise RuntimeError(f"no {x.shape}")

    with pytest.raises(
        ValueError, match=r"f\(x, y\) runs on none of \d+ choices .* as --shapes 4x5,5x3; the first try"
    ):
        deduced(Passes("f", ("x", "y"), forward, forward))
    with pytest.raises(RuntimeError, match=r"no \(2,\)"):
        of_shapes(Passes("f", ("x", "y"), forward, forward), [(2,), (3,)])


def test_what_fails_on_all_shapes_alike_is_said_as_it_is() -> None:
    def forward(x: Any) -> Any:
        raise NameError("kernal")

    with pytest.raises(NameError, match="kernal"):
        deduced(Passes("f", ("x",), forward, forward))


def test_shapes_are_read_as_they_are_written() -> None:
    shapes = parsed_shapes("4X5x6x3, 3x3x3x8,scalar,7")
    assert shapes == ((4, 5, 6, 3), (3, 3, 3, 8), (), (7,))
    assert parsed_shapes(",".join(map(written, shapes))) == shapes


@pytest.mark.parametrize("text", ["", "4x", "4xx5", "0x3", "-1x3", "axb", "4;5", "4,,5", "1000000x1000000"])
def test_impossible_shapes_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"^--shapes "):
        parsed_shapes(text)
