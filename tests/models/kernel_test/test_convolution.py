"""A kernel's results are compared with sums in NumPy: what is right passes, and TensorFlow's faulty kernel is found."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.kernel_test import convolution
from keras_suite.models.kernel_test.convolution import DEPTHWISE, RESULTS, TRANSPOSED, Convolution, wrong_results

IMAGE = Convolution((9, 7), 4, 6, (3, 2), (2, 1), (1, 1), 2, "same", "float32")

CHANNELWISE = Convolution((9, 7), 3, 6, (3, 2), (2, 2), (1, 1), 3, "same", "float32", "", DEPTHWISE)
BACK = Convolution((5, 4), 4, 6, (3, 2), (2, 1), (1, 1), 1, "same", "float32", "", TRANSPOSED)


@pytest.mark.parametrize(
    "asked",
    [
        IMAGE,
        replace(IMAGE, stride=(1, 1), dilation=(2, 3), groups=1),
        replace(IMAGE, padding="valid", method="primitive"),
        replace(IMAGE, dtype="bfloat16", groups=1),
        replace(IMAGE, sizes=(300, 200), padding="valid"),
        Convolution((9,), 4, 6, (3,), (1,), (2,), 1, "causal", "float32"),
        Convolution((5, 4, 6), 2, 3, (3, 2, 3), (1, 2, 1), (1, 1, 1), 1, "same", "float32"),
        CHANNELWISE,
        replace(CHANNELWISE, padding="valid", dtype="bfloat16"),
        replace(CHANNELWISE, stride=(1, 1), dilation=(2, 2), method="primitive"),
        replace(CHANNELWISE, method="derivation"),
        Convolution((9,), 4, 8, (3,), (2,), (1,), 4, "same", "float32", "", DEPTHWISE),
        BACK,
        replace(BACK, padding="valid", stride=(1, 3)),
        replace(BACK, sizes=(40, 30), method="primitive"),
        replace(BACK, padding="valid", stride=(1, 1), dilation=(2, 3), method="derivation"),
        Convolution((7,), 4, 3, (5,), (2,), (1,), 1, "same", "float32", "", TRANSPOSED),
        Convolution((3, 4, 2), 2, 3, (3, 2, 3), (1, 2, 1), (1, 1, 1), 1, "valid", "float32", "", TRANSPOSED),
    ],
)
def test_what_a_right_kernel_computes_agrees_with_the_sums(asked: Convolution) -> None:
    assert wrong_results(asked) == ()


@pytest.mark.parametrize("of", [IMAGE, CHANNELWISE, BACK])
@pytest.mark.parametrize("wrong", range(3))
def test_each_wrong_result_is_named(wrong: int, of: Convolution, monkeypatch: pytest.MonkeyPatch) -> None:
    right = convolution._computed

    @tf.custom_gradient
    def spoilt(x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = right(of, x, w)

        def gradient(dy: Any) -> Any:
            return [g * (2 if wrong == number else 1) for number, g in enumerate(tape.gradient(y, [x, w], dy), 1)]

        return (y + 1 if wrong == 0 else y), gradient

    monkeypatch.setattr(convolution, "_computed", lambda of, x, w: spoilt(x, w))
    assert wrong_results(of) == (RESULTS[wrong],)


def test_the_kernel_that_is_wrong_in_tensorflow_2_21_is_found_where_it_is_wrong() -> None:
    """The stride over a single output cannot matter: docs/tensorflow_wrong_convolution.md."""
    x = tf.reshape(tf.range(1.0, 31.0), (2, 5, 3, 1))
    strided, plain = (tf.nn.conv2d(x, tf.ones((3, 3, 1, 1)), (1, s), "VALID") for s in (2, 1))
    asked = Convolution((5, 3), 1, 1, (3, 3), (1, 2), (1, 1), 1, "valid", "float32")
    assert ("output" in wrong_results(asked)) == bool(tf.reduce_any(strided != plain))
    assert wrong_results(replace(asked, method="primitive")) == ()


@pytest.mark.parametrize(
    ("wrong_in_2_21", "by_hand"),
    [
        (Convolution((4, 1), 1, 1, (1, 3), (1, 2), (1, 1), 1, "same", "float32", "", TRANSPOSED), "primitive"),
        (Convolution((9, 2), 8, 16, (1, 2), (2, 2), (1, 1), 8, "valid", "bfloat16", "", DEPTHWISE), "primitive"),
    ],
)
def test_a_stride_over_one_place_is_found_and_right_by_hand(wrong_in_2_21: Convolution, by_hand: str) -> None:
    """Which of them is wrong depends on the processor: the second one is on Intel's with AMX, and not on AMD's."""
    exact = replace(wrong_in_2_21, dtype="float64")
    assert wrong_results(exact) == () == wrong_results(replace(wrong_in_2_21, method=by_hand))
    wrong = [bool(np.any(low != high)) for low, high in zip(_results(wrong_in_2_21), _results(exact), strict=True)]
    assert [name in wrong_results(wrong_in_2_21) for name in RESULTS] == wrong


def _results(of: Convolution) -> list[np.ndarray]:
    """Return the output and both gradients for whole numbers, of which each precision can hold every sum."""
    random = np.random.default_rng(1)
    weights = (*of.kernel, *((1, of.channels) if of.kind == TRANSPOSED else (1, of.filters)))
    x = tf.constant(random.integers(-1, 2, (convolution.BATCH, *of.sizes, of.channels)), of.dtype)
    w = tf.constant(random.integers(-1, 2, weights), of.dtype)
    with tf.GradientTape() as tape:
        tape.watch([x, w])
        y = convolution._computed(of, x, w)
    dy = tf.constant(random.integers(-1, 2, y.shape), of.dtype)
    return [np.asarray(tf.cast(result, tf.float64)) for result in (y, *tape.gradient(y, [x, w], dy))]


def test_a_kernel_that_there_is_not_is_no_wrong_one() -> None:
    assert wrong_results(replace(CHANNELWISE, stride=(1, 2))) == ()
