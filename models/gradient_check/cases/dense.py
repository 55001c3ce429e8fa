"""Dense layers, flatten and residual addition."""

from typing import Any

import tensorflow as tf

from keras_suite.models.gradient_check.case import Case, Choose, generator
from keras_suite.models.ops.dense import dense
from keras_suite.models.ops.reshaping import add, flatten


def dense_case(choose: Choose) -> Case:
    batch, inputs, units = choose((1, 2, 5)), choose((1, 2, 5)), choose((1, 3))
    random = generator(choose)
    bias = random.normal(size=units) if choose((True, True, False)) else None
    tensors = (random.normal(size=(batch, inputs)), random.normal(size=(inputs, units)), bias)
    return Case(dense, tensors, _affine, linear_in=(0, 1))


def flatten_case(choose: Choose) -> Case:
    shape = [choose((1, 2, 3)) for _ in range(choose((2, 3, 4)))]
    return Case(
        flatten, (generator(choose).normal(size=shape),), lambda x: tf.reshape(x, [x.shape[0], -1]), linear_in=(0,)
    )


def add_case(choose: Choose) -> Case:
    shape = [choose((1, 2, 3)) for _ in range(choose((2, 4)))]
    random = generator(choose)
    return Case(add, (random.normal(size=shape), random.normal(size=shape)), lambda a, b: a + b, linear_in=(0, 1))


def _affine(x: Any, kernel: Any, bias: Any) -> Any:
    y = x @ kernel
    return y if bias is None else tf.nn.bias_add(y, bias)
