"""Probe a network with one small batch: norms of weights and gradients, dead and saturated units, by layer.

Nothing in the network is changed by it: the pass is one of prediction, so no dropout mask is sampled and no moving
average moves, and gradients are only measured.
"""

import contextlib
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from keras_suite.callbacks.probing import evidence

PROBE_IMAGES = 64
MOST_LAYERS = 32  # of a deeper network: this many, evenly spread, the first and the last among them
NEAR_BOUND = 0.01  # a tanh or sigmoid this close to its bound has a slope below 4 % of its steepest

Values = dict[str, float | None]


@dataclass(frozen=True)
class ProbeBatch:
    """A batch to probe a network with.

    Attributes:
        inputs: images 0..255 or features (b, ...) float32, or several inputs: what the network is called with.
        targets: one-hot labels or other targets (b, ...) float32.
    """

    inputs: Any
    targets: Any

    def tensors(self) -> tuple[Any, tf.Tensor]:
        """Return both as tensors."""
        return tf.nest.map_structure(tf.convert_to_tensor, self.inputs), tf.convert_to_tensor(self.targets)


class TrainingData(Protocol):
    """What a callback with a method `set_data` is passed before training."""

    def probe(self, count: int) -> ProbeBatch:
        """Return `count` training images, or all where there are fewer."""


class LayerProbe:
    """Measures the watched layers of `network` on a probe batch; the graph is compiled once, at the first call.

    Args:
        network: any model.
        loss: of targets and outputs.
        probe: the batch.
        scaled: multiplies a loss as the optimizer does under mixed_float16, so that small gradients do not underflow.
        autodiff: whether gradients are measured; without it their columns stay empty.

    Attributes:
        evidence: what the last call showed of the network as a whole, see evidence.py; None where it has no such thing.
    """

    def __init__(
        self,
        network: keras.Model,
        loss: Callable[[Any, Any], Any],
        probe: ProbeBatch,
        *,
        scaled: Callable[[Any], Any] = lambda loss: loss,
        autodiff: bool = True,
    ) -> None:
        self._network, self._loss, self._scaled, self._autodiff = network, loss, scaled, autodiff
        self._layers = watched_layers(network)
        self.move_to(probe)
        self._cells: list[tuple[int, str]] = []
        self.evidence: Values = {}
        self._compiled = tf.function(self._measure, autograph=False)

    def move_to(self, probe: ProbeBatch) -> None:
        """Probe with another batch from now on; if it has the same sizes, nothing is compiled anew."""
        self._probe = probe.tensors()

    def weights(self) -> list[list[np.ndarray]]:
        """Return copies of the watched layers' kernels, to be compared with later."""
        return [[np.array(kernel) for kernel in _kernels(layer)] for layer in self._layers]

    def __call__(self, before: Sequence[Sequence[np.ndarray]] | None = None) -> dict[str, Values]:
        """Return the values of each layer by its name; "change" is |w - before| / |before|, None without `before`."""
        rows: list[Values] = [dict.fromkeys(COLUMNS) for _ in self._layers]
        whole: Values = dict.fromkeys(evidence.OF_PASSES)
        for (number, column), value in zip(self._cells, self._compiled(*self._probe).numpy().tolist(), strict=True):
            (whole if number == WHOLE else rows[number])[column] = value
        in_order = []
        for number, layer in enumerate(self._layers):
            kernels = [np.asarray(kernel) for kernel in _kernels(layer)]
            if kernels:
                in_order.append(kernels)
                rows[number]["weight_norm"] = _norm(kernels)
            if kernels and before is not None:
                old = before[number]
                moved = _norm([now - then for now, then in zip(kernels, old, strict=True)])
                rows[number]["change"] = moved / (_norm(old) or math.nan)
        self.evidence = {**whole, **evidence.of_kernels(in_order)}
        return {layer.name: row for layer, row in zip(self._layers, rows, strict=True)}

    def _measure(self, inputs: Any, targets: tf.Tensor) -> tf.Tensor:
        """Return all that passes through the network show, in one tensor; `_cells` says which number is whose."""
        outputs, of_kernels, of_outputs, whole = self._passes(inputs, targets)
        values = {(WHOLE, column): value for column, value in whole.items()}
        for number, layer in enumerate(self._layers):
            for column, gradients in (("gradient_norm", of_kernels), ("output_gradient_norm", of_outputs)):
                if gradients[number]:
                    values[number, column] = tf.sqrt(2 * tf.add_n([tf.nn.l2_loss(g) for g in gradients[number]]))
            share = _ACTIVATIONS.get(activation_name(layer))
            if share is not None:
                column, function = share
                values[number, column] = function(tf.cast(outputs[number], tf.float32))
        self._cells[:] = values
        return tf.stack(list(values.values())) if values else tf.zeros([0])

    def _passes(
        self, inputs: Any, targets: tf.Tensor
    ) -> tuple[list[Any], list[list[Any]], list[list[Any]], dict[str, tf.Tensor]]:
        """Return each layer's output, the loss's gradients by its kernels, and by its output if it has kernels.

        Last comes what the pass shows of the network as a whole.
        """
        kernels = [[kernel.value for kernel in _kernels(layer)] for layer in self._layers]
        first = next((layer.name for layer, own in zip(self._layers, kernels, strict=True) if own), None)
        with tf.GradientTape() if self._autodiff else contextlib.nullcontext() as tape:
            with _recorded(self._layers) as (received, outputs):
                answers = tf.cast(self._network(inputs, training=False), tf.float32)
            loss = tf.reduce_mean(self._loss(targets, answers))
            scaled = self._scaled(loss)
        in_order = [outputs[layer.name] for layer in self._layers]
        whole = evidence.of_passes(received.get(first or ""), answers, targets, loss)
        if tape is None:
            nothing: list[list[Any]] = [[] for _ in self._layers]
            return in_order, nothing, nothing, whole
        weighted = [[output] if own else [] for output, own in zip(in_order, kernels, strict=True)]
        factor = self._scaled(tf.ones([], tf.float32))
        of_kernels, of_outputs = (
            [[tf.cast(g, tf.float32) / factor for g in gradients if g is not None] for gradients in each]
            for each in tape.gradient(scaled, (kernels, weighted))
        )
        return in_order, of_kernels, of_outputs, whole


WHOLE = -1  # in place of a layer's number: of the network as a whole
COLUMNS = ("weight_norm", "gradient_norm", "output_gradient_norm", "change", "dead", "saturated")


def watched_layers(network: keras.Model) -> list[keras.Layer]:
    """Return the layers with trained kernels or rectified, tanh and sigmoid outputs, in the network's order."""
    layers = [layer for layer in _innermost(network) if _kernels(layer) or activation_name(layer) in _ACTIVATIONS]
    if len(layers) > MOST_LAYERS:
        layers = [layers[number] for number in np.linspace(0, len(layers) - 1, MOST_LAYERS).round().astype(int)]
    return layers


def activation_name(layer: keras.Layer) -> str | None:
    """Return the name of a layer's activation, as "relu"; None if it has none."""
    if isinstance(layer, keras.layers.ReLU):
        return "leaky_relu" if layer.negative_slope else "relu"
    activation = getattr(layer, "activation", None)
    return getattr(activation, "__name__", activation)


def _innermost(network: keras.Model) -> Iterator[keras.Layer]:
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _innermost(layer)
        else:
            yield layer


def _kernels(layer: keras.Layer) -> list[Any]:
    """Return trainable weights that connect units with units: neither biases nor batch normalisation's scales."""
    return [weight for weight in layer.trainable_weights if len(weight.shape) > 1]


@contextlib.contextmanager
def _recorded(layers: Sequence[keras.Layer]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield what the layers receive first and return while they are called in this block, by their names.

    A model with more outputs would not do: the layers behind a frozen feature extractor belong to several graphs, and
    Keras then does not say which output is whose.
    """
    received: dict[str, Any] = {}
    outputs: dict[str, Any] = {}

    def recording(layer: keras.Layer) -> Callable[..., Any]:
        call = layer.call

        @functools.wraps(call)
        def record(*inputs: Any, **options: Any) -> Any:
            if inputs:
                received[layer.name] = inputs[0]
            outputs[layer.name] = result = call(*inputs, **options)
            return result

        return record

    for layer in layers:
        layer.call = recording(layer)
    try:
        yield received, outputs
    finally:
        for layer in layers:
            del layer.call


def _norm(arrays: Sequence[np.ndarray]) -> float:
    return math.sqrt(sum(float(np.square(array, dtype=np.float64).sum()) for array in arrays))


def _dead(y: tf.Tensor) -> tf.Tensor:
    """Return the share of units (of a convolution: channels) that are zero everywhere, for every image."""
    return tf.reduce_mean(tf.cast(tf.reduce_all(y == 0, axis=list(range(len(y.shape) - 1))), tf.float32))


def _saturated(y: tf.Tensor, low: float) -> tf.Tensor:
    """Return the share of outputs that stand at a bound, `low` or 1."""
    margin = NEAR_BOUND * (1 - low)
    return tf.reduce_mean(tf.cast((y < low + margin) | (y > 1 - margin), tf.float32))


_ACTIVATIONS: dict[str | None, tuple[str, Callable[[tf.Tensor], tf.Tensor]]] = {
    "relu": ("dead", _dead),
    "tanh": ("saturated", functools.partial(_saturated, low=-1.0)),
    "sigmoid": ("saturated", functools.partial(_saturated, low=0.0)),
}
