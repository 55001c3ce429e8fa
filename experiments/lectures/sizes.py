"""Sizes of outputs, windows as rows of a matrix, the receptive field, and dense layers as convolutions."""

import numpy as np
import tensorflow as tf

from keras_suite.experiments.lectures.windows import grid, image_of, kernel_of, plane, window_of, written
from keras_suite.models.ops.conv_geometry import extent, output_size, receptive_field
from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.core import dense
from keras_suite.models.ops.windows import im2col
from keras_suite.reports.page.lecture import Animation, Frame, Lecture, Numbers

CHAPTER = "Sizes"
SETTINGS = (  # image, kernel, stride, padding, dilation, what it is
    (32, 5, 1, 0, 1, "5x5 on CIFAR-10's images"),
    (32, 5, 1, 2, 1, "the same, with padding that keeps the size"),
    (11, 5, 2, 0, 1, "(11 − 5) / 2 + 1: divided first, then 1 more"),
    (227, 11, 4, 0, 1, "AlexNet's first layer"),
    (55, 3, 2, 0, 1, "AlexNet's first pooling: 3x3 that overlap"),
    (28, 3, 1, 0, 1, "the demo network's first layer"),
    (26, 3, 1, 0, 1, "its second layer"),
    (24, 2, 2, 0, 1, "its pooling"),
    (32, 3, 1, 0, 2, "dilation 2: 3 taps reach over 5"),
)
UNFIT = (10, 3, 2, 0)
STACK = ((3, 1, 1), (3, 1, 1), (2, 2, 1), (3, 1, 1), (3, 1, 1), (2, 2, 1), (3, 1, 2))
SMALL = ((1, 2, 3), (4, 5, 6), (7, 8, 9))


def output_sizes() -> Lecture:
    """Return the topic of (W - F + 2 P) / S + 1."""
    rows = [
        {
            "layer": what,
            "W": size,
            "F": kernel,
            "S": stride,
            "P": padding,
            "D": dilation,
            "output": int(output_size(size, kernel, stride, padding, dilation)),
        }
        for size, kernel, stride, padding, dilation, what in SETTINGS
    ]
    size, kernel, stride, padding = UNFIT
    places = int(output_size(size, kernel, stride, padding))
    left = (size - kernel + 2 * padding) % stride
    return Lecture(
        "output_sizes",
        CHAPTER,
        "How large the output is: (W − F + 2 P) / S + 1",
        (
            "So many windows of F pixels fit on W pixels with P zeros on each side when each is S further than the one "
            "before.",
            "Where the division leaves a rest, the last pixels are not seen: the result is rounded down.",
            "The number of filters is the depth of the output, and has nothing to do with its width.",
        ),
        (
            Numbers("Layers that exist", rows, "D is the dilation: F taps reach over (F − 1) D + 1 pixels."),
            Numbers(
                "Where it does not fit",
                [{"W": size, "F": kernel, "S": stride, "places": places, "pixels not seen": left}],
                f"({size} − {kernel}) / {stride} + 1 is {(size - kernel) / stride + 1:g}: {places} windows, and "
                "what is left at the end is not seen.",
            ),
        ),
        commands={"keras-suite shapes alexnet": "all layers of AlexNet with their sizes"},
        code=("models/ops/conv_geometry.py", "experiments/inspecting/layer_table.py"),
    )


def im2col_product() -> Lecture:
    """Return the topic of a convolution as one matrix product."""
    x, kernel = image_of(SMALL), kernel_of(((1, 0), (-1, 2)))
    columns = np.asarray(im2col(x, (2, 2), (2, 2), (1, 1), (1, 1))).reshape(4, 4)
    y, _ = conv2d.forward(x, kernel, None, method="im2col")
    weights, results = plane(kernel).reshape(4, 1), plane(y).reshape(4, 1)
    frames = []
    for row in range(4):
        place = divmod(row, 2)
        at = [(row, column) for column in range(4)]
        shown = {(r, c) for r in range(row + 1) for c in range(4)}
        frames.append(
            Frame(
                f"The window of output {place} becomes row {row}; times the kernel as a column it is "
                f"{written(float(results[row, 0]))}.",
                (
                    grid("x", SMALL, window_of(place, (2, 2), 1, 1)),
                    grid("im2col(x)", columns, at, shown=shown),
                    grid("w as a column", weights),
                    grid("y", results, result=[(row, 0)], shown={(r, 0) for r in range(row + 1)}),
                ),
            )
        )
    windows = int(output_size(227, 11, 4))
    alexnet = {
        "a window": f"11 x 11 x 3 = {11 * 11 * 3}",
        "windows": f"{windows} x {windows} = {windows**2:,}",
        "matrix of windows": f"{windows**2:,} x {11 * 11 * 3}",
        "matrix of kernels": f"{11 * 11 * 3} x 96",
        "result": f"{windows**2:,} x 96",
        "float32 numbers": f"{windows**2 * 11 * 11 * 3 * 4 / 1e6:.1f} MB, {windows**2 * 363 / (227 * 227 * 3):.1f} "
        "times the image",
    }
    return Lecture(
        "im2col",
        CHAPTER,
        "im2col: a convolution as one matrix product",
        (
            "Every window is written as a row; then the convolution is the product of that matrix with the kernels as "
            "columns.",
            "Pixels are copied as often as windows overlap, which costs memory and buys the fastest code there is: a "
            "large matrix product.",
            "Backward it is two more products: dW = Xᵀ dY, and dX = dY Wᵀ, whose rows are added back to their windows.",
        ),
        (
            Animation("Four windows of a 3x3 image, as rows", frames),
            Numbers("AlexNet's first layer, 227x227x3 with 96 kernels of 11x11 and stride 4", [alexnet]),
        ),
        commands={"keras-suite check gradients --op conv2d": "im2col among the ways that are checked"},
        code=("models/ops/windows.py", "models/ops/convolution.py"),
    )


def receptive_field_rows() -> list[dict[str, object]]:
    """Return the growth of the receptive field through a stack of layers."""
    rows: list[dict[str, object]] = []
    for count in range(1, len(STACK) + 1):
        kernel, stride, dilation = STACK[count - 1]
        kind = f"{kernel}x{kernel} {'pooling' if stride > 1 else 'convolution'}"
        rows.append(
            {
                "layer": f"{count}: {kind}" + (f", dilation {dilation}" if dilation > 1 else ""),
                "stride": stride,
                "reaches over": int(extent(kernel, dilation)),
                "pixels between neighbours": int(np.prod([each[1] for each in STACK[:count]])),
                "sees": int(receptive_field(STACK[:count])),
            }
        )
    return rows


def receptive_field_lecture() -> Lecture:
    """Return the topic of what a unit sees."""
    return Lecture(
        "receptive_field",
        CHAPTER,
        "The receptive field: how much of the image a unit sees",
        (
            "A unit of the first layer sees F pixels; each further layer adds (F − 1) D times the distance between its "
            "neighbours in pixels of the image.",
            "Strides multiply that distance, so after a pooling every layer sees twice as much more.",
            "Two layers of 3x3 see 5x5 pixels with 18 weights instead of 25, and with an activation between them.",
        ),
        (Numbers("A stack of layers", receptive_field_rows()),),
        commands={
            "keras-suite shapes vgg16": "what each layer of VGG16 sees",
            "keras-suite inspect live RUN": "point at a unit to see its receptive field",
        },
        experiments={"receptive_field": "two 3x3 convolutions, one 5x5, or one dilated 3x3"},
        code=("models/ops/conv_geometry.py",),
    )


def dense_as_convolution() -> Lecture:
    """Return the topic of a dense layer that slides."""
    kernel = np.array([[[1, 0], [2, -1]], [[0, 1], [-1, 3]]], np.float64)  # (2, 2, units)
    x = np.array(((1, 2, 0), (0, 1, 3), (2, 1, 0)), np.float64)
    by_dense, _ = dense.forward(tf.constant(x[:2, :2].reshape(1, 4)), tf.constant(kernel.reshape(4, 2)), None)
    by_conv, _ = conv2d.forward(image_of(x[:2, :2].tolist()), tf.constant(kernel[:, :, np.newaxis]), None)
    larger, _ = conv2d.forward(image_of(x.tolist()), tf.constant(kernel[:, :, np.newaxis]), None)
    rows = [
        {"as": "Flatten and Dense(2) on 2x2 pixels", "answers": _scores(by_dense)},
        {"as": "a 2x2 convolution with 2 filters on the same pixels", "answers": _scores(by_conv)},
        {"as": "the same convolution on 3x3 pixels: four answers at once", "answers": _scores(larger)},
    ]
    return Lecture(
        "dense_as_convolution",
        CHAPTER,
        "A dense layer is a convolution as large as its input",
        (
            "A unit of a dense layer after Flatten weighs every pixel: so does a filter that is as large as the map.",
            "Written so, a trained classifier slides over larger images and answers at every place, each window "
            "computed only once.",
            "The weights are the same numbers, only in another shape.",
        ),
        (Numbers("Two units, three ways", rows),),
        commands={"keras-suite convolutional RUN OUT.keras": "make a trained classifier fully convolutional"},
        code=("models/transfer/fully_convolutional.py",),
    )


def _scores(outputs: tf.Tensor) -> str:
    pairs = np.asarray(outputs).reshape(-1, 2)
    return "; ".join(f"({', '.join(written(float(value)) for value in pair)})" for pair in pairs)
