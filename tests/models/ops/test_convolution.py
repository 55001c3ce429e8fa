"""Convolution: the lectures' examples, its forms against each other, precisions, XLA, and bad input."""

import functools
from typing import Any

import cv2
import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import convolve2d

from keras_suite.models.ops.convolution import METHODS, conv1d, conv2d, conv3d
from keras_suite.models.ops.transposed_convolution import conv2d_transpose

Rows = list[list[float]]


def plane(rows: Any) -> tf.Tensor:
    """One image of one channel."""
    return tf.constant(np.array(rows, np.float32)[None, :, :, None])


def kernel(rows: Any) -> tf.Tensor:
    """One channel, one filter."""
    return tf.constant(np.array(rows, np.float32)[:, :, None, None])


def convolved(image: Any, window: Any, **options: Any) -> Rows:
    return np.asarray(conv2d(plane(image), kernel(window), None, **options))[0, :, :, 0].tolist()


CROSS = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]


BINARY = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]


GAUSSIAN = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16


SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]


SOBEL = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])


@pytest.mark.parametrize("method", METHODS)
def test_the_example_of_the_ufldl_tutorial(method: str) -> None:
    """Convolved feature of the 5x5 image: Stanford's UFLDL tutorial, feature extraction using convolution."""
    assert convolved(BINARY, CROSS, method=method) == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("flip", "expected"),
    [
        (True, [[25, 35, 33], [17, 17, 17], [37, 17, 41]]),
        (False, [[41, 23, 37], [17, 17, 17], [33, 17, 25]]),
    ],
)
def test_the_lectures_dilated_convolution(flip: bool, expected: Rows, method: str) -> None:
    image = np.ones((5, 5))
    image[0, 1], image[2, 2] = 4, 5
    assert convolved(image, [[2, 4], [5, 6]], dilation=2, flip=flip, method=method) == expected


def test_a_flipped_convolution_is_scipys() -> None:
    random = np.random.default_rng(0)
    image, window = random.normal(size=(7, 6)), random.normal(size=(3, 2))
    np.testing.assert_allclose(
        convolved(image, window, flip=True), convolve2d(image, window, mode="valid"), rtol=1e-4, atol=1e-5
    )


def test_the_identity_kernel_changes_nothing() -> None:
    assert convolved(BINARY, [[0, 0, 0], [0, 1, 0], [0, 0, 0]], padding="same") == BINARY


@pytest.mark.needs_data
@pytest.mark.parametrize("window", [GAUSSIAN, SHARPEN, SOBEL, SOBEL.T], ids=["gaussian", "sharpen", "sobel", "sobel_t"])
def test_the_classic_filters_do_to_a_real_digit_what_opencv_does(window: Any, data_dir: Any) -> None:
    with np.load(data_dir / "mnist.npz") as mnist:
        digit = mnist["x_train"][0].astype(np.float32)
    expected = cv2.filter2D(digit, cv2.CV_32F, np.array(window, np.float32), borderType=cv2.BORDER_REPLICATE)
    filtered = convolved(digit, window, padding="same", padding_mode="edge")
    np.testing.assert_allclose(filtered, expected, rtol=1e-5, atol=1e-3)


def test_convolution_is_associative_and_correlation_is_not() -> None:
    """I * g * h = I * (g * h): two filters can be merged into one, if they are really convolved."""
    random = np.random.default_rng(0)
    image, g, h = random.normal(size=(9, 9)), random.normal(size=(3, 3)), random.normal(size=(3, 3))

    def twice_and_merged(flip: bool) -> tuple[Any, Any]:
        twice = convolved(convolved(image, g, flip=flip), h, flip=flip)
        return twice, convolved(image, convolved(g, h, padding=2, flip=flip), flip=flip)

    np.testing.assert_allclose(*twice_and_merged(flip=True), rtol=1e-3, atol=1e-4)
    assert not np.allclose(*twice_and_merged(flip=False), atol=0.1)


@pytest.mark.parametrize(
    ("input_shape", "filters", "window", "options", "expected"),
    [
        ((227, 227, 3), 96, 11, {"stride": 4}, (55, 55, 96)),  # AlexNet's first layer
        ((11, 11, 4), 1, 5, {"stride": 2}, (4, 4, 1)),
        ((32, 32, 3), 12, 3, {"padding": "same"}, (32, 32, 12)),
        ((128, 128, 5), 1, 3, {}, (126, 126, 1)),
    ],
)
def test_the_output_sizes_of_the_lectures(
    input_shape: Any, filters: int, window: int, options: Any, expected: Any
) -> None:
    x, w = tf.zeros((1, *input_shape)), tf.zeros((window, window, input_shape[-1], filters))
    assert tuple(conv2d(x, w, None, **options).shape[1:]) == expected


def test_one_3x3x3_filter_slides_over_depth_as_well() -> None:
    """128x128x5 under one filter of 3x3x3 gives 126x126x3 (a 3-D convolution: the filter is thinner than the image)."""
    y = conv3d(tf.zeros((1, 128, 128, 5, 1)), tf.zeros((3, 3, 3, 1, 1)), None)
    assert tuple(y.shape[1:-1]) == (126, 126, 3)


def test_a_causal_convolution_sees_nothing_later() -> None:
    x = np.zeros((1, 8, 1), np.float32)
    x[0, 4] = 1
    y = np.asarray(conv1d(tf.constant(x), tf.ones((3, 1, 1)), None, padding="causal", dilation=2))[0, :, 0]
    assert y.tolist() == [0, 0, 0, 0, 1, 0, 1, 0]  # at 4, 6 and (outside) 8


FORMS: list[Any] = [
    (conv1d, (2, 33, 6), (5, 3, 8), {"stride": 2, "groups": 2, "padding": "same"}),
    (conv2d, (2, 17, 21, 4), (3, 5, 4, 6), {"padding": 2, "padding_mode": "reflect"}),
    (conv2d, (2, 17, 21, 4), (3, 2, 2, 6), {"dilation": (2, 3), "groups": 2, "padding": "same", "flip": True}),
    (conv2d, (3, 20, 13, 3), (4, 3, 3, 5), {"stride": (3, 2), "padding": ((1, 0), (2, 3)), "padding_mode": "edge"}),
    (conv3d, (1, 9, 8, 10, 2), (3, 2, 3, 2, 4), {"stride": (1, 2, 1), "dilation": (2, 1, 1)}),
]


@pytest.mark.parametrize(("op", "shape", "window", "options"), FORMS)
def test_all_forms_are_equal_on_larger_images(op: Any, shape: Any, window: Any, options: Any) -> None:
    random = np.random.default_rng(0)
    x, w, b = (tf.constant(random.normal(size=s), tf.float32) for s in (shape, window, window[-1:]))
    results = []
    for method in METHODS:
        y, cache = op.forward(x, w, b, method=method, **options)
        dy = tf.cos(tf.reshape(tf.range(tf.size(y), dtype=tf.float32), y.shape))
        results.append([y, *op.backward(dy, cache)])
    for other in results[1:]:
        for result, expected in zip(other, results[0], strict=True):
            np.testing.assert_allclose(result, expected, rtol=1e-3, atol=2e-4)


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["graph", "xla"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("options", [{}, {"groups": 2, "dilation": 2}], ids=str)
def test_every_precision_works_in_a_graph_and_under_xla(options: Any, dtype: str, compiled: bool) -> None:
    random = np.random.default_rng(0)
    channels = 2 // options.get("groups", 1)
    tensors = [tf.constant(random.normal(size=s)) for s in ((2, 6, 5, 2), (2, 2, channels, 4), (4,))]

    @functools.partial(tf.function, jit_compile=compiled)
    def gradients(*tensors: Any) -> Any:
        y, cache = conv2d.forward(*tensors, **options)
        return [y, *conv2d.backward(tf.ones_like(y), cache)]

    tolerance = {"float16": 2e-2, "bfloat16": 1e-1, "float32": 1e-4, "float64": 1e-9}[dtype]
    for gradient, expected in zip(gradients(*[tf.cast(t, dtype) for t in tensors]), gradients(*tensors), strict=True):
        assert gradient.dtype == dtype
        np.testing.assert_allclose(tf.cast(gradient, tf.float64), expected, rtol=tolerance, atol=20 * tolerance)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("method", METHODS)
def test_half_precision_adds_up_many_positions(method: str, dtype: str) -> None:
    """21,632 ones: a running float16 sum would stand still at 2,048, a bfloat16 sum at 256."""
    x = tf.ones((32, 26, 26, 1), dtype)
    y, cache = conv2d.forward(x, tf.ones((1, 1, 1, 2), dtype), tf.zeros(2, dtype), method=method)
    _, dkernel, dbias = conv2d.backward(tf.ones_like(y), cache)
    for gradient in (dkernel, dbias):
        np.testing.assert_allclose(tf.cast(tf.reshape(gradient, [-1]), tf.float32), [21_632] * 2, rtol=5e-3)


X, W = tf.zeros((1, 5, 5, 2)), tf.zeros((3, 3, 2, 4))


@pytest.mark.parametrize(
    ("tensors", "options", "said"),
    [
        ((X[0], W), {}, r"conv2d: x has shape \(5, 5, 2\): expected 4 axes, .*add one with x\[..., None\]"),
        ((X, W[0]), {}, r"conv2d: kernel has shape .* expected 4 axes, \(height, width, channels, filters\)"),
        ((tf.zeros((1, 5, 5, 3)), W), {}, "kernel's number of channels is 2: expected 3, as x's channels / groups"),
        ((X, W, tf.zeros(3)), {}, "the bias's size is 3: expected 4, as the kernel's number of filters"),
        ((X[:, :2], W), {}, "a kernel of 3 .* is larger than the padded input, 2 pixels: use a smaller kernel"),
        ((X, W), {"dilation": 3}, r"dilation 3: 7 pixels\) is larger than the padded input, 5 pixels"),
        ((X, W), {"stride": 0}, "stride=0 is not possible: expected whole numbers from 1 up"),
        ((X, W), {"dilation": (1, -1)}, r"dilation=\(1, -1\) is not possible"),
        ((X, W), {"stride": 1.5}, "stride=1.5 is not possible"),
        ((X, W), {"groups": 3}, "2 channels cannot be divided among groups=3: use a divisor of 2"),
        ((X, W), {"padding": "full"}, "padding='full' is not possible: expected 'valid', 'same', a number"),
        ((X, W), {"padding": "causal"}, "padding='causal' is not possible"),
        ((X, W), {"padding": -1}, "padding=-1 is not possible"),
        ((X, W), {"padding": 5, "padding_mode": "reflect"}, "5 pixels cannot be reflected at an image of 5: at most 4"),
        ((X, W), {"padding_mode": "wrap"}, "padding_mode='wrap' is not known: expected one of 'zeros', 'reflect'"),
        ((X, W), {"method": "fft"}, "method='fft' is not known: expected one of 'primitive'"),
        ((tf.cast(X, tf.int32), W), {}, r"x is int32: expected floating point; cast it, .*tf.cast\(x, 'float32'\)"),
        ((X * np.nan, W), {}, "conv2d: x holds NaN: find where it came from"),
        ((X, W * np.nan), {}, "conv2d: kernel holds NaN"),
    ],
)
def test_bad_input_is_named_before_anything_is_computed(tensors: Any, options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        conv2d(*tensors, *([None] * (3 - len(tensors))), **options)


@pytest.mark.parametrize("op", [conv2d, conv2d_transpose], ids=lambda op: op.name)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_kernels_that_pad_give_the_same_but_for_rounding(op: Any, stride: int, dtype: str) -> None:
    random = np.random.default_rng(0)
    x, window = (tf.cast(random.normal(size=shape), dtype) for shape in ((2, 6, 5, 3), (3, 2, 3, 3)))
    found = []
    for fused in (False, True):
        y, cache = op.forward(x, window, None, stride=stride, padding="same", fused=fused)
        found.append((y, *op.backward(tf.cos(y), cache)[:2]))
    for one, other in zip(*found, strict=True):
        allowed = (1e-5 if dtype == "float32" else 0.05) * float(tf.reduce_max(tf.abs(tf.cast(one, tf.float32))))
        np.testing.assert_allclose(tf.cast(one, tf.float32), tf.cast(other, tf.float32), rtol=0, atol=allowed)
