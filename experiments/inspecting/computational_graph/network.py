"""A small Keras network as a graph: an image forward to the loss, gradients backward, by the passes of `models/ops`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_suite.experiments.inspecting.network import Call, calls_of
from keras_suite.models.layers.manual_layer import ManualLayer
from keras_suite.models.ops import activations
from keras_suite.models.ops.batch_normalization import batch_normalization_inference
from keras_suite.models.ops.convolution import conv2d
from keras_suite.models.ops.core import add, dense, flatten
from keras_suite.models.ops.global_pooling import global_average_pooling2d
from keras_suite.models.ops.losses import softmax_cross_entropy
from keras_suite.models.ops.op import Op
from keras_suite.models.ops.pooling import average_pooling2d, max_pooling2d

MOST_NODES = 60  # ops and weights: more can no longer be read
OF_NAMES: Mapping[str, Op] = {
    name: getattr(activations, name) for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
}


@dataclass(frozen=True)
class Value:
    """A tensor of the graph: what an op computes, or "" for the image, the labels and the weights.

    Attributes:
        label: What it is called: W1, b1, or the layer's name.
        inputs: The places of the values that the op takes, each before it.
        given: Of the image, the labels or a weight.
        variable: The weight that `given` is the value of.
        constants: Further tensors of the op, which have no gradient here.
    """

    label: str
    op: Op | None = None
    inputs: tuple[int, ...] = ()
    given: tf.Tensor | None = None
    variable: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    constants: tuple[tf.Tensor, ...] = ()


@dataclass(frozen=True)
class Passes:
    """What both passes found: for each value its tensor, the loss's gradient, and what it hands to each input."""

    tensors: Sequence[tf.Tensor]
    gradients: Sequence[tf.Tensor | None]
    shares: Sequence[Sequence[tf.Tensor | None]]

    @property
    def loss(self) -> float:
        return float(self.tensors[-1])


@dataclass(frozen=True)
class _Drafted:
    """An op of a layer, its weights by their letters, and what it takes beside."""

    op: Op
    weights: Sequence[tuple[str, Any]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    constants: Sequence[Any] = ()


def values_of(model: keras.Model, image: np.ndarray, label: int, name: str = "the network") -> list[Value]:
    """Return the values of a classifier from an image (H, W, C), 0..255, to the cross-entropy of its class.

    Batch normalisation has its moving statistics and dropout does nothing, as when the network predicts. A layer that
    scales the image is taken for a part of the image.

    Raises:
        ValueError: For a layer that no op computes, or a network of more than MOST_NODES values.
    """
    calls, logits = calls_of(model, image[np.newaxis].astype(np.float32))
    values: list[Value] = []
    places: dict[int, int] = {}
    number = 0
    for call in calls:
        if isinstance(call.layer, layers.InputLayer):
            continue
        if not values or (isinstance(call.layer, layers.Rescaling) and len(values) == 1):
            is_scaling = isinstance(call.layer, layers.Rescaling)
            values[:] = [Value("image", given=call.output if is_scaling else call.inputs[0])]
            places[id(call.output if is_scaling else call.inputs[0])] = 0
            if is_scaling:
                continue
        sources = tuple(places[id(tensor)] for tensor in call.inputs)
        drafted = _drafted(call, name)
        number += bool(drafted and drafted[0].weights)
        places[id(call.output)] = _append(values, call, drafted, sources, number)
    if len(values) > MOST_NODES:
        raise ValueError(f"{name} has {len(values)} values: at most {MOST_NODES} can be drawn; take a smaller network")
    labels = np.eye(logits.shape[-1], dtype=np.float32)[[label]]
    values.append(Value("target", given=tf.constant(labels)))
    end = (places[id(calls[-1].output)], len(values) - 1)
    values.append(Value("L", softmax_cross_entropy, end))
    return values


def _append(values: list[Value], call: Call, drafted: Sequence[_Drafted], sources: Sequence[int], number: int) -> int:
    """Append a layer's weights and ops; return the place of its result."""
    inputs = tuple(sources)
    for k, draft in enumerate(drafted):
        weights = []
        for letter, variable in draft.weights:
            weights.append(len(values))
            given = tf.convert_to_tensor(variable)
            values.append(Value(f"{letter}{number}", given=given, variable=variable))
        label = call.name if k == len(drafted) - 1 else f"z{number}" + "′" * k
        constants = tuple(tf.convert_to_tensor(each) for each in draft.constants)
        values.append(Value(label, draft.op, (*inputs, *weights), None, None, draft.options, constants))
        inputs = (len(values) - 1,)
    return inputs[0]


def _drafted(call: Call, name: str) -> list[_Drafted]:
    """Return the ops that a layer's call is made of; none where it hands on what it gets."""
    layer = call.layer
    if isinstance(layer, layers.Dropout | layers.SpatialDropout2D) or type(layer).__name__ == "ManualDropout":
        return []
    if isinstance(layer, ManualLayer):
        steps = layer.steps(call.inputs[0], False)
        return [_manual(step.op, step.tensors, step.options) for step in steps]
    for kind, draft in _KINDS.items():
        if isinstance(layer, kind):
            return draft(layer) + _activation(layer, name)
    raise ValueError(
        f"{name}: no hand-derived op computes the layer {call.name} ({type(layer).__name__}): possible are "
        f"{', '.join(kind.__name__ for kind in _KINDS)} and the suite's own layers"
    )


def _manual(op: Op, tensors: Sequence[Any], options: Mapping[str, Any]) -> _Drafted:
    given = [tensor for tensor in tensors if tensor is not None]
    return _Drafted(op, list(zip("Wb", given, strict=False)), options, given[2:])


def _activation(layer: Any, name: str) -> list[_Drafted]:
    of = getattr(layer, "activation", None)
    kind = getattr(of, "__name__", "linear")
    if kind == "linear":
        return []
    if kind not in OF_NAMES:
        raise ValueError(
            f"{name}: no hand-derived op computes the activation {kind}: possible are {', '.join(OF_NAMES)}"
        )
    return [_Drafted(OF_NAMES[kind])]


def _kernel_and_bias(layer: Any) -> list[tuple[str, Any]]:
    return [("W", layer.kernel), *([("b", layer.bias)] if layer.use_bias else [])]


def _conv2d(layer: Any) -> list[_Drafted]:
    options = {"stride": layer.strides, "dilation": layer.dilation_rate, "padding": layer.padding}
    return [_Drafted(conv2d, _kernel_and_bias(layer), {**options, "groups": layer.groups})]


def _slope(layer: Any) -> dict[str, float]:
    return {"negative_slope": float(layer.negative_slope)}


def _pooling(op: Op) -> Callable[[Any], list[_Drafted]]:
    return lambda layer: [
        _Drafted(op, options={"pool_size": layer.pool_size, "stride": layer.strides, "padding": layer.padding})
    ]


def _batch_normalization(layer: Any) -> list[_Drafted]:
    weights = [("γ", layer.gamma), ("β", layer.beta)]
    constants = (layer.moving_mean, layer.moving_variance)
    return [_Drafted(batch_normalization_inference, weights, {"epsilon": layer.epsilon}, constants)]


_KINDS: Mapping[type, Callable[[Any], list[_Drafted]]] = {
    layers.Conv2D: _conv2d,
    layers.Dense: lambda layer: [_Drafted(dense, _kernel_and_bias(layer))],
    layers.MaxPooling2D: _pooling(max_pooling2d),
    layers.AveragePooling2D: _pooling(average_pooling2d),
    layers.GlobalAveragePooling2D: lambda layer: [_Drafted(global_average_pooling2d)],
    layers.Flatten: lambda layer: [_Drafted(flatten)],
    layers.BatchNormalization: _batch_normalization,
    layers.LeakyReLU: lambda layer: [
        _Drafted(OF_NAMES["leaky_relu"], options={"negative_slope": layer.negative_slope})
    ],
    layers.ReLU: lambda layer: [_Drafted(OF_NAMES["relu"])],
    layers.Add: lambda layer: [_Drafted(add)],
    layers.Activation: lambda layer: [],
}


def passes_of(values: Sequence[Value]) -> Passes:
    """Run the ops forward, and backward from the loss, whose gradient with respect to itself is 1."""
    tensors: list[tf.Tensor] = []
    caches: list[Any] = []
    for value in values:
        if value.op is None:
            tensors.append(value.given)
            caches.append(None)
            continue
        y, cache = value.op.forward(*(tensors[k] for k in value.inputs), *value.constants, **value.options)
        tensors.append(y)
        caches.append(cache)
    gradients: list[tf.Tensor | None] = [None] * len(values)
    gradients[-1] = tf.ones_like(tensors[-1])
    shares: list[Sequence[tf.Tensor | None]] = [()] * len(values)
    for place in range(len(values) - 1, -1, -1):
        op, gradient = values[place].op, gradients[place]
        if op is None or gradient is None:
            continue
        inputs = values[place].inputs
        shares[place] = op.backward(gradient, caches[place])[: len(inputs)]
        for source, share in zip(inputs, shares[place], strict=True):
            if share is not None:
                before = gradients[source]
                gradients[source] = share if before is None else before + share
    return Passes(tensors, gradients, shares)


def after_a_step(values: Sequence[Value], passes: Passes, learning_rate: float) -> list[Value]:
    """Return the values with each weight moved against its gradient: w - learning_rate dL/dw."""
    moved = []
    for value, gradient in zip(values, passes.gradients, strict=True):
        if value.variable is not None and value.given is not None and gradient is not None:
            given = value.given - learning_rate * tf.cast(gradient, value.given.dtype)
            value = Value(value.label, given=given, variable=value.variable)
        moved.append(value)
    return moved
