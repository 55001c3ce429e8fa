"""Filters on a photograph; correlation and convolution; which of the two is associative."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from keras_suite.experiments.lectures.windows import Rows, grid, image_of, kernel_of, plane, sliding
from keras_suite.models.ops.convolution import conv2d
from keras_suite.reports.figures.style import drawing
from keras_suite.reports.page.lecture import Animation, Frame, Lecture, Numbers, Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHAPTER = "Filtering"
NAMED: Mapping[str, Rows] = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "box blur": ((1 / 9,) * 3,) * 3,
    "Gaussian": ((1 / 16, 2 / 16, 1 / 16), (2 / 16, 4 / 16, 2 / 16), (1 / 16, 2 / 16, 1 / 16)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "Sobel, across": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "Sobel, down": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "Laplacian": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
}
STEP = ((0, 0, 9, 9), (0, 0, 9, 9), (0, 0, 9, 9), (0, 0, 9, 9))
PULSE = ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0))
COUNTED = ((1, 2, 3), (4, 5, 6), (7, 8, 9))
DIFFERENCE, SECOND = ((1, -1),), ((1, 2),)


def filters() -> Lecture:
    """Return the topic of named filters."""
    return Lecture(
        "filters",
        CHAPTER,
        "Filters: what a few numbers do to a photograph",
        (
            "A filter replaces each pixel by a weighted sum of its neighbours, with the same weights everywhere.",
            "Weights that add up to 1 keep the brightness (blur, sharpen); weights that add up to 0 leave flat areas "
            "black and answer to edges (Sobel, Laplacian).",
            "A convolutional network learns such weights instead of being told.",
        ),
        (
            Picture(
                "Named filters", _filtered(), "scikit-learn's photograph of a temple, 3x3 filters, edges repeated."
            ),
            sliding("An edge under the Sobel filter, step by step", STEP, NAMED["Sobel, across"]),
        ),
        commands={
            "keras-suite inspect filters RUN": "the filters that a network has learnt",
            "keras-suite inspect live RUN": "what they make of a digit that one draws",
        },
        code=("models/ops/convolution.py",),
    )


@functools.cache
def _photograph() -> np.ndarray:
    """Return scikit-learn's photograph in grey, half its size, float64 0..1."""
    from sklearn.datasets import load_sample_image

    colours = np.asarray(load_sample_image("china.jpg"), np.float64) / 255
    grey = colours @ (0.299, 0.587, 0.114)
    height, width = (side // 2 * 2 for side in grey.shape)
    return grey[:height, :width].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))


def _filtered() -> "Figure":
    photograph = _photograph()
    with drawing(9, 3.7) as figure:
        for number, (name, kernel) in enumerate(NAMED.items()):
            y, _ = conv2d.forward(
                image_of(photograph.tolist()), kernel_of(kernel), None, padding="same", padding_mode="edge"
            )
            axes = figure.add_subplot(2, 4, number + 1)
            signed = abs(np.sum(kernel)) < 1e-9
            axes.imshow(plane(y), cmap="gray", vmin=-0.6 if signed else 0, vmax=0.6 if signed else 1)
            axes.set_title(name, fontsize=8, loc="left")
            axes.grid(False)
            axes.set_xticks([])
            axes.set_yticks([])
    return figure


def correlation_and_convolution() -> Lecture:
    """Return the topic of the kernel that is rotated, or not."""
    return Lecture(
        "correlation_and_convolution",
        CHAPTER,
        "Correlation and convolution: one of them rotates the kernel",
        (
            "Correlation lays the kernel on the image as it is; convolution rotates it by 180 degrees first.",
            "So a single bright pixel makes a rotated copy of the kernel under correlation, and a true copy under "
            "convolution: the impulse response.",
            "Deep learning says convolution and computes correlation: a kernel that is learnt may as well be learnt "
            "rotated.",
        ),
        (_impulse("Correlation of a single pixel", False), _impulse("Convolution of a single pixel", True)),
        experiments={"template_matching": "correlation that finds a template"},
        code=("models/ops/convolution.py (flip)", "models/plain_numpy/template_matching.py"),
    )


def _impulse(title: str, flip: bool) -> Animation:
    y, _ = conv2d.forward(image_of(PULSE), kernel_of(COUNTED), None, flip=flip)
    done = "rotated by 180 degrees" if not flip else "as it is"
    return Animation(
        title,
        (
            Frame(
                "A single pixel of 1, and a kernel with nine different numbers.", (grid("x", PULSE), grid("w", COUNTED))
            ),
            Frame(
                f"The result holds the kernel {done}.",
                (grid("x", PULSE, [(2, 2)]), grid("w", COUNTED), grid("y", plane(y), result=np.ndindex(3, 3))),
            ),
        ),
    )


def _full(x: Rows, kernel: Rows, flip: bool) -> np.ndarray:
    """Return the full correlation or convolution: with so many zeros around x that every overlap counts."""
    height, width = np.shape(kernel)
    padding = ((height - 1, height - 1), (width - 1, width - 1))
    y, _ = conv2d.forward(image_of(x), kernel_of(kernel), None, padding=padding, flip=flip)
    return np.atleast_2d(plane(tf.reshape(y, y.shape[1:3])))


def associativity() -> Lecture:
    """Return the topic of the order of two filters."""
    x = ((1, 3, 2, 5),)
    rows = []
    for name, flip in (("convolution", True), ("correlation", False)):
        one_by_one = _full(_full(x, DIFFERENCE, flip).tolist(), SECOND, flip)
        at_once = _full(x, _full(DIFFERENCE, SECOND, flip).tolist(), flip)
        rows.append(
            {
                "operation": name,
                "(x * f) * g": _listed(one_by_one),
                "x * (f * g)": _listed(at_once),
                "equal": "yes" if np.array_equal(one_by_one, at_once) else "no",
            }
        )
    return Lecture(
        "associativity",
        CHAPTER,
        "Two filters in one: convolution is associative, correlation is not",
        (
            "With convolution, filtering by f and then by g is filtering once by f * g: two small filters become one, "
            "and the derivative of a smoothed image is one filter.",
            "With correlation it is not: f and g would have to be correlated the other way round.",
            "Two linear layers of a network are one for the same reason, which is why there is an activation between "
            "them.",
        ),
        (
            Numbers(
                "The same three rows, filtered in both orders",
                rows,
                f"x = {_listed(np.asarray(x))}, f = {_listed(np.asarray(DIFFERENCE))}, g = "
                f"{_listed(np.asarray(SECOND))}; all overlaps count (full padding).",
            ),
        ),
        experiments={"receptive_field": "two 3x3 layers, or one of 5x5"},
        code=("models/ops/convolution.py",),
    )


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:g}".replace("-", "−") for value in np.ravel(values))
