"""Ops of images whose height and width a graph leaves open give what they give where these are known."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.ops.convolution import METHODS, conv1d, conv2d, conv3d
from keras_suite.models.ops.core import flatten
from keras_suite.models.ops.global_pooling import global_average_pooling2d, global_max_pooling2d
from keras_suite.models.ops.open_sizes import known, none_of, size_of, sizes_of, unless_empty
from keras_suite.models.ops.pooling import average_pooling2d, max_pooling2d
from keras_suite.models.ops.transposed_convolution import conv2d_transpose
from keras_suite.models.ops.upsampling import nearest_upsampling2d

KERNEL, KERNEL_1D, KERNEL_3D = (3, 2, 2, 4), (3, 2, 4), (2, 3, 2, 2, 4)
CASES: list[tuple[Any, tuple[int, ...] | None, dict[str, Any]]] = [
    (conv1d, KERNEL_1D, {"padding": "causal", "dilation": 2}),
    *((conv2d, KERNEL, {"padding": "same", "stride": 2, "method": method}) for method in METHODS),
    *((conv2d, KERNEL, {"padding": "valid", "dilation": (2, 1), "method": method}) for method in METHODS),
    (conv2d, (3, 2, 1, 4), {"padding": 1, "padding_mode": "reflect", "groups": 2, "stride": (1, 2)}),
    (conv2d, KERNEL, {"padding": "same", "padding_mode": "edge", "stride": 3, "method": "derivation"}),
    (conv3d, KERNEL_3D, {"padding": "same", "stride": (1, 2, 2)}),
    (conv2d_transpose, (3, 2, 4, 2), {"stride": 2}),
    (conv2d_transpose, (3, 2, 4, 2), {"stride": (2, 3), "padding": "same", "method": "derivation"}),
    *((max_pooling2d, None, {"pool_size": 3, "stride": 2, "padding": p, "method": m})
      for p in ("valid", "same") for m in ("primitive", "derivation")),
    (max_pooling2d, None, {"pool_size": 2, "method": "derivation"}),
    *((average_pooling2d, None, {"pool_size": (3, 2), "padding": "same", "method": m})
      for m in ("primitive", "derivation")),
    (global_average_pooling2d, None, {}),
    (global_max_pooling2d, None, {}),
    (nearest_upsampling2d, None, {"size": (2, 3)}),
    (flatten, None, {}),
]  # fmt: skip


@pytest.mark.parametrize(("op", "kernel", "options"), CASES)
def test_open_sizes_give_the_same_outputs_and_gradients(op: Any, kernel: Any, options: dict[str, Any]) -> None:
    random = np.random.default_rng(0)
    spatial = (7, 8, 6)[: 2 if kernel is None else len(kernel) - 2]
    tensors = [tf.constant(random.normal(size=(2, *spatial, 2)), tf.float32)]
    tensors += [] if kernel is None else [tf.constant(random.normal(size=kernel), tf.float32)]

    def passes(*tensors: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            y = op(*tensors, *([None] if kernel else []), **options)
            loss = tf.reduce_sum(y * tf.cos(tf.cast(tf.reshape(tf.range(tf.size(y)), tf.shape(y)), y.dtype)))
        return [y, *tape.gradient(loss, tensors)]

    opened = tf.TensorSpec((None, *(None for _ in spatial), 2))
    run = tf.function(passes, input_signature=[opened, *(tf.TensorSpec(t.shape) for t in tensors[1:])])
    for found, expected in zip(run(*tensors), passes(*tensors), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4, rtol=1e-5)
    assert run(tensors[0][:0], *tensors[1:])[1].shape == (0, *spatial, 2)


def test_sizes_are_numbers_where_they_are_known() -> None:
    @tf.function(input_signature=[tf.TensorSpec((None, 3, None, 2))])
    def shapes(x: tf.Tensor) -> tf.Tensor:
        assert size_of(x, 1) == 3 and known(sizes_of(x)) == [3, None]
        return size_of(x, 2)

    assert int(shapes(tf.zeros((1, 3, 5, 2)))) == 5
    assert none_of([0, 0]) and not none_of([0, 1])


def test_a_batch_of_no_images_is_answered_apart() -> None:
    def answer(x: tf.Tensor) -> tf.Tensor:
        return unless_empty(x, lambda: tf.constant(0), lambda: tf.constant(1))

    opened = tf.function(answer, input_signature=[tf.TensorSpec((None, 2))])
    assert [int(run(tf.zeros((n, 2)))) for run in (answer, opened) for n in (0, 3)] == [0, 1, 0, 1]
