"""Pooling and where its gradient goes; the ways back up: unpooling and transposed convolution."""

import numpy as np
import tensorflow as tf

from keras_suite.experiments.lectures.windows import grid, image_of, kernel_of, plane, window_of, written
from keras_suite.models.ops.pooling import average_pooling2d, max_pooling2d
from keras_suite.models.ops.transposed_convolution import conv2d_transpose
from keras_suite.models.ops.upsampling import max_unpooling2d
from keras_suite.reports.page.lecture import Animation, Frame, Lecture, Numbers

CHAPTER = "Down and up"
X = ((1, 1, 2, 4), (5, 6, 7, 8), (3, 2, 1, 0), (1, 2, 3, 4))
DY = ((1, -2), (3, 4))
SMALL, TRANSPOSED = ((1, 2), (3, 4)), ((1, 2, 1), (2, 4, 2), (1, 2, 1))


def pooling() -> Lecture:
    """Return the topic of maximum and average pooling."""
    x, dy = image_of(X), image_of(DY)
    y, cache = max_pooling2d.forward(x, pool_size=2)
    maxima, dx = plane(y), plane(max_pooling2d.backward(dy, cache)[0])
    mean, mean_cache = average_pooling2d.forward(x, pool_size=2)
    spread = plane(average_pooling2d.backward(dy, mean_cache)[0])
    frames, shown, routed = [], set(), set()
    for place in np.ndindex(2, 2):
        window = window_of(place, (2, 2), 2, 1)
        shown.add(place)
        text = f"The largest of {', '.join(written(X[i][j]) for i, j in window)} is {written(float(maxima[place]))}."
        frames.append(Frame(text, (grid("x", X, window), grid("y", maxima, result=[place], shown=set(shown)))))
    for place in np.ndindex(2, 2):
        window = window_of(place, (2, 2), 2, 1)
        routed |= set(window)
        winner = [at for at in window if dx[at] != 0]
        amount = written(DY[place[0]][place[1]])
        text = f"dy[{place[0]}, {place[1]}] = {amount} goes to the one that won; the others get 0."
        frames.append(
            Frame(
                text,
                (
                    grid("x", X, winner),
                    grid("dy", DY, [place]),
                    grid("dx", dx, result=winner, shown=set(routed)),
                ),
            )
        )
    return Lecture(
        "pooling",
        CHAPTER,
        "Pooling: fewer pixels, and a switch for the gradient",
        (
            "A window of a map becomes its largest value, or its mean, and the map shrinks by the stride.",
            "Backward, maximum pooling is a switch: the gradient goes to the one that won, of equals to the first; "
            "average pooling shares it evenly.",
            "It has no parameters and treats each channel alone.",
        ),
        (
            Animation("Maximum pooling 2x2 with stride 2, forward and backward", frames),
            Animation(
                "Average pooling shares the gradient",
                (
                    Frame(
                        "Each of the four gets a quarter.", (grid("y", plane(mean)), grid("dy", DY), grid("dx", spread))
                    ),
                ),
            ),
        ),
        commands={"keras-suite check gradients --op max_pooling2d": "its gradient, also where values tie"},
        experiments={"downsampling": "maxima, means, a stride or nothing"},
        code=("models/ops/pooling.py",),
    )


def unpooling() -> Lecture:
    """Return the topic of values that go back to where they came from."""
    (maxima, indices), _ = max_pooling2d.forward(image_of(X), pool_size=2, with_indices=True)
    values = tf.constant(np.asarray(DY, np.float64)[np.newaxis, :, :, np.newaxis])
    up, _ = max_unpooling2d.forward(values, indices, size=(4, 4))
    places = {divmod(int(index), 4) for index in np.ravel(indices)}
    return Lecture(
        "unpooling",
        CHAPTER,
        "Unpooling: back to the remembered places",
        (
            "Maximum pooling can remember where its maxima stood: the switches.",
            "Unpooling puts values back to those places and zeros elsewhere, so that edges lie where they were.",
            "It is maximum pooling's backward pass, used forward.",
        ),
        (
            Animation(
                "Pooled, changed, unpooled",
                (
                    Frame(
                        "Pooling keeps the largest of each window, and where it stood.",
                        (grid("x", X, places), grid("y", plane(maxima))),
                    ),
                    Frame(
                        "Other values go up by the same switches.",
                        (grid("values", DY), grid("unpooled", plane(up), result=places)),
                    ),
                ),
            ),
        ),
        experiments={"autoencoder": "unpooling, transposed convolution or nearest upsampling"},
        code=("models/ops/upsampling.py",),
    )


def transposed_convolution() -> Lecture:
    """Return the topic of a convolution's input gradient as a layer."""
    y, _ = conv2d_transpose.forward(image_of(SMALL), kernel_of(TRANSPOSED), None, stride=2)
    result, weights = plane(y), np.asarray(TRANSPOSED, np.float64)
    so_far, frames = np.zeros_like(result), []
    for place in np.ndindex(2, 2):
        value = SMALL[place[0]][place[1]]
        at = [(2 * place[0] + i, 2 * place[1] + j) for i in range(3) for j in range(3)]
        for target, within in zip(at, np.ndindex(3, 3), strict=True):
            so_far[target] += value * weights[within]
        text = f"x[{place[0]}, {place[1]}] = {value} puts {value} times the kernel on y, 2 pixels further each time."
        frames.append(Frame(text, (grid("x", SMALL, [place]), grid("w", weights), grid("y so far", so_far, result=at))))
    frames.append(Frame("The op conv2d_transpose itself returns this.", (grid("y", result),)))
    overlaps = [{"pixel": f"column {k}", "windows over it": int(count)} for k, count in enumerate(_overlaps(3, 2, 2))]
    return Lecture(
        "transposed_convolution",
        CHAPTER,
        "Transposed convolution: a convolution's backward pass as a layer",
        (
            "Each input puts a copy of the kernel, times its value, on the output; where copies overlap they add up.",
            "This is what a convolution does to gradients on their way back to its input: its matrix, transposed.",
            "Where the kernel's width is no multiple of the stride some pixels get more copies than others, which "
            "shows as a chequerboard.",
        ),
        (
            Animation("3x3 with stride 2: 2x2 becomes 5x5", frames),
            Numbers(
                "How many copies lie on each column", overlaps, "3 is no multiple of 2: the middle column gets two."
            ),
        ),
        commands={"keras-suite check gradients --op conv2d_transpose": "its gradients"},
        experiments={"autoencoder": "the grid that it leaves, measured", "digit_segmentation": "down, and up again"},
        code=("models/ops/transposed_convolution.py",),
    )


def _overlaps(kernel: int, stride: int, inputs: int) -> np.ndarray:
    """Return the number of copies on each output of one axis: the op's answer to ones."""
    ones = tf.ones((1, 1, inputs, 1), tf.float64)
    y, _ = conv2d_transpose.forward(ones, tf.ones((1, kernel, 1, 1), tf.float64), None, stride=stride)
    return np.asarray(y)[0, 0, :, 0]
