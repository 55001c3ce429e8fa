"""Cases for half precision: sums of so many terms that adding them up in it loses most of them.

On a CPU TensorFlow's float16 sum of ones stands still at 2048. Only the path that trains is run on these.
"""

from typing import Any

import numpy as np

from keras_suite.models.gradient_check.check import Case
from keras_suite.models.ops.attention import position_embedding
from keras_suite.models.ops.batch_normalization import batch_normalization, masked_batch_normalization
from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.core import dense
from keras_suite.models.ops.global_pooling import global_average_pooling2d
from keras_suite.models.ops.layer_normalization import layer_normalization
from keras_suite.models.ops.locally_connected import locally_connected2d
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.pooling import average_pooling2d

TERMS = 6400  # the square of 80


def long_sums(op: str) -> list[Case]:
    """Return the op's cases, none for most ops."""
    random = np.random.default_rng(0)

    def case(op: Op, *shapes: tuple[int, ...], mask: int | None = None, **options: Any) -> Case:
        """Entries around 1: what is added up grows. The mask, at one position, leaves everything in."""
        tensors = [random.uniform(0.5, 1.5, shape) for shape in shapes]
        if mask is not None:
            tensors[mask] = np.ones(shapes[mask])
        return Case(op, tuple(tensors), op, options, constant=() if mask is None else (mask,))

    column, channel = (TERMS, 2), (2,)  # of one channel TensorFlow adds up pairs of pairs, which loses nothing
    image, kernel = (1, 80, 80, 2), (1, 1, 2, 2)
    cases = {
        "dense": lambda: case(dense, column, (2, 2), channel),
        "batch_normalization": lambda: case(batch_normalization, column, channel, channel),
        "masked_batch_normalization": lambda: case(
            masked_batch_normalization, column, column, channel, channel, mask=1
        ),
        "conv2d": lambda: case(conv2d, image, kernel, channel, method="derivation"),
        "locally_connected2d": lambda: case(locally_connected2d, (TERMS, 2, 2, 1), (2, 2, 1, 1, 1, 1), (2, 2, 1)),
        "global_average_pooling2d": lambda: case(global_average_pooling2d, image),
        "average_pooling2d": lambda: case(average_pooling2d, image, pool_size=80),
        "layer_normalization": lambda: case(layer_normalization, (2, TERMS), (TERMS,), (TERMS,)),
        "position_embedding": lambda: case(position_embedding, (TERMS, 2, 2), (2, 2)),
    }
    return [cases[op]()] if op in cases else []
