"""A convolution written out as the one large matrix that it is, to look at; most of its entries are zero."""

from collections.abc import Sequence

import numpy as np

from keras_suite.models.ops.checks import check_per_axis
from keras_suite.models.ops.conv_geometry import Padding, extent, output_size, padding_amounts, per_axis
from keras_suite.models.ops.windows import taps

OP = "conv_matrix"


def conv_matrix(
    kernel: np.ndarray,
    image_size: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """A (H' W' K, H W C): A @ x.ravel() is the correlation of an image x (H, W, C) and a kernel (h, w, C, K).

    Row (p, k) holds w[a, c, k] in column (p S + a D, c); the columns of zeros put around the image are left out. The
    transpose is the backward pass: A.T @ dy.ravel() is dx. Source: Dumoulin and Visin 2016, section 4.1.
    """
    if kernel.ndim != 4:
        raise ValueError(f"{OP}: kernel has shape {kernel.shape}: expected 4 axes, (height, width, channels, filters)")
    for argument, values in (("image_size", image_size), ("stride", stride), ("dilation", dilation)):
        check_per_axis(OP, argument, values, 2)
    window, channels, filters = kernel.shape[:2], kernel.shape[2], kernel.shape[3]
    sizes, strides, dilations = per_axis(image_size, 2), per_axis(stride, 2), per_axis(dilation, 2)
    amounts = padding_amounts(OP, padding, sizes, window, strides, dilations)
    padded = tuple(size + before + after for size, (before, after) in zip(sizes, amounts, strict=True))
    try:
        outputs = tuple(
            output_size(n, f, s, dilation=d) for n, f, s, d in zip(padded, window, strides, dilations, strict=True)
        )
    except ValueError as error:
        raise ValueError(f"{OP}: {error}") from None
    matrix = np.zeros((*outputs, filters, *padded, channels), kernel.dtype)
    for position in taps(outputs):
        seen = tuple(
            slice(p * s, p * s + extent(f, d), d)
            for p, s, f, d in zip(position, strides, window, dilations, strict=True)
        )
        place: tuple[int | slice, ...] = (*position, slice(None), *seen)
        matrix[place] = np.moveaxis(kernel, -1, 0)
    inside = tuple(slice(before, before + size) for size, (before, _) in zip(sizes, amounts, strict=True))
    return matrix[:, :, :, *inside].reshape(outputs[0] * outputs[1] * filters, -1)
