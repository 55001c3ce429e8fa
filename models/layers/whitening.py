"""A first layer that whitens patches of the images, adapted to them and not trained."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_suite.models.layers.manual_layer import PACKAGE

_AT_ONCE = 32  # images whose patches are in memory


@keras.saving.register_keras_serializable(PACKAGE)
class PatchWhitening(keras.layers.Layer):
    """A convolution whose filters whiten patches, each and its negative: (B, H, W, C) -> (B, H-k+1, W-k+1, 2 k k C).

    The filters are the patches' principal components divided by their standard deviations, so what comes out has
    variance 1 and is uncorrelated, where neighbouring pixels are alike (Page 2018; Jordan 2024, "94 % on CIFAR-10 in
    3.29 seconds on a single GPU"). Their negatives are there since the activation that follows cuts one side off. The
    bias starts at what takes the patches' mean away, and is trained.

    Until `adapt` is called, the layer returns zeros.

    Args:
        kernel_size: k, height and width of a patch.
        epsilon: Is added to each component's variance, in units of the mean of all: noise is not blown up.
    """

    def __init__(self, kernel_size: int = 2, epsilon: float = 5e-4, **options: Any) -> None:
        super().__init__(**options)
        self.kernel_size, self.epsilon = kernel_size, epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = int(input_shape[-1] or 0)
        filters = 2 * self.kernel_size**2 * channels
        shape = (self.kernel_size, self.kernel_size, channels, filters)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="zeros", trainable=False)
        self.bias = self.add_weight(name="bias", shape=(filters,), initializer="zeros")

    def adapt(self, batches: Iterable[Any]) -> None:
        """Set the kernel and the bias by batches of images (b, H, W, C), as they reach the layer."""
        size = self.kernel.shape[0] ** 2 * self.kernel.shape[2]
        count, total, products = 0, np.zeros(size), np.zeros((size, size))
        for batch in batches:
            images = np.asarray(batch, np.float64)
            for first in range(0, len(images), _AT_ONCE):
                patches = _patches(images[first : first + _AT_ONCE], self.kernel_size)
                count, total = count + len(patches), total + patches.sum(axis=0)
                products += patches.T @ patches
        mean = total / count
        variances, components = np.linalg.eigh(products / count - np.outer(mean, mean))
        largest = np.take_along_axis(components, np.abs(components).argmax(axis=0)[np.newaxis], axis=0)
        components *= np.sign(largest)  # LAPACK leaves the sign open
        whitening = components / np.sqrt(np.maximum(variances, 0) + self.epsilon * max(variances.mean(), 1e-12))
        kernel = np.concatenate([whitening, -whitening], axis=1)
        self.kernel.assign(kernel.reshape(self.kernel.shape))
        self.bias.assign(-mean @ kernel)

    def call(self, x: Any) -> Any:
        half = ops.conv(x, self.kernel[..., : self.kernel.shape[-1] // 2], padding="valid")
        return ops.concatenate([half, -half], axis=-1) + self.bias

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernel_size": self.kernel_size, "epsilon": self.epsilon}


def _patches(images: np.ndarray, side: int) -> np.ndarray:
    """Return all patches of images (n, H, W, C), each as a row of side * side * C numbers."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(1, 2))  # (n, H', W', C, side, side)
    return np.moveaxis(windows, 3, 5).reshape(-1, side * side * images.shape[-1])
