"""The ops of dense and recurrent layers, activations, normalisation and losses: eagerly, traced for any batch, and
under XLA, in the precisions that a policy computes in, all beside the same op in float64.
"""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, case_of

OPS = [
    "lstm_cell",
    "lstm",
    "dense",
    "flatten",
    "permute",
    "add",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "maxout",
    "softmax",
    "batch_normalization",
    "masked_batch_normalization",
    "batch_normalization_inference",
    "layer_normalization",
    "attention",
    "projection",
    "position_embedding",
    "dropout",
    "softmax_cross_entropy",
    "binary_cross_entropy",
    "mean_squared_error",
    "hinge",
    "kl_divergence",
]
HAVE_WEIGHTS = (
    "lstm_cell",
    "lstm",
    "dense",
    "layer_normalization",
    "projection",
    "position_embedding",
)  # of two axes, so that a shape does not tell them from a batch
ALLOWED = {"float32": 1e-5, "float16": 5e-3, "bfloat16": 4e-2}  # of a result's largest entry


def results(case: Case, *tensors: tf.Tensor) -> list[Any]:
    """What the op gives to its caller, and the gradients that autodiff finds through it."""
    present = iter(tensors)
    given = [None if tensor is None else next(present) for tensor in case.tensors]
    watched = [t for i, t in enumerate(given) if t is not None and i not in case.constant]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        y = case.op(*given, **case.options)
        first = y[0] if isinstance(y, tuple) else y
        total = tf.reduce_sum(tf.cast(first, tf.float64) * tf.cast(_cotangent(tf.shape(first)), tf.float64))
    return [y, tape.gradient(total, watched)]


def _cotangent(shape: tf.Tensor) -> tf.Tensor:
    """Multiples of 1/4 around 0: the same numbers in every precision."""
    return tf.reshape(tf.cast(tf.range(tf.reduce_prod(shape)) % 7 - 2, tf.float64) / 4, shape)


def batch_unknown(case: Case, dtype: str) -> list[tf.TensorSpec]:
    """A signature that leaves the batch axis open: that of x, and of all that has x's shape."""
    shapes = [tensor.shape for tensor in case.tensors if tensor is not None]
    batched = [i == 0 or (case.op.name not in HAVE_WEIGHTS and len(shape) > 1) for i, shape in enumerate(shapes)]
    return [tf.TensorSpec((None, *s[1:]) if b else s, dtype) for s, b in zip(shapes, batched, strict=True)]


@pytest.mark.parametrize("dtype", [pytest.param(d, marks=[] if d == "float32" else pytest.mark.slow) for d in ALLOWED])
@pytest.mark.parametrize("op", OPS)
def test_every_way_to_run_an_op_gives_the_same(op: str, dtype: str) -> None:
    random = np.random.default_rng([7, *op.encode()])
    case = case_of(op)(lambda options: options[int(random.integers(len(options)))])
    tensors = [tf.cast(tensor, dtype) for tensor in case.tensors if tensor is not None]
    expected = tf.nest.flatten(results(case, *(tf.cast(tensor, tf.float64) for tensor in tensors)))

    def passes(*tensors: tf.Tensor) -> list[Any]:
        return results(case, *tensors)

    ways = {
        "eager": passes,
        "graph": tf.function(passes, input_signature=batch_unknown(case, dtype)),
        "XLA": tf.function(passes, jit_compile=True),
    }
    for way, run in ways.items():
        for result, exact in zip(tf.nest.flatten(run(*tensors)), expected, strict=True):
            allowed = ALLOWED[dtype] * (np.max(np.abs(exact)) + 0.01)
            np.testing.assert_allclose(tf.cast(result, tf.float64), exact, rtol=0, atol=allowed, err_msg=way)
