"""What a probe shows of a network as a whole: what it receives, what it answers, and whether its units differ.

Numbers that the rules of diagnosis need to tell a cause from what follows from it, a row for each probe.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

ALIKE = 1e-6  # of the largest weight: kernels that differ by less are equal up to rounding
SUMS_TO_ONE = 1e-3

OF_PASSES = ("input_scale", "input_spread", "output_spread", "within_0_1", "sum_to_1", "loss", "right", "wrong_rank")
COLUMNS = ("epoch", "phase", *OF_PASSES, "hidden", "alike", "zero")


def of_passes(received: Any, outputs: tf.Tensor, targets: tf.Tensor, loss: tf.Tensor) -> dict[str, tf.Tensor]:
    """Return what one pass without dropout shows, each a scalar.

    Args:
        received: What the first layer with kernels gets (b, ...); None where there is none.
        outputs: Of the network (b, ...).
        targets: Of the batch (b, ...).
        loss: The batch's mean loss without penalties.

    Returns:
        input_scale    root mean square of what the first layer gets
        input_spread   the same of its differences from the mean image: 0 where all images are alike
        output_spread  the same of the network's outputs
        within_0_1     share of the outputs from 0 to 1
        sum_to_1       share of the images whose outputs lie there and sum to 1
        loss           as given
        right          share of the images whose largest output is the target's; where rows of outputs and targets match
        wrong_rank     for the others, how far down the target stands: 0 the second largest output, 1 the smallest
    """
    values = {"loss": loss}
    if received is not None:
        inputs = tf.cast(tf.nest.flatten(received)[0], tf.float32)
        values |= {"input_scale": _rms(inputs), "input_spread": _rms(inputs - tf.reduce_mean(inputs, 0, keepdims=True))}
    outputs = tf.cast(outputs, tf.float32)
    inside = tf.cast((outputs >= 0) & (outputs <= 1), tf.float32)
    values["output_spread"] = _rms(outputs - tf.reduce_mean(outputs, 0, keepdims=True))
    values["within_0_1"] = tf.reduce_mean(inside)
    if len(outputs.shape) == 2 and outputs.shape[1] > 1:
        sums = tf.abs(tf.reduce_sum(outputs, 1) - 1) < SUMS_TO_ONE
        values["sum_to_1"] = tf.reduce_mean(tf.cast(sums, tf.float32) * tf.reduce_min(inside, 1))
        if len(targets.shape) == 2 and targets.shape[1] == outputs.shape[1] > 2:
            values |= _ranks(outputs, tf.cast(targets, tf.float32))
    return values


def _ranks(outputs: tf.Tensor, targets: tf.Tensor) -> dict[str, tf.Tensor]:
    own = tf.reduce_sum(outputs * tf.one_hot(tf.argmax(targets, 1), outputs.shape[1]), 1, keepdims=True)
    above = tf.reduce_sum(tf.cast(outputs >= own, tf.float32), 1) - 1  # among equals it stands last
    wrong = tf.cast(above > 0, tf.float32)
    place = (above - 1) / (outputs.shape[1] - 2)
    return {
        "right": tf.reduce_mean(1 - wrong),
        "wrong_rank": tf.reduce_sum(wrong * place) / tf.reduce_sum(wrong),  # nan where none is wrong
    }


def of_kernels(kernels: Sequence[Sequence[np.ndarray]]) -> Mapping[str, float]:
    """Return how many hidden layers have kernels, in how many all units have equal ones, and in how many all are 0.

    Args:
        kernels: Of each layer with kernels, in order. The last, which gives the outputs, may well begin at 0.
    """
    hidden = kernels[:-1]
    zero = sum(not any(kernel.any() for kernel in layer) for layer in hidden)
    alike = sum(all(map(_alike, layer)) for layer in hidden)
    return {"hidden": len(hidden), "alike": alike, "zero": zero}


def _alike(kernel: np.ndarray) -> bool:
    """Return whether all units of a kernel (..., units), of a depthwise one (..., channels, 1), have equal weights."""
    units = np.moveaxis(kernel, -1 if kernel.shape[-1] > 1 else -2, 0)
    if len(units) == 1:
        return False
    return bool(np.abs(units - units[:1]).max() <= ALIKE * np.abs(units).max())


def _rms(values: tf.Tensor) -> tf.Tensor:
    return tf.sqrt(tf.reduce_mean(tf.square(values)))
