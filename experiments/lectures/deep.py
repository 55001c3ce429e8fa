"""What lets deep networks train: batch normalisation's two modes, and residual connections."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.experiments.lectures.windows import grid, written
from keras_suite.models.ops.activations import tanh
from keras_suite.models.ops.batch_normalization import batch_normalization, batch_normalization_inference
from keras_suite.models.ops.core import add, dense
from keras_suite.reports.page.lecture import Animation, Frame, Lecture, Numbers

CHAPTER = "Deep networks"
BATCH = ((1.0, 10.0), (3.0, 30.0), (5.0, 20.0), (7.0, 40.0))
MOMENTUM, EPSILON = 0.9, 1e-3
DEPTHS = (1, 5, 10, 20, 40)
WEIGHT = 0.5


def batch_normalization_modes() -> Lecture:
    """Return the topic of batch normalisation in training and afterwards."""
    x = tf.constant(BATCH, tf.float64)
    gamma, beta = tf.ones(2, tf.float64), tf.zeros(2, tf.float64)
    (y, mean, variance), _ = batch_normalization.forward(x, gamma, beta, epsilon=EPSILON)
    moving_mean, moving_variance = (1 - MOMENTUM) * mean, MOMENTUM + (1 - MOMENTUM) * variance
    rows = []
    for steps in (1, 10, 50):
        kept = MOMENTUM**steps
        moved = (1 - kept) * mean, kept + (1 - kept) * variance
        predicted, _ = batch_normalization_inference.forward(x, gamma, beta, *moved, epsilon=EPSILON)
        rows.append(
            {
                "batches seen": steps,
                "moving mean of the first": written(float(moved[0][0])),
                "its moving variance": written(float(moved[1][0])),
                "what the first image becomes when it predicts": written(float(predicted[0, 0])),
                "in training it is": written(float(y[0, 0])),
            }
        )
    frames = (
        Frame("Two channels of a batch of four, of very different size.", (grid("x", BATCH),)),
        Frame(
            "The mean and variance of each channel over the batch.", (grid("mean", mean), grid("variance", variance))
        ),
        Frame(
            "Training: (x − mean) / sqrt(variance + 0.001), then times γ plus β: both channels are alike.",
            (grid("y", y, result=np.ndindex(4, 2)),),
        ),
        Frame(
            f"The moving statistics keep {MOMENTUM:g} of what they were, at first 0 and 1, and take {1 - MOMENTUM:.1g} "
            "of the batch's.",
            (grid("moving mean", moving_mean), grid("moving variance", moving_variance)),
        ),
    )
    return Lecture(
        "batch_normalization",
        CHAPTER,
        "Batch normalisation: one layer, two modes",
        (
            "While it trains, each channel is normalised by the mean and variance of the batch at hand, so an image's "
            "answer depends on its neighbours.",
            "When it predicts, moving averages of those take their place, and each image stands alone.",
            "As long as the averages lag behind, the two modes disagree, and validation looks worse than training.",
        ),
        (
            Animation("A batch of four images, two channels", frames),
            Numbers("How the averages catch up, on this batch again and again", rows),
        ),
        commands={
            "keras-suite check gradients --op batch_normalization": "its backward pass, through mean and variance"
        },
        experiments={"batchnorm_placement": "before or after pooling"},
        code=("models/ops/batch_normalization.py",),
    )


def residual() -> Lecture:
    """Return the topic of y = f(x) + x."""
    rows = [
        {
            "layers": depth,
            "gradient at the input, plain": f"{_gradient(depth, False):.3g}",
            "with residual connections": f"{_gradient(depth, True):.3g}",
        }
        for depth in DEPTHS
    ]
    return Lecture(
        "residual",
        CHAPTER,
        "Residual connections: y = f(x) + x",
        (
            "Each block adds something to its input instead of replacing it.",
            "Its derivative is f'(x) + 1: the 1 lets the gradient pass any number of blocks.",
            "Without it, a product of many numbers below 1 vanishes.",
        ),
        (
            Numbers(
                "One unit a layer, f(x) = tanh(0.5 x), x = 1",
                rows,
                "Computed by the backward passes of dense, tanh and add, one after the other.",
            ),
        ),
        commands={
            "keras-suite graph 'h = tanh(w * x) + x' --set w=0.5 --set x=1": "one block as a graph",
            "keras-suite shapes pattern_cnn --set model.convs=4 --set model.residual=true --input 32x32x3": "a network",
        },
        experiments={
            "residual_depth": "4 to 40 convolutions with residual connections and without",
            "initializers": "which initial weights let ten plain layers learn",
        },
        code=("models/ops/core.py",),
    )


def _gradient(depth: int, has_residual: bool) -> float:
    """Return the derivative of the last of so many blocks with respect to the input."""
    x, kernel, caches = tf.ones((1, 1), tf.float64), tf.constant([[WEIGHT]], tf.float64), []
    for _ in range(depth):
        z, of_dense = dense.forward(x, kernel, None)
        y, of_tanh = tanh.forward(z)
        x = add.forward(y, x)[0] if has_residual else y
        caches.append((of_dense, of_tanh))
    dy: Any = tf.ones((1, 1), tf.float64)
    for of_dense, of_tanh in reversed(caches):
        through, past = add.backward(dy, None) if has_residual else (dy, tf.zeros_like(dy))
        (dz,) = tanh.backward(through, of_tanh)
        dy = tf.add(dense.backward(dz, of_dense)[0], past)
    return float(dy[0, 0])
