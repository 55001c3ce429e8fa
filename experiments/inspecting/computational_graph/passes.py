"""The values of a graph forward and its gradients backward, by the passes of `models/ops`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tensorflow as tf

from keras_suite.experiments.inspecting.computational_graph.expression import Node
from keras_suite.models.ops import activations, elementary
from keras_suite.models.ops.core import add

OPS: Mapping[str, Any] = {
    "add": add,
    "subtract": elementary.subtract,
    "multiply": elementary.multiply,
    "divide": elementary.divide,
    "negative": elementary.negative,
    "power": elementary.power,
    "exp": elementary.exp,
    "log": elementary.log,
    "sqrt": elementary.sqrt,
    "maximum": elementary.maximum,
    "sigmoid": activations.sigmoid,
    "tanh": activations.tanh,
    "relu": activations.relu,
    "leaky_relu": activations.leaky_relu,
    "elu": activations.elu,
}


@dataclass(frozen=True)
class Computed:
    """What both passes found, a number for each node, in the order of the nodes.

    Attributes:
        values: Of the nodes.
        gradients: Of the result with respect to each node, all paths added up.
        local: The partial derivative of each node with respect to each of its inputs.
    """

    values: tuple[float, ...]
    gradients: tuple[float, ...]
    local: tuple[tuple[float, ...], ...]


def computed(nodes: Sequence[Node], own: Mapping[str, Any] | None = None) -> Computed:
    """Run a graph forward and backward in float64.

    Args:
        nodes: Each after its inputs, the result last.
        own: Ops of the user's own, by name: anything with a `forward` and a `backward` as `models/ops/op.py` has them.

    Raises:
        ValueError: If a value is none, as the logarithm of -1.
    """
    ops = {**OPS, **(own or {})}
    values: list[tf.Tensor] = []
    caches: list[Any] = []
    for node in nodes:
        if not node.op:
            value, cache = tf.constant(node.value, tf.float64), None
        else:
            value, cache = ops[node.op].forward(*(values[place] for place in node.inputs), **node.options)
            _refuse_none(nodes, node, value, [values[place] for place in node.inputs])
        values.append(value)
        caches.append(cache)
    one = tf.constant(1.0, tf.float64)
    local = tuple(
        _partial(ops[node.op].backward(one, cache), node) if node.op else ()
        for node, cache in zip(nodes, caches, strict=True)
    )
    gradients = [tf.zeros((), tf.float64) for _ in nodes]
    gradients[-1] = one
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        if not node.op:
            continue
        passed = ops[node.op].backward(gradients[place], caches[place])
        for source, gradient in zip(node.inputs, passed, strict=True):
            if gradient is not None:
                gradients[source] = gradients[source] + gradient
    return Computed(tuple(map(float, values)), tuple(map(float, gradients)), local)


def _partial(gradients: Sequence[Any], node: Node) -> tuple[float, ...]:
    if len(gradients) != len(node.inputs):
        raise ValueError(f"{node.op} has {len(gradients)} gradients for its {len(node.inputs)} inputs")
    return tuple(0.0 if gradient is None else float(gradient) for gradient in gradients)


def _refuse_none(nodes: Sequence[Node], node: Node, value: Any, inputs: Sequence[Any]) -> None:
    if value.shape.rank != 0:
        raise ValueError(f"{node.op} returned a tensor of the shape {tuple(value.shape)}: expected a single number")
    if not math.isfinite(float(value)):
        of = ", ".join(f"{float(each):g}" for each in inputs)
        raise ValueError(f"{node.op} of {of} is {float(value):g}: give values for which it is a number")


def after_a_step(nodes: Sequence[Node], passes: Computed, learning_rate: float, trained: Sequence[str]) -> list[Node]:
    """Return the nodes with each trained variable moved against its gradient: w - learning_rate dL/dw."""
    return [
        replace(node, value=(node.value or 0.0) - learning_rate * passes.gradients[place])
        if node.is_variable and node.name in trained
        else node
        for place, node in enumerate(nodes)
    ]
