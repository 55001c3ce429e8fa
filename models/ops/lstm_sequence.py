"""A sequence of LSTM steps, with back-propagation through time; the step itself is in models/ops/lstm.py.

Step t + 1 takes the h and c of step t, and all steps share W, U and b. So dh_t is what the loss asks of y_t = h_t plus
dz_{t+1} U^T, dc_t is dc_{t+1} f_{t+1}, and dW, dU and db add up over the steps.

A mask m_t of ones and zeros leaves steps out: h_t = m h' + (1 - m) h_{t-1}, c_t likewise, and the output is y_t =
m h' + (1 - m) y_{t-1}, from y_0 = 0. Back, each of the three gradients goes m to the step and 1 - m past it. A mask r
of dropout multiplies h before U at every step, so dh = (dz U^T) r and dU = (h r)^T dz.

Up to `UNROLLED` steps are unrolled, which computes fastest; through more, or an open number, goes TensorFlow's scan,
forth and back, to the same bits: tracing a graph of it takes no longer for more steps.
Sources: Werbos 1990 (through time); Gal and Ghahramani 2016 (one dropout mask for all steps).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from keras_suite.models.ops.checks import check_known_channels, check_same_size, check_tensor
from keras_suite.models.ops.lstm import Gates, back, checked_weights, forth
from keras_suite.models.ops.op import Gradients, Op, at_least_float32, sum_over
from keras_suite.models.ops.open_sizes import size_of

UNROLLED = (
    32  # steps at most; tracing 100 takes 4.0 s of the processor, a scan 0.3, which then takes a sixth more a pass
)


class Passed(NamedTuple):
    """What a step leaves: both states and the output after it, the h that U multiplied, and its gates."""

    h: tf.Tensor
    c: tf.Tensor
    y: tf.Tensor
    used: tf.Tensor
    gates: Gates


class Returned(NamedTuple):
    """What a step gives back: the gradients of h, c and y before it, and of z."""

    h: tf.Tensor
    c: tf.Tensor
    y: tf.Tensor
    z: tf.Tensor


class Cache(NamedTuple):
    """What going back through time needs; `passed` is a list, of a scan one of stacked tensors."""

    x: tf.Tensor
    kernel: tf.Tensor
    recurrent_kernel: tf.Tensor
    present: tuple[bool, ...]  # bias, initial h, initial c
    passed: Any
    mask: tf.Tensor | None  # (batch, steps, 1), in the precision of the gates
    recurrent_mask: tf.Tensor | None
    return_sequences: bool
    return_state: bool
    go_backwards: bool
    zero_output_for_mask: bool


def lstm_forward(
    x: tf.Tensor,
    kernel: tf.Tensor,
    recurrent_kernel: tf.Tensor,
    bias: tf.Tensor | None = None,
    hidden: tf.Tensor | None = None,
    cell: tf.Tensor | None = None,
    mask: tf.Tensor | None = None,
    recurrent_mask: tf.Tensor | None = None,
    *,
    return_sequences: bool = True,
    return_state: bool = False,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> tuple[tf.Tensor, Cache]:
    """Return the hidden states of a sequence.

    Args:
        x: (batch, steps, n).
        kernel, recurrent_kernel, bias: as for `lstm_cell_forward`.
        hidden, cell: the initial states (batch, units); None is zeros.
        mask: (batch, steps), of which a 0 leaves a step out; see above.
        recurrent_mask: (batch, units), of dropout, scaled already; see above.
        return_sequences: whether all hidden states are returned, or only the last.
        return_state: whether the last h and c follow them, as two more steps.
        go_backwards: whether the last step is the first; the outputs are in the order of the steps gone.
        zero_output_for_mask: whether the output of a step that is left out is 0, not the one before.

    Returns:
        The outputs (batch, steps, units), or the last (batch, units), and the cache; with `return_state`
        (batch, steps + 2, units), or (batch, 3, units).
    """
    units = _checked(x, kernel, recurrent_kernel, bias, hidden=hidden, cell=cell, recurrent_mask=recurrent_mask)
    x, mask = (tf.reverse(t, [1]) if go_backwards and t is not None else t for t in (x, mask))
    z = tf.tensordot(x, kernel, 1)  # of all steps at once: x of a later step waits for nothing
    z = z if bias is None else z + bias
    zeros = tf.zeros([tf.shape(x)[0], units], x.dtype)
    h, c = zeros if hidden is None else hidden, at_least_float32(zeros if cell is None else cell)
    masked = None if mask is None else tf.cast(mask, c.dtype)[..., None]
    if recurrent_mask is not None:
        recurrent_mask.set_shape([None, units])  # a scan refuses states whose size it forgets

    def step(before: Passed, given: tuple[tf.Tensor, ...]) -> Passed:
        used = before.h if recurrent_mask is None else before.h * recurrent_mask
        h, c, gates = forth(given[0] + tf.matmul(used, recurrent_kernel), before.c)
        y = h
        if masked is not None:
            kept = given[1]
            y = kept * h if zero_output_for_mask else kept * h + (1 - kept) * at_least_float32(before.y)
            h = kept * h + (1 - kept) * at_least_float32(before.h)
            c = kept * c + (1 - kept) * before.c
        return Passed(tf.cast(h, x.dtype), c, tf.cast(y, x.dtype), used, gates)

    passed = _walk(step, Passed(h, c, zeros, h, Gates(*([tf.zeros_like(c)] * 6))), _by_step(z, masked))
    parts = [_joined(passed, "y")] if return_sequences else [_at(passed, -1, "y")[:, None]]
    if return_state:
        parts += [_at(passed, -1, "h")[:, None], tf.cast(_at(passed, -1, "c"), x.dtype)[:, None]]
    y = tf.concat(parts, axis=1) if return_state else parts[0]
    y = y if return_sequences or return_state else y[:, 0]
    present = (bias is not None, hidden is not None, cell is not None)
    asked = (return_sequences, return_state, go_backwards, zero_output_for_mask)
    return y, Cache(x, kernel, recurrent_kernel, present, passed, masked, recurrent_mask, *asked)


def lstm_backward(dy: tf.Tensor, cache: Cache) -> Gradients:
    """Return (dx, dkernel, drecurrent_kernel, dbias, dhidden, dcell, None, None): from the last step on."""
    last = _at(cache.passed, -1, "gates").c
    dh, dc, zeros = tf.zeros_like(_at(cache.passed, -1, "h")), tf.zeros_like(last), tf.zeros_like(last)
    if cache.return_state:
        dh, dc, dy = dy[:, -2], at_least_float32(dy[:, -1]), dy[:, :-2]
        dy = dy if cache.return_sequences else dy[:, 0]

    def step(after: Returned, given: tuple[Any, ...]) -> Returned:
        gates, dy, *kept = given
        if not kept:
            dz, dc = back(at_least_float32(after.h + dy), after.c, gates)
            dz, dh, of_y = tf.cast(dz, after.h.dtype), 0, after.y
        else:
            past, whole = 1 - kept[0], at_least_float32(after.h)
            of_y = at_least_float32(dy) + after.y
            dz, dc = back(kept[0] * (of_y + whole), kept[0] * after.c, gates)
            dz, dc, dh = tf.cast(dz, after.h.dtype), dc + past * after.c, tf.cast(past * whole, after.h.dtype)
            of_y = tf.zeros_like(of_y) if cache.zero_output_for_mask else past * of_y
        through = tf.matmul(dz, cache.recurrent_kernel, transpose_b=True)
        through = through if cache.recurrent_mask is None else through * cache.recurrent_mask
        return Returned(through + dh if kept else through, dc, of_y, dz)

    dz = tf.zeros([tf.shape(dh)[0], cache.kernel.shape[1]], dy.dtype)
    returned = _walk(step, Returned(dh, dc, zeros, dz), _gradients_by_step(dy, cache), reverse=True)
    dz, used = _joined(returned, "z"), _joined(cache.passed, "used")
    dkernel, drecurrent = (tf.tensordot(a, dz, [[0, 1], [0, 1]]) for a in (cache.x, used))
    dx = tf.tensordot(dz, cache.kernel, [[2], [1]])
    has_bias, has_hidden, has_cell = cache.present
    return (
        tf.reverse(dx, [1]) if cache.go_backwards else dx,
        dkernel,
        drecurrent,
        sum_over(dz, [0, 1]) if has_bias else None,
        _at(returned, 0, "h") if has_hidden else None,
        tf.cast(_at(returned, 0, "c"), dy.dtype) if has_cell else None,
        None,
        None,
    )


def _gradients_by_step(dy: tf.Tensor, cache: Cache) -> Any:
    """Return the gates, the gradient of the output and the mask of each step, as `_walk` takes them."""
    masks = [] if cache.mask is None else [_by_step(cache.mask)]
    if isinstance(cache.passed, list):
        steps = len(cache.passed)
        zero = tf.zeros_like(dy) if masks else 0
        dys = tf.unstack(dy, axis=1) if cache.return_sequences else [zero] * (steps - 1) + [dy]
        lists = [[mask for (mask,) in each] for each in masks]
        return list(zip([passed.gates for passed in cache.passed], dys, *lists, strict=True))
    if cache.return_sequences:
        dys = tf.transpose(dy, [1, 0, 2])
    else:
        dys = tf.concat([tf.zeros_like(cache.passed.y[:-1]), dy[None]], axis=0)
    return (cache.passed.gates, dys, *(mask[0] for mask in masks))


def _by_step(*tensors: tf.Tensor | None) -> Any:
    """Return tensors (batch, steps, n) step by step: a list of tuples, or for a scan stacked along the steps."""
    there = [tensor for tensor in tensors if tensor is not None]
    steps = size_of(there[0], 1)
    if isinstance(steps, int) and steps <= UNROLLED:
        return list(zip(*(tf.unstack(tensor, axis=1) for tensor in there), strict=True))
    return tuple(tf.transpose(tensor, [1, 0, 2]) for tensor in there)


def _walk(step: Callable[[Any, Any], Any], start: Any, elements: Any, *, reverse: bool = False) -> Any:
    """Return what `step(what it left before, element)` leaves, in the order of the elements."""
    if not isinstance(elements, list):
        return tf.scan(step, elements, start, reverse=reverse)
    walked: list[Any] = []
    for element in reversed(elements) if reverse else elements:
        walked.append(step(walked[-1] if walked else start, element))
    return walked[::-1] if reverse else walked


def _at(walked: Any, index: int, name: str) -> Any:
    """Return one tensor that a step left."""
    if isinstance(walked, list):
        return getattr(walked[index], name)
    return tf.nest.map_structure(lambda stacked: stacked[index], getattr(walked, name))


def _joined(walked: Any, name: str) -> tf.Tensor:
    """Return one tensor of all steps, (batch, steps, n)."""
    if isinstance(walked, list):
        return tf.stack([getattr(each, name) for each in walked], axis=1)
    return tf.transpose(getattr(walked, name), [1, 0, 2])


def _checked(
    x: tf.Tensor, kernel: tf.Tensor, recurrent_kernel: tf.Tensor, bias: tf.Tensor | None, **of_units: Any
) -> int:
    """Return the number of units; raise ValueError if anything does not fit."""
    check_tensor("lstm", "x", x, "batch, steps, n")
    check_known_channels("lstm", "x", x)
    units = checked_weights("lstm", x, kernel, recurrent_kernel, bias)
    for name, tensor in of_units.items():
        if tensor is not None:
            check_tensor("lstm", name, tensor, "batch, units")
            check_same_size("lstm", f"the number of columns of {name}", tensor.shape[-1], "units", units)
    return units


lstm = Op("lstm", lstm_forward, lstm_backward)
