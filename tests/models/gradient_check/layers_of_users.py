"""Layers and models as people write them, sound and with slips, for the tests of the check of whole models."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits

PACKAGE = "gradient_check_tests"


def digits(count: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Images 0..255 (n, 8, 8, 1) and labels (n,)."""
    loaded = load_digits()
    return (loaded.images[:count, ..., None] * 255 / 16), loaded.target[:count]


@keras.saving.register_keras_serializable(PACKAGE)
class OwnDense(layers.Layer):
    """A dense layer with a gradient of its own; its kernel's is `factor` times what it must be."""

    def __init__(self, units: int, factor: float = 1.0, **layer: Any) -> None:
        super().__init__(**layer)
        self.units, self.factor = units, factor

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(name="kernel", shape=(shape[-1], self.units))

    def call(self, x: Any) -> Any:
        @tf.custom_gradient
        def product(x: Any, kernel: Any) -> Any:
            return x @ kernel, lambda dy: (dy @ tf.transpose(kernel), self.factor * tf.transpose(x) @ dy)

        return product(x, tf.convert_to_tensor(self.kernel))

    def get_config(self) -> dict[str, Any]:
        return {"units": self.units, "factor": self.factor, "name": self.name}  # says nothing of a precision


@keras.saving.register_keras_serializable(PACKAGE)
class HalfDead(layers.Layer):
    """Two weights, of which a gradient reaches only the first."""

    def build(self, shape: Any) -> None:
        self.live = self.add_weight(name="live", shape=(shape[-1],), initializer="ones")
        self.dead = self.add_weight(name="dead", shape=(shape[-1],), initializer="ones")

    def call(self, x: Any) -> Any:
        return x * self.live + tf.stop_gradient(x * self.dead)


@keras.saving.register_keras_serializable(PACKAGE)
class Narrow(layers.Layer):
    """Computes in float32 whatever it is given: by a cast, or because it cannot otherwise."""

    def __init__(self, cast: bool, **layer: Any) -> None:
        super().__init__(**layer)
        self.cast = cast

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer="ones")

    def call(self, x: Any) -> Any:
        if self.cast:
            return tf.cast(x, tf.float32) * tf.cast(self.scale, tf.float32)
        return x * self.scale * tf.ones((x.shape[-1],), tf.float32)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cast": self.cast}


@keras.saving.register_keras_serializable(PACKAGE)
class Rounded(layers.Layer):
    """Multiplies by a weight that is rounded to tenths, whose gradient is passed on as if it were not."""

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer="ones")

    def call(self, x: Any) -> Any:
        scale = tf.convert_to_tensor(self.scale)
        return x * (scale + tf.stop_gradient(tf.round(10 * scale) / 10 - scale))


@keras.saving.register_keras_serializable(PACKAGE)
class TensorFlowDropout(layers.Layer):
    """Dropout by TensorFlow's own generator, which no layer's state restores."""

    def call(self, x: Any, training: bool = False) -> Any:
        return tf.nn.dropout(x, 0.5) if training else x


@keras.saving.register_keras_serializable(PACKAGE)
class Subclassed(keras.Model):
    """A model that is no graph of layers."""

    def __init__(self, factor: float = 1.0, **model: Any) -> None:
        super().__init__(**model)
        self.scale, self.flat = layers.Rescaling(1 / 255), layers.Flatten()
        self.own, self.normal = OwnDense(7, factor, name="own"), layers.BatchNormalization(name="normal")
        self.drop, self.logits = layers.Dropout(0.4), layers.Dense(10, name="logits")

    def call(self, images: Any, training: bool = False) -> Any:
        x = self.normal(self.own(self.flat(self.scale(images))), training=training)
        return self.logits(self.drop(x, training=training))


def stack(*inside: layers.Layer, size: int = 8) -> keras.Sequential:
    """Layers between scaled digits and logits."""
    first = [keras.Input((size, size, 1)), layers.Rescaling(1 / 255), layers.Flatten()]
    return keras.Sequential([*first, *inside, layers.Dense(10, name="logits")])


def block(name: str = "block") -> keras.Model:
    """A model to stand inside another: a convolution with batch normalisation and dropout around a shortcut."""
    inputs = keras.Input((None, None, 4))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(inputs)
    x = layers.Dropout(0.2)(layers.BatchNormalization(name="normal")(x))
    return keras.Model(inputs, layers.Add()([inputs, x]), name=name)


def nested() -> keras.Model:
    """A graph that holds a Sequential that holds a graph, with a penalty, for images of an open size."""
    inputs = keras.Input((None, None, 1))
    x = layers.Conv2D(4, 3, name="first")(layers.Rescaling(1 / 255)(inputs))
    x = keras.Sequential([block(), layers.MaxPooling2D()])(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, kernel_regularizer="l1", name="logits")(x))
