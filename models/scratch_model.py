"""Train without autodiff: a Keras model whose step runs the hand-written backward passes in reverse order.

Everything around the step is Keras's: optimizer, metrics, callbacks, saving. Nothing in it opens a GradientTape.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_suite.models.layers.manual_layer import PACKAGE, ManualLayer
from keras_suite.models.losses import KLDivergence, MeanSquaredError, MultiClassHinge
from keras_suite.models.ops.activations import softmax
from keras_suite.models.ops.losses import hinge, kl_divergence, mean_squared_error, softmax_cross_entropy
from keras_suite.models.ops.op import Op
from keras_suite.models.regularizers import factors

PREPROCESSING = (keras.layers.InputLayer, keras.layers.Rescaling)  # before the first weight, so nothing flows back


@keras.saving.register_keras_serializable(PACKAGE)
class ScratchModel(keras.Model):
    """A chain of hand-derived layers, built as any functional model: ScratchModel(inputs, outputs)."""

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        if sample_weight is not None:
            raise ValueError("a ScratchModel takes no sample weights: its losses are means over the batch")
        self._refuse_what_is_not_hand_written()
        logits, done = self.pass_forward(x)
        loss, dlogits = loss_gradient(self.loss)(logits, y)
        if self.losses:
            loss += tf.add_n([tf.cast(penalty, loss.dtype) for penalty in self.losses])
        # Under mixed_float16 the optimizer works on a loss many times larger, so that small gradients do not underflow.
        scale = self.optimizer.scale_loss(tf.ones([], loss.dtype))
        gradients = self.pass_backward(tf.cast(scale, dlogits.dtype) * dlogits, done, scale)
        self.optimizer.apply([gradients[v.path] for v in self.trainable_variables], self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=tf.shape(x)[0])
            else:
                metric.update_state(y, logits)
        return self.get_metrics_result()

    def pass_forward(self, x: tf.Tensor) -> tuple[tf.Tensor, list[tuple[ManualLayer, Any]]]:
        """Return the outputs of a training batch, and each layer with the caches of its ops."""
        done = []
        for layer in self.layers:
            if isinstance(layer, ManualLayer):
                x, caches = layer.forward(x, training=True)
                done.append((layer, caches))
            elif not isinstance(layer, keras.layers.InputLayer):
                x = layer(x)
        return x, done

    def pass_backward(
        self, dy: tf.Tensor, done: Sequence[tuple[ManualLayer, Any]], scale: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Return the gradient of each trainable variable by its path; `scale` is by how much dy has been scaled."""
        gradients: dict[str, tf.Tensor] = {}
        for layer, caches in reversed(done):
            dy, of_layer = layer.backward(dy, caches)
            penalties = penalty_gradient(layer)()
            for variable, gradient in of_layer:
                gradient = tf.cast(gradient, variable.dtype)
                if variable.path in penalties:
                    gradient += tf.cast(scale, variable.dtype) * penalties[variable.path]
                gradients[variable.path] = gradient
        return gradients

    def _refuse_what_is_not_hand_written(self) -> None:
        """Raise ValueError, when the step is traced, for a layer or penalty without a hand-written gradient."""
        for layer in self.layers:
            if not isinstance(layer, (ManualLayer, *PREPROCESSING)):
                raise ValueError(
                    f"{layer.name} is a {type(layer).__name__} without a hand-written backward pass: expected only "
                    "layers of models/layers"
                )
            penalty_gradient(layer)


LossGradient = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def loss_gradient(loss: Any) -> LossGradient:
    """Return the function (logits, labels) -> (loss, dlogits) of a compiled loss.

    Raises:
        ValueError: if it has no hand-written gradient.
    """
    op: Op
    options, smoothing = {}, getattr(loss, "label_smoothing", 0.0)
    if isinstance(loss, keras.losses.CategoricalCrossentropy) and loss.from_logits:
        op = softmax_cross_entropy
    elif isinstance(loss, MultiClassHinge):
        op, options = hinge, {"margin": loss.margin}
    elif isinstance(loss, KLDivergence):
        op = kl_divergence
    elif isinstance(loss, MeanSquaredError):
        return _brier
    else:
        raise ValueError(
            f"the loss {getattr(loss, 'name', loss)!r} has no hand-written gradient: expected one of cross_entropy, "
            "hinge, kl, mse"
        )

    def gradient(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        smoothed = (1 - smoothing) * labels + smoothing / logits.shape[-1] if smoothing else labels
        value, cache = op.forward(logits, smoothed, **options)
        return value, op.backward(tf.ones([], value.dtype), cache)[0]

    return gradient


def _brier(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the mean squared error of softmax(z), and its gradient through the softmax's own backward pass."""
    s, s_cache = softmax.forward(logits)
    value, cache = mean_squared_error.forward(s, labels)
    [ds, _] = mean_squared_error.backward(tf.ones([], value.dtype), cache)
    return value, softmax.backward(ds, s_cache)[0]


def penalty_gradient(layer: Any) -> Callable[[], dict[str, tf.Tensor]]:
    """Return what computes l1 sign(w) + 2 l2 w for each penalised weight of the layer, by path.

    sign(0) is 0, as in TensorFlow.

    Raises:
        ValueError: for a regularizer other than Keras's L1, L2 and L1L2.
    """
    penalised = []
    for name in ("kernel", "bias"):
        regularizer = getattr(layer, f"{name}_regularizer", None)
        if regularizer is None:
            continue
        if not isinstance(regularizer, keras.regularizers.L1L2 | keras.regularizers.L1 | keras.regularizers.L2):
            raise ValueError(
                f"{layer.name}: the {name}'s regularizer {type(regularizer).__name__} has no hand-written gradient: "
                "expected L1, L2 or L1L2 of Keras"
            )
        penalised.append((name, *factors(regularizer)))

    def gradient() -> dict[str, tf.Tensor]:
        weights = [(getattr(layer, name), l1, l2) for name, l1, l2 in penalised if getattr(layer, name) is not None]
        return {
            w.path: tf.cast(l1, w.dtype) * tf.sign(w.value) + 2 * tf.cast(l2, w.dtype) * w.value
            for w, l1, l2 in weights
        }

    return gradient
