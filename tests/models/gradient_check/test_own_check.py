"""The check of somebody's backward pass passes what is right and names the tensor whose gradient is wrong, and how."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.gradient_check.own_check import check_passes, compare, evidence
from keras_suite.models.gradient_check.passes import Passes, by_tape
from keras_suite.models.gradient_check.trial_tensors import deduced, of_shapes
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


def wrong(passes: Passes, cases: int = 2) -> dict[str, str]:
    """The tensors whose gradients are wrong, and why."""
    rows, _ = check_passes(passes, deduced(passes), cases)
    return {row.wrong.tensor: row.wrong.reason for row in rows if row.wrong is not None}


@pytest.mark.parametrize("passes", [DENSE, SWISH, LOG, NUMPY_RELU, IN_FLOAT32, CROSS_ENTROPY])
def test_a_sound_backward_pass_passes(passes: Passes) -> None:
    assert wrong(passes) == {}


@pytest.mark.parametrize(
    ("slip", "tensor", "said"),
    [
        (lambda dx, dw, db: (dx, 2 * dw, db), "kernel", "(2 times that, at all entries)"),
        (lambda dx, dw, db: (-dx, dw, db), "x", "(-1 times that, at all entries)"),
        (lambda dx, dw, db: (dx, dw, 1.0001 * db), "bias", "times that, at all entries"),
        (lambda dx, dw, db: (dx, dw, 0 * db), "bias", "it is 0 everywhere"),
        (lambda dx, dw, db: (dx, tf.transpose(dw), db), "kernel", "its shape is 3x5, and that of kernel is 5x3"),
        (lambda dx, dw, db: (dx, dw[::-1], db), "kernel", "and the difference quotient is"),
        (lambda dx, dw, db: (dx, dw, db[None]), "bias", "its shape is 1x3, and that of bias is 3"),
        (lambda dx, dw, db: (None, dw, db), "x", "it is None, and y depends on x"),
        (lambda dx, dw, db: (dx, dw * np.nan, db), "kernel", "it is nan at"),
    ],
)
def test_a_slip_is_named_with_its_tensor(slip: Any, tensor: str, said: str) -> None:
    [(named, reason)] = wrong(dense_with(slip)).items()
    assert named == tensor
    assert said in reason


def test_a_gradient_that_is_wrong_in_float32_only_is_found() -> None:
    def backward(dy: Any, x: Any) -> Any:
        small = tf.constant(1e-6, x.dtype)
        return [dy * ((1 + x + small) - (1 + x)) / small]  # cancels all digits in float32

    [reason] = wrong(pair("f", "x", lambda x: (x + 0.0, x), backward)).values()
    assert reason.startswith("in float32 it is")


def test_a_forward_pass_with_a_custom_gradient_is_compared_with_autodiff_of_what_it_computes() -> None:
    [row], _ = check_passes(SWISH, deduced(SWISH), 1)
    assert set(row.errors) == {"differences", "autodiff", "float32"}
    [row], _ = check_passes(NUMPY_RELU, deduced(NUMPY_RELU), 1)
    assert set(row.errors) == {"differences", "float32"}


def test_a_constant_has_no_errors_and_no_verdict() -> None:
    logits, labels = check_passes(CROSS_ENTROPY, deduced(CROSS_ENTROPY), 1)[0]
    assert labels.constant
    assert not logits.constant


def test_kinks_within_a_step_are_left_out() -> None:
    trial = of_shapes(SWISH, [(7,)])
    [x] = trial.arrays(("x",), seed=0)
    passes = Passes("f", ("x",), *by_tape(lambda tensor: tf.nn.relu(tensor - tf.cast(x[2], tensor.dtype))))
    found = evidence(passes, trial, seed=0)
    assert found.chosen[0].tolist() == [0, 1, 3, 4, 5, 6]
    assert all(row.wrong is None for row in compare(found, found.gradients()))


def test_a_gradient_that_cancels_to_0_is_no_false_alarm() -> None:
    assert wrong(Passes("f", ("x",), *by_tape(lambda x: tf.reduce_sum(tf.nn.softmax(x), -1)))) == {}


def test_of_a_large_tensor_some_entries_are_compared() -> None:
    [row], _ = check_passes(SWISH, of_shapes(SWISH, [(40, 30)]), 1)
    assert row.entries == 300


def test_passes_that_draw_random_numbers_are_refused() -> None:
    draws = np.random.default_rng(0)
    passes = Passes("f", ("x",), *by_tape(lambda x: x * draws.normal()))
    with pytest.raises(ValueError, match="f gives another result when it is called again with the same tensors"):
        check_passes(passes, deduced(passes), 1)
