"""Losses; the mean over the batch is minimised.

Those of classes are on one-hot (or soft) labels and logits, both (B, classes), `cross_entropy` on each pixel's or
word's (B, ..., classes) just as well. The others are on numbers (B, ...), of angles, vectors or pixels.
"""

from typing import Annotated, Any

import keras
from keras import ops
from pydantic import Field

Smoothing = Annotated[float, Field(ge=0, lt=1)]


def cross_entropy(*, label_smoothing: Smoothing = 0.0) -> keras.losses.Loss:
    """Create cross-entropy from logits s: -sum_k y_k log softmax(s)_k.

    Args:
        label_smoothing: a, by which labels y become (1 - a) y + a / classes (Szegedy et al. 2016).
    """
    return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing, name="cross_entropy")


def mse() -> keras.losses.Loss:
    """Create the mean over the classes of (softmax(s)_k - y_k)^2: the Brier score (1950) divided by their number."""
    return MeanSquaredError()


def hinge(*, margin: Annotated[float, Field(gt=0)] = 1.0) -> keras.losses.Loss:
    """Create the multi-class hinge loss: the sum over the wrong classes j of max(0, s_j - s_y + margin).

    Weston and Watkins 1999, as in CS231n; Keras's CategoricalHinge takes the worst wrong class. Labels are one-hot.
    """
    return MultiClassHinge(margin=margin)


def kl(*, label_smoothing: Smoothing = 0.0) -> keras.losses.Loss:
    """Create the Kullback-Leibler divergence KL(y || softmax(s)) = sum_k y_k (log y_k - log softmax(s)_k).

    Cross-entropy less the labels' own entropy: the same gradient, but 0 where the prediction equals the label.

    Args:
        label_smoothing: see `cross_entropy`.
    """
    return KLDivergence(label_smoothing=label_smoothing)


def squared_error() -> keras.losses.Loss:
    """Create the mean of (prediction - target)^2, which the mean of possible targets minimises."""
    return keras.losses.MeanSquaredError(name="squared_error")


def absolute_error() -> keras.losses.Loss:
    """Create the mean of |prediction - target|, which the median of possible targets minimises."""
    return keras.losses.MeanAbsoluteError(name="absolute_error")


def huber(*, delta: Annotated[float, Field(gt=0)] = 1.0) -> keras.losses.Loss:
    """Create Huber's loss (1964): half the squared error up to `delta`, beyond it delta (|error| - delta / 2).

    Units are the target's, so radians for angles.
    """
    return keras.losses.Huber(delta=delta, name="huber")


def cosine_distance() -> keras.losses.Loss:
    """Create 1 - cos of the angle between prediction and target, whatever their lengths."""
    return CosineDistance()


@keras.saving.register_keras_serializable(package="models")
class MeanSquaredError(keras.losses.Loss):
    """See `mse`."""

    def __init__(self, name: str = "mse", **config: Any) -> None:
        super().__init__(name=name, **config)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.square(ops.softmax(y_pred) - y_true), axis=-1)


@keras.saving.register_keras_serializable(package="models")
class MultiClassHinge(keras.losses.Loss):
    """See `hinge`."""

    def __init__(self, margin: float = 1.0, name: str = "hinge", **config: Any) -> None:
        super().__init__(name=name, **config)
        self.margin = margin

    def call(self, y_true: Any, y_pred: Any) -> Any:
        correct = ops.sum(y_true * y_pred, axis=-1, keepdims=True)
        violations = ops.maximum(y_pred - correct + self.margin, 0.0)
        return ops.sum((1.0 - y_true) * violations, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "margin": self.margin}


@keras.saving.register_keras_serializable(package="models")
class KLDivergence(keras.losses.Loss):
    """See `kl`."""

    def __init__(self, label_smoothing: float = 0.0, name: str = "kl", **config: Any) -> None:
        super().__init__(name=name, **config)
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        smoothed = (1.0 - self.label_smoothing) * y_true + self.label_smoothing / y_pred.shape[-1]
        entropy_terms = smoothed * ops.log(ops.where(smoothed > 0, smoothed, 1.0))  # 0 log 0 = 0
        return ops.sum(entropy_terms - smoothed * ops.log_softmax(y_pred), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "label_smoothing": self.label_smoothing}


@keras.saving.register_keras_serializable(package="models")
class CosineDistance(keras.losses.Loss):
    """See `cosine_distance`."""

    def __init__(self, name: str = "cosine_distance", **config: Any) -> None:
        super().__init__(name=name, **config)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return 1.0 - ops.sum(ops.normalize(y_true, axis=-1) * ops.normalize(y_pred, axis=-1), axis=-1)
