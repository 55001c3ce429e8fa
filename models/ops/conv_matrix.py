"""A convolution written out as the one large matrix that it is, to look at; most of its entries are zero."""

from collections.abc import Sequence

import numpy as np

from models.ops.conv_geometry import output_size, per_axis
from models.ops.windows import taps


def conv_matrix(kernel: np.ndarray, image_size: Sequence[int], *, stride: int | Sequence[int] = 1) -> np.ndarray:
    """A (H' W' K, H W C): A @ x.ravel() is the unpadded correlation of an image x (H, W, C) and a kernel (h, w, C, K).

    Row (p, k) holds w[a, c, k] in column (p S + a, c). Its transpose is the backward pass: A.T @ dy.ravel() is dx.
    """
    height, width, channels, filters = kernel.shape
    strides = per_axis(stride, 2)
    outputs = tuple(map(output_size, image_size, (height, width), strides))
    matrix = np.zeros((*outputs, filters, *image_size, channels), kernel.dtype)
    for row, column in taps(outputs):
        top, left = row * strides[0], column * strides[1]
        matrix[row, column, :, top : top + height, left : left + width] = np.moveaxis(kernel, -1, 0)
    return matrix.reshape(outputs[0] * outputs[1] * filters, -1)
