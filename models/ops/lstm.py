"""Long short-term memory: one step of it; models/ops/lstm_sequence.py goes through a sequence of them.

A step takes x (batch, n), the hidden state h and the cell state c (batch, units). With z = x W + h U + b, of which each
quarter of the 4 units columns is for one of i, f, g, o, in Keras's order:

    i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)      what is let in, what is kept, what is let out
    g       = tanh(z_g)                                     what might be let in
    c'      = f c + i g
    h'      = o tanh(c')

Back, given dh' and dc'. c' had a part in h', too, and all else follows by the product rule:

    dc   = dc' + dh' o (1 - tanh(c')^2)
    dz_i = dc g i (1 - i)      dz_f = dc c f (1 - f)      dz_g = dc i (1 - g^2)      dz_o = dh' tanh(c') o (1 - o)
    dx   = dz W^T              dh   = dz U^T              what the step gives back of c is dc f
    dW   = x^T dz              dU   = h^T dz              db   = sum_n dz[n]

On its way through c a gradient is multiplied by nothing but forget gates: where they are near 1 it neither vanishes nor
explodes, which is why there is a cell. Biases of 1 for f (Keras's unit_forget_bias) begin training there.

Sources: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 (forget gate).
"""

from typing import NamedTuple

import tensorflow as tf

from keras_suite.models.ops.activations import sigmoid_gradient, tanh_gradient
from keras_suite.models.ops.checks import check_same_size, check_tensor
from keras_suite.models.ops.op import Gradients, Op, at_least_float32, sum_over


class Gates(NamedTuple):
    """What going back through one step needs, all (batch, units), in float32 at least."""

    i: tf.Tensor
    f: tf.Tensor
    g: tf.Tensor
    o: tf.Tensor
    c: tf.Tensor  # before the step
    tanh_c: tf.Tensor  # after it


def forth(z: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, Gates]:
    """Return h', c' and the gates, of z (batch, 4 units) and c (batch, units)."""
    z_i, z_f, z_g, z_o = tf.split(at_least_float32(z), 4, axis=-1)
    i, f, g, o = tf.sigmoid(z_i), tf.sigmoid(z_f), tf.tanh(z_g), tf.sigmoid(z_o)
    after = f * c + i * g
    tanh_c = tf.tanh(after)
    return o * tanh_c, after, Gates(i, f, g, o, c, tanh_c)


def back(dh: tf.Tensor, dc: tf.Tensor, gates: Gates) -> tuple[tf.Tensor, tf.Tensor]:
    """Return dz, and the gradient of the cell state before the step, given those of both states after it."""
    i, f, g, o, c, tanh_c = gates
    dc = dc + tanh_gradient(dh * o, tanh_c)
    dz_i, dz_f, dz_o = sigmoid_gradient(dc * g, i), sigmoid_gradient(dc * c, f), sigmoid_gradient(dh * tanh_c, o)
    dz_g = tanh_gradient(dc * i, g)
    return tf.concat([dz_i, dz_f, dz_g, dz_o], axis=-1), dc * f


class CellCache(NamedTuple):
    """What the backward pass of one step needs."""

    x: tf.Tensor
    h: tf.Tensor
    kernel: tf.Tensor
    recurrent_kernel: tf.Tensor
    has_bias: bool
    gates: Gates


def lstm_cell_forward(
    x: tf.Tensor, state: tf.Tensor, kernel: tf.Tensor, recurrent_kernel: tf.Tensor, bias: tf.Tensor | None = None
) -> tuple[tf.Tensor, CellCache]:
    """Return the state after one step.

    Args:
        x: (batch, n).
        state: h and c side by side, (batch, 2 units), for both have gradients.
        kernel: (n, 4 units).
        recurrent_kernel: (units, 4 units).
        bias: (4 units,), or None.

    Returns:
        The state after the step, (batch, 2 units), and the cache.
    """
    check_tensor("lstm_cell", "x", x, "batch, n")
    check_tensor("lstm_cell", "state", state, "batch, 2 * units")
    units = checked_weights("lstm_cell", x, kernel, recurrent_kernel, bias)
    check_same_size("lstm_cell", "the state's number of columns", state.shape[-1], "2 * units", 2 * units)
    h, c = tf.split(state, 2, axis=-1)
    z = tf.matmul(x, kernel) + tf.matmul(h, recurrent_kernel)
    h_after, c_after, gates = forth(z if bias is None else z + bias, at_least_float32(c))
    after = tf.cast(tf.concat([h_after, c_after], axis=-1), x.dtype)
    return after, CellCache(x, h, kernel, recurrent_kernel, bias is not None, gates)


def lstm_cell_backward(dstate: tf.Tensor, cache: CellCache) -> Gradients:
    """Return (dx, dstate, dkernel, drecurrent_kernel, dbias), as derived above."""
    dh, dc = tf.split(at_least_float32(dstate), 2, axis=-1)
    dz, dc_before = back(dh, dc, cache.gates)
    dz = tf.cast(dz, dstate.dtype)
    dx, dh_before = (tf.matmul(dz, w, transpose_b=True) for w in (cache.kernel, cache.recurrent_kernel))
    dkernel, drecurrent = (tf.matmul(a, dz, transpose_a=True) for a in (cache.x, cache.h))
    before = tf.concat([dh_before, tf.cast(dc_before, dstate.dtype)], axis=-1)
    return dx, before, dkernel, drecurrent, sum_over(dz, [0]) if cache.has_bias else None


def checked_weights(
    op: str, x: tf.Tensor, kernel: tf.Tensor, recurrent_kernel: tf.Tensor, bias: tf.Tensor | None
) -> int:
    """Return the number of units; raise ValueError if the weights do not fit each other or x."""
    check_tensor(op, "kernel", kernel, "n, 4 * units")
    check_tensor(op, "recurrent_kernel", recurrent_kernel, "units, 4 * units")
    units = recurrent_kernel.shape[0]
    check_same_size(op, "the kernel's number of rows", kernel.shape[0], "x's columns", x.shape[-1])
    for name, weights in (("kernel", kernel), ("recurrent kernel", recurrent_kernel)):
        check_same_size(op, f"the {name}'s number of columns", weights.shape[1], "4 * units", 4 * units)
    if bias is not None:
        check_tensor(op, "bias", bias, "4 * units")
        check_same_size(op, "the bias's size", bias.shape[0], "4 * units", 4 * units)
    return int(units)


lstm_cell = Op("lstm_cell", lstm_cell_forward, lstm_cell_backward)
