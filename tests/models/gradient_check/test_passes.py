"""Passes of a function with a gradient by tape, and the numbers that passes are called with."""

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.gradient_check.passes import ARRAYS, SINGLE, TENSORS, by_tape, first_of
from tests.models.gradient_check.ops_of_users import swish


def test_the_backward_pass_by_tape_gives_the_custom_gradient_as_often_as_it_is_asked() -> None:
    forward, backward = by_tape(swish)
    x = tf.constant([0.5, -1.0], tf.float64)
    _, cache = forward(x)
    s = 1 / (1 + np.exp(-x.numpy()))
    for dy in ([1.0, 1.0], [2.0, -3.0]):
        [gradient] = backward(np.array(dy), cache)
        assert gradient.numpy() == pytest.approx(np.array(dy) * (s + x * s * (1 - s)))


def test_a_tensor_that_the_function_leaves_out_has_no_gradient() -> None:
    forward, backward = by_tape(lambda x, other: x * 2)
    _, cache = forward(tf.constant([1.0]), tf.constant([1.0]))
    dx, other = backward(np.ones(1), cache)
    assert float(dx[0]) == 2
    assert other is None


def test_numbers_are_fresh_and_whole_ones_stay_whole() -> None:
    array = np.array([1.0, 2.0])
    passed = ARRAYS.of(array)
    passed[0] = 9
    assert array[0] == 1
    assert TENSORS.of(array).dtype == tf.float64
    assert TENSORS.of(array, "float32").dtype == SINGLE.of(array).dtype == tf.float32
    assert TENSORS.of(np.array([1, 2])).dtype == tf.int64


def test_the_first_of_several_results_has_the_gradient() -> None:
    assert first_of((1, 2)) == first_of(1) == 1
