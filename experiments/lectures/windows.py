"""Grids of numbers, and the steps of a window that slides over them, forward and backward."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.ops.conv_geometry import padding_amounts
from keras_suite.models.ops.convolution import conv2d
from keras_suite.reports.page.lecture import Animation, Frame, Grid, Place

Rows = Sequence[Sequence[float]]
MOST_TERMS = 9  # of a sum that is written out


def image_of(rows: Rows) -> tf.Tensor:
    """Return rows of numbers as one image of one channel, float64 (1, height, width, 1)."""
    return tf.constant(np.asarray(rows, np.float64)[np.newaxis, :, :, np.newaxis])


def kernel_of(rows: Rows) -> tf.Tensor:
    """Return rows of numbers as one filter of one channel, float64 (height, width, 1, 1)."""
    return tf.constant(np.asarray(rows, np.float64)[:, :, np.newaxis, np.newaxis])


def plane(tensor: Any) -> np.ndarray:
    """Return an image or a filter of one channel as rows and columns again."""
    return np.asarray(tensor).squeeze()


def written(value: float) -> str:
    """Return a number with three digits at most, and a minus sign that is as long as a plus."""
    return f"{value + 0.0:.3g}".replace("-", "−").replace("e−0", "e−")


def grid(name: str, values: Any, marks: Any = (), result: Any = (), shown: set[Place] | None = None) -> Grid:
    """Return a grid of numbers; of those that are not `shown` yet nothing is written."""
    rows = [
        [written(value) if shown is None or (y, x) in shown else "" for x, value in enumerate(row)]
        for y, row in enumerate(np.atleast_2d(values))
    ]
    return Grid(name, rows, frozenset(marks), frozenset(result))


def window_of(place: Place, kernel: Sequence[int], stride: int, dilation: int) -> list[Place]:
    """Return the places of a padded input under the window of an output, in the order of the kernel."""
    return [
        (place[0] * stride + i * dilation, place[1] * stride + j * dilation)
        for i in range(kernel[0])
        for j in range(kernel[1])
    ]


def term(a: float, b: float) -> str:
    """Return a product as it is written in a sum."""
    return f"{_bracketed(a)}·{_bracketed(b)}"


def _bracketed(value: float) -> str:
    return f"({written(value)})" if value < 0 else written(value)


def sum_of(terms: Sequence[str]) -> str:
    """Return a written sum; of many terms only the first and the last."""
    if len(terms) <= MOST_TERMS:
        return " + ".join(terms)
    return " + ".join((*terms[:3], "…", terms[-1]))


def sliding(
    title: str, x: Rows, kernel: Rows, *, stride: int = 1, dilation: int = 1, padding: Any = "valid"
) -> Animation:
    """Return the steps of a convolution as deep learning has it: a window slides, its products are added up."""
    weights = np.asarray(kernel, np.float64)
    y, _ = conv2d.forward(image_of(x), kernel_of(kernel), None, stride=stride, dilation=dilation, padding=padding)
    results, padded = plane(y).reshape(y.shape[1:3]), _padded(x, weights.shape, stride, dilation, padding)
    name = "x" if padded.shape == np.shape(x) else "x with its padding"
    frames, shown = [], set()
    for place in np.ndindex(results.shape):
        window = window_of(place, weights.shape, stride, dilation)
        shown.add(place)
        terms = [term(padded[at], weight) for at, weight in zip(window, weights.ravel(), strict=True)]
        frames.append(
            Frame(
                f"y[{place[0]}, {place[1]}] = {sum_of(terms)} = {written(float(results[place]))}",
                (
                    grid(name, padded, window),
                    grid("kernel w", weights),
                    grid("y", results, result=[place], shown=set(shown)),
                ),
            )
        )
    return Animation(title, frames)


def backward(title: str, x: Rows, kernel: Rows, dy: Rows) -> Animation:
    """Return the steps of a convolution's backward pass: each output's gradient goes to all that made it."""
    weights, gradient = np.asarray(kernel, np.float64), np.asarray(dy, np.float64)
    values = np.asarray(x, np.float64)
    _, cache = conv2d.forward(image_of(x), kernel_of(kernel), None)
    dx, dkernel, _ = (None if each is None else plane(each) for each in conv2d.backward(image_of(dy), cache))
    so_far, kernel_so_far = np.zeros_like(values), np.zeros_like(weights)
    frames = []
    for place in np.ndindex(gradient.shape):
        window = window_of(place, weights.shape, 1, 1)
        for at, within in zip(window, np.ndindex(weights.shape), strict=True):
            so_far[at] += gradient[place] * weights[within]
            kernel_so_far[within] += gradient[place] * values[at]
        amount = written(float(gradient[place]))
        frames.append(
            Frame(
                f"dy[{place[0]}, {place[1]}] = {amount}: dw grows by {amount} times the window of x, and dx under that "
                f"window by {amount} times w",
                (
                    grid("dy", gradient, [place]),
                    grid("x", values, window),
                    grid("w", weights),
                    grid("dw so far", kernel_so_far, result=np.ndindex(weights.shape)),
                    grid("dx so far", so_far, result=window),
                ),
            )
        )
    done = (grid("dw", dkernel), grid("dx", dx))
    frames.append(Frame("The op conv2d itself returns these gradients.", done))
    return Animation(title, frames)


def _padded(x: Rows, kernel: Sequence[int], stride: int, dilation: int, padding: Any) -> np.ndarray:
    values = np.asarray(x, np.float64)
    amounts = padding_amounts("conv2d", padding, values.shape, kernel, (stride,) * 2, (dilation,) * 2)
    return np.pad(values, amounts)
