"""The largest eigenvalue of the loss's Hessian while a network trains: how steeply the valley that it is in curves."""

from collections.abc import Sequence
from typing import Annotated, Any

import keras
import numpy as np
import tensorflow as tf
from pydantic import Field

from keras_suite.callbacks.probing.probe import ProbeBatch, TrainingData

Count = Annotated[int, Field(ge=1)]


def sharpness(*, every: Count = 10, images: Count = 500, iterations: Count = 20) -> "Sharpness":
    """Measure the sharpness of the minimum before the first epoch, after every `every`-th and after the last.

    Args:
        every: epochs from one measurement to the next.
        images: training images that the loss is the mean of; all where there are fewer. As many as a batch has, for
            training by full batches, make it the loss that is descended.
        iterations: of the power method, each a Hessian-vector product: the cost of about four steps on these images.
    """
    return Sharpness(every, images, iterations)


class Sharpness(keras.callbacks.Callback):
    """Collects in `rows` [epoch, eigenvalue]; `set_data` must be called, or `probe` set, before training.

    The loss is that of the network as it predicts (no dropout, batch normalisation by its moving statistics), without
    penalties. `get_state` and `set_state` carry the rows over to another process.
    """

    def __init__(self, every: int, images: int, iterations: int) -> None:
        super().__init__()
        self.every, self.images, self.iterations = every, images, iterations
        self.probe: ProbeBatch | None = None
        self.rows: list[list[float]] = []

    def set_data(self, data: TrainingData) -> None:
        """Take the probe from what the run is trained on."""
        self.probe = data.probe(self.images)

    def on_train_begin(self, logs: Any = None) -> None:
        assert self.probe is not None
        self.rows, self._epoch = [], 0
        inputs, targets = self.probe.tensors()
        weights = [variable.value for variable in self.model.trainable_variables]

        @tf.function(autograph=False)
        def product(*vectors: tf.Tensor) -> list[tf.Tensor]:
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    loss = self.model.loss(targets, self.model(inputs, training=False))
                gradients = inner.gradient(loss, weights)
                along = tf.add_n([tf.reduce_sum(g * v) for g, v in zip(gradients, vectors, strict=True)])
            products = outer.gradient(along, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            return [tf.convert_to_tensor(each) for each in products]

        self._product, self._shapes = product, [tuple(weight.shape) for weight in weights]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if not self.rows:
            self._measure(epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch + 1
        if self._epoch % self.every == 0:
            self._measure(self._epoch)

    def on_train_end(self, logs: Any = None) -> None:
        if self._epoch and self.rows[-1][0] != self._epoch:
            self._measure(self._epoch)
        del self._product  # it holds a graph

    def get_state(self) -> dict[str, Any]:
        """Return the last epoch and the rows so far, JSON values."""
        return {"epoch": self._epoch, "rows": self.rows}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore what `get_state` returned; to be called after `on_train_begin`."""
        self._epoch, self.rows = state["epoch"], state["rows"]

    def found(self) -> list[list[float]]:
        """Return what the run's metrics keep."""
        return self.rows

    def _measure(self, epoch: int) -> None:
        self.rows.append([epoch, largest_eigenvalue(self._along, sum(map(_size, self._shapes)), self.iterations)])

    def _along(self, vector: np.ndarray) -> np.ndarray:
        """Return the Hessian times a vector (n,) of all weights in a row."""
        ends = np.cumsum([_size(shape) for shape in self._shapes])[:-1]
        parts = [part.reshape(shape) for part, shape in zip(np.split(vector, ends), self._shapes, strict=True)]
        products = self._product(*(tf.constant(part, tf.float32) for part in parts))
        return np.concatenate([np.asarray(each).ravel() for each in products]).astype(np.float64)


def largest_eigenvalue(product: Any, size: int, iterations: int) -> float:
    """Return the largest eigenvalue of a symmetric matrix by power iteration.

    v <- H v / |H v| turns any start towards the eigenvector of the eigenvalue that is largest in size; v . H v is then
    its estimate, from below. Where that one is negative, a second round on H + |it| I finds the largest: no eigenvalue
    of that matrix is negative. The start is the same every time.

    Args:
        product: the matrix times a vector (size,).
        size: of the matrix, size x size.
        iterations: of each round.

    Returns:
        The eigenvalue; nan where a product is no number.
    """
    first = _power(product, size, iterations, 0.0)
    return first if not first < 0 else _power(product, size, iterations, -first)


def _power(product: Any, size: int, iterations: int, shift: float) -> float:
    vector = np.random.default_rng(0).normal(size=size)
    estimate = 0.0
    for _ in range(iterations):
        vector /= np.linalg.norm(vector)
        image = product(vector) + shift * vector
        estimate = float(vector @ image)
        if not np.linalg.norm(image) > 0:  # nothing curves, or something is no number
            break
        vector = image
    return estimate - shift


def _size(shape: Sequence[int]) -> int:
    return int(np.prod(shape))
