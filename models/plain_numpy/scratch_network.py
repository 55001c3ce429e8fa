"""A convolutional network in NumPy alone, to be read from top to bottom: how training works, with nothing hidden.

The network of models/networks/scratch_cnn.py: convolution 3x3, relu, max pooling 2x2, dense, tanh, dense, softmax.
Shapes: B images in a batch, H x W pixels, C channels, K filters. Each backward pass stands under its forward pass and
takes `dy`, the gradient of the loss with respect to what the forward pass gave. Weights are a dict of arrays.

    weights = initial_weights(np.random.default_rng(1), (28, 28, 1), classes=2)
    weights, losses = train(weights, images, labels)         # images (n, 28, 28, 1) in 0..1, labels whole numbers
    accuracy = np.mean(logits(weights, test_images).argmax(axis=1) == test_labels)

Source of the mathematics: models/ops, where each derivation is written out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray
Weights = dict[str, Array]


def initial_weights(
    random: np.random.Generator,
    image_shape: tuple[int, int, int],
    classes: int,
    *,
    filters: int = 8,
    kernel_size: int = 3,
    units: int = 32,
) -> Weights:
    """Sample uniformly within sqrt(6 / (fan in + fan out)), which keeps the spread over the layers (Glorot 2010)."""
    height, width, channels = image_shape
    pooled = (height - kernel_size + 1) // 2 * ((width - kernel_size + 1) // 2) * filters
    taps = kernel_size * kernel_size

    def glorot(shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        limit = np.sqrt(6 / (fan_in + fan_out))
        return random.uniform(-limit, limit, shape)

    kernel_shape = (kernel_size, kernel_size, channels, filters)
    return {
        "conv kernel": glorot(kernel_shape, taps * channels, taps * filters),
        "conv bias": np.zeros(filters),
        "dense kernel": glorot((pooled, units), pooled, units),
        "dense bias": np.zeros(units),
        "logits kernel": glorot((units, classes), units, classes),
        "logits bias": np.zeros(classes),
    }


def conv_forward(x: Array, kernel: Array, bias: Array) -> tuple[Array, Any]:
    """Return y[n, i, j, k] = b[k] + sum_{a, b, c} x[n, i + a, j + b, c] w[a, b, c, k], as one matrix product."""
    f = kernel.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(x, (f, f), axis=(1, 2))  # (B, H', W', C, f, f), a view
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], -1)  # im2col: (B, H', W', f f C)
    return columns @ kernel.reshape(-1, kernel.shape[-1]) + bias, (columns, kernel)


def conv_backward(dy: Array, cache: Any) -> tuple[Array, Array]:
    """Return dw = columns^T dy, summed over images and positions, and db, the sum of dy; images need no gradient."""
    columns, kernel = cache
    rows, dy_rows = columns.reshape(-1, columns.shape[-1]), dy.reshape(-1, dy.shape[-1])
    return (rows.T @ dy_rows).reshape(kernel.shape), dy_rows.sum(axis=0)


def relu_forward(x: Array) -> tuple[Array, Array]:
    """Return max(x, 0)."""
    return np.maximum(x, 0), x > 0


def relu_backward(dy: Array, positive: Array) -> Array:
    """Return dy where x was positive."""
    return dy * positive


def pool_forward(x: Array) -> tuple[Array, Any]:
    """Return the maximum of each 2x2 square; an odd last row or column is left out."""
    b, h, w, k = x.shape
    squares = x[:, : h // 2 * 2, : w // 2 * 2].reshape(b, h // 2, 2, w // 2, 2, k).transpose(0, 1, 3, 5, 2, 4)
    squares = squares.reshape(b, h // 2, w // 2, k, 4)
    winner = squares.argmax(axis=-1)  # of equal ones the first
    return np.take_along_axis(squares, winner[..., None], axis=-1)[..., 0], (winner, x.shape)


def pool_backward(dy: Array, cache: Any) -> Array:
    """Return each dy to the pixel that was the maximum; nothing to the other three."""
    winner, (b, h, w, k) = cache
    squares = np.zeros((*winner.shape, 4))
    np.put_along_axis(squares, winner[..., None], dy[..., None], axis=-1)
    dx = np.zeros((b, h, w, k))
    pixels = squares.reshape(b, h // 2, w // 2, k, 2, 2).transpose(0, 1, 4, 2, 5, 3)
    dx[:, : h // 2 * 2, : w // 2 * 2] = pixels.reshape(b, h // 2 * 2, w // 2 * 2, k)
    return dx


def dense_forward(x: Array, kernel: Array, bias: Array) -> tuple[Array, Any]:
    """Return y = x W + b."""
    return x @ kernel + bias, (x, kernel)


def dense_backward(dy: Array, cache: Any) -> tuple[Array, Array, Array]:
    """Return dx = dy W^T, dW = x^T dy, db = the sum of dy over the batch."""
    x, kernel = cache
    return dy @ kernel.T, x.T @ dy, dy.sum(axis=0)


def tanh_forward(x: Array) -> tuple[Array, Array]:
    """Return tanh x."""
    y = np.tanh(x)
    return y, y


def tanh_backward(dy: Array, y: Array) -> Array:
    """Return dy tanh', with tanh' = 1 - tanh^2."""
    return dy * (1 - y * y)


def softmax_cross_entropy(z: Array, labels: Array) -> tuple[float, Array]:
    """Return the mean of -log softmax(z)[label] over the batch, and its gradient (softmax(z) - one-hot) / B."""
    z = z - z.max(axis=1, keepdims=True)  # changes no softmax, and no power overflows
    log_s = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(z))
    dz = np.exp(log_s)
    dz[rows, labels] -= 1
    return float(-log_s[rows, labels].mean()), dz / len(z)


def forward(weights: Mapping[str, Array], images: Array) -> tuple[Array, list[Any]]:
    """Return logits (B, classes) of images (B, H, W, C) in 0..1, and what the backward pass needs."""
    x, conv = conv_forward(images, weights["conv kernel"], weights["conv bias"])
    x, relu = relu_forward(x)
    x, pool = pool_forward(x)
    pooled_shape = x.shape
    x, dense = dense_forward(x.reshape(len(x), -1), weights["dense kernel"], weights["dense bias"])
    x, tanh = tanh_forward(x)
    z, last = dense_forward(x, weights["logits kernel"], weights["logits bias"])
    return z, [conv, relu, pool, pooled_shape, dense, tanh, last]


def backward(dz: Array, caches: list[Any]) -> Weights:
    """Return the gradient of every weight: the same chain, read from its end."""
    conv, relu, pool, pooled_shape, dense, tanh, last = caches
    dx, d_logits_kernel, d_logits_bias = dense_backward(dz, last)
    dx = tanh_backward(dx, tanh)
    dx, d_dense_kernel, d_dense_bias = dense_backward(dx, dense)
    dx = pool_backward(dx.reshape(pooled_shape), pool)
    dx = relu_backward(dx, relu)
    d_conv_kernel, d_conv_bias = conv_backward(dx, conv)
    return {
        "conv kernel": d_conv_kernel,
        "conv bias": d_conv_bias,
        "dense kernel": d_dense_kernel,
        "dense bias": d_dense_bias,
        "logits kernel": d_logits_kernel,
        "logits bias": d_logits_bias,
    }


def logits(weights: Mapping[str, Array], images: Array) -> Array:
    """Return logits (n, classes) of images in 0..1; the largest is the network's answer."""
    return forward(weights, images)[0]


def train(
    weights: Mapping[str, Array],
    images: Array,
    labels: Array,
    *,
    epochs: int = 8,
    batch_size: int = 64,
    learning_rate: float = 0.05,
    momentum: float = 0.9,
    seed: int = 1,
) -> tuple[Weights, list[float]]:
    """Run mini-batch gradient descent with momentum.

    Args:
        weights: to start from; they are left as they are.
        images: (n, H, W, C) in 0..1.
        labels: whole numbers (n,).
        epochs, batch_size, learning_rate, momentum: of the descent.
        seed: of the order of images.

    Returns:
        The trained weights and each epoch's mean training loss.
    """
    weights, random = dict(weights), np.random.default_rng(seed)
    velocity = {name: np.zeros_like(weight) for name, weight in weights.items()}
    losses = []
    for _ in range(epochs):
        total, order = 0.0, random.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            z, caches = forward(weights, images[batch])
            loss, dz = softmax_cross_entropy(z, labels[batch])
            for name, gradient in backward(dz, caches).items():
                velocity[name] = momentum * velocity[name] - learning_rate * gradient
                weights[name] = weights[name] + velocity[name]
            total += loss * len(batch)
        losses.append(total / len(images))
    return weights, losses
