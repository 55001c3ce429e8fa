"""Pooling of windows and of whole images, unpooling and upsampling, beside TensorFlow's own."""

from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.models.gradient_check.check import Case, Choose, generator, spaced
from keras_suite.models.ops.global_pooling import global_average_pooling2d, global_max_pooling2d
from keras_suite.models.ops.pooling import METHODS, average_pooling2d, max_pooling2d
from keras_suite.models.ops.upsampling import UPSAMPLING_METHODS, max_unpooling2d, nearest_upsampling2d

Image = tuple[int, int, int, int]


def max_pooling2d_case(choose: Choose) -> Case:
    """Distinct values, or few whole numbers, so that most windows hold ties."""
    shape, options = _windows(choose)
    random, ties = generator(choose), choose((False, False, True))
    x = random.integers(0, 3, shape).astype(np.float64) if ties else spaced(random, shape)
    with_indices = choose((False, True))
    reference = partial(_with_positions if with_indices else partial(_pooled, tf.nn.max_pool2d), options=options)
    extra = {"with_indices": with_indices, "method": choose(METHODS)}
    return Case(max_pooling2d, (x,), reference, {**options, **extra}, differences=not ties)


def average_pooling2d_case(choose: Choose) -> Case:
    shape, options = _windows(choose)
    x = generator(choose).normal(size=shape)
    reference = partial(_pooled, tf.nn.avg_pool2d, options=options)
    return Case(average_pooling2d, (x,), reference, {**options, "method": choose(METHODS)}, linear_in=(0,))


def global_average_pooling2d_case(choose: Choose) -> Case:
    x = generator(choose).normal(size=_image(choose))
    return Case(global_average_pooling2d, (x,), lambda x: tf.reduce_mean(x, (1, 2)), linear_in=(0,))


def global_max_pooling2d_case(choose: Choose) -> Case:
    shape, ties = _image(choose), choose((False, False, True))
    random = generator(choose)
    x = random.integers(0, 3, shape).astype(np.float64) if ties else spaced(random, shape)
    whole_image = partial(_pooled, tf.nn.max_pool2d, options={"pool_size": shape[1:3], "stride": 1, "padding": "valid"})
    return Case(global_max_pooling2d, (x,), lambda x: whole_image(x)[:, 0, 0], differences=not ties)


def max_unpooling2d_case(choose: Choose) -> Case:
    """Indices of a real pooling: each value has another one, unless windows overlap."""
    batch, height, width, channels = _image(choose)
    pool = choose((1, 2))
    stride, size = choose(range(1, pool + 1)), (height * 2, width * 2)
    random = generator(choose)
    image = spaced(random, (batch, *size, channels))
    (maxima, indices), _ = max_pooling2d.forward(
        tf.constant(image), pool_size=pool, stride=stride, with_indices=True, method="derivation"
    )
    tensors = (random.normal(size=maxima.shape), indices.numpy())
    reference = partial(_put_back, size=size)
    return Case(max_unpooling2d, tensors, reference, {"size": size}, constant=(1,), linear_in=(0,))


def nearest_upsampling2d_case(choose: Choose) -> Case:
    shape, size = _image(choose), [choose((1, 2, 3)) for _ in range(2)]
    sides = [side * times for side, times in zip(shape[1:3], size, strict=True)]
    x = generator(choose).normal(size=shape)
    options = {"size": size, "method": choose(UPSAMPLING_METHODS)}
    return Case(nearest_upsampling2d, (x,), lambda x: tf.image.resize(x, sides, "nearest"), options, linear_in=(0,))


def _image(choose: Choose) -> Image:
    return choose((1, 2)), choose((1, 2, 3)), choose((1, 2, 4)), choose((1, 2))


def _windows(choose: Choose) -> tuple[Image, dict[str, Any]]:
    pool = [choose((1, 2, 3)) for _ in range(2)]
    height, width = (size + choose((0, 0, 1, 2)) for size in pool)
    stride = choose((None, [choose((1, 2, 3)) for _ in range(2)]))
    options = {"pool_size": pool, "stride": stride, "padding": choose(("valid", "same"))}
    return (choose((1, 2)), height, width, choose((1, 2))), options


def _pooled(pooling: Any, x: Any, options: dict[str, Any]) -> Any:
    stride = options["pool_size"] if options["stride"] is None else options["stride"]
    return pooling(x, options["pool_size"], stride, options["padding"].upper())


def _with_positions(x: Any, options: dict[str, Any]) -> Any:
    """Return the maxima, and where they are: row * width + column, of which TensorFlow counts the channels, too."""
    arguments = _pooled(lambda *arguments: arguments, x, options)
    _, positions = tf.nn.max_pool_with_argmax(*arguments)
    return _pooled(tf.nn.max_pool2d, x, options), positions // x.shape[-1]


def _put_back(values: Any, indices: Any, size: tuple[int, int]) -> Any:
    """Sum one-hot planes."""
    planes = tf.one_hot(indices, size[0] * size[1], dtype=values.dtype)  # (batch, h, w, channels, pixels)
    return tf.reshape(tf.einsum("nijcq,nijc->nqc", planes, values), [-1, *size, values.shape[-1]])
