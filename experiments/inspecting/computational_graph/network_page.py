"""A network's graph in words: what each step of both passes does to tensors, of which the norms are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.experiments.inspecting.computational_graph.network import (
    Passes,
    Value,
    after_a_step,
    passes_of,
    values_of,
)
from keras_suite.experiments.inspecting.computational_graph.page import written
from keras_suite.experiments.inspecting.network import Network, load_network
from keras_suite.experiments.inspecting.run_images import images_of
from keras_suite.models.networks.pattern_cnn import pattern_cnn
from keras_suite.reports import run_directory
from keras_suite.reports.figures.graph_drawing import GraphNode
from keras_suite.reports.page.graph import GraphPage
from keras_suite.tasks.classes import softmax

SYMBOLS = {
    "conv2d": "conv",
    "dense": "dense",
    "max_pooling2d": "max",
    "average_pooling2d": "mean",
    "global_average_pooling2d": "mean",
    "flatten": "flat",
    "add": "+",
    "batch_normalization_inference": "norm",
    "softmax_cross_entropy": "CE",
    "sigmoid": "σ",
    "leaky_relu": "leaky",
}


@dataclass(frozen=True)
class Shown:
    """A classifier, an image (H, W, C), 0..255, the number of its class, and what a page says of them."""

    network: Network
    image: np.ndarray
    label: int
    title: str
    source: str


def untrained() -> Shown:
    """Return a small network of one convolution as it starts, and a digit of scikit-learn's."""
    data = digits(None)
    image, label = np.asarray(data.images[0]), int(data.labels[0])
    model = pattern_cnn(data.image_shape, len(data.class_names), 1, blocks=1, filters=4, dense_layers=0)
    source = "an untrained network and one of scikit-learn's handwritten digits"
    return Shown(Network(model, data.class_names), image, label, "A small network and one training step", source)


def of_run(run: Path, data_dir: Path | None) -> Shown:
    """Return a completed run's network and one of its training images.

    Raises:
        ValueError: If it is no classifier's, or did not minimise the cross-entropy.
    """
    network = load_network(run)
    record = run_directory.read_run(run, needs=())
    loss = (record.config.get("loss") or {}).get("name")
    if loss != "cross_entropy":
        raise ValueError(f"{run} minimised {loss}: the graph ends in the cross-entropy; give a run that did")
    some = images_of(record, data_dir, "training", 1)
    title = f"{record.variant}, seed {record.seed}: one training step"
    return Shown(network, some.images[0], int(some.labels[0]), title, "a run's network and one of its training images")


def network_page(shown: Shown, *, learning_rate: float, name: str) -> GraphPage:
    """Run both passes of a network for one image, and a training step, and describe them.

    Args:
        shown: The network and the image.
        learning_rate: Of the step of gradient descent.
        name: What the network is called in an error.
    """
    network, label = shown.network, shown.label
    values = values_of(network.model, shown.image, label, name)
    passes = passes_of(values)
    moved = after_a_step(values, passes, learning_rate)
    after = passes_of(moved)
    class_name = network.class_names[label]
    sure, surer = (100 * float(softmax(_logits(values, each))[0, label]) for each in (passes, after))
    answer = (
        f"L = {written(passes.loss)}, as the class {class_name} has {sure:.3g} %; after one step at the learning rate "
        f"{learning_rate:g} it is {written(after.loss)}, with {surer:.3g} %."
    )
    return GraphPage(
        title=shown.title,
        text=f"The image is of the class {class_name}. Every edge carries a tensor: its number is the Euclidean norm.",
        answer=answer,
        source=shown.source,
        nodes=[_node(place, values, passes) for place in range(len(values))],
        variables=_variables(values, passes, moved),
    )


def _logits(values: Sequence[Value], passes: Passes) -> np.ndarray:
    return np.asarray(passes.tensors[values[-1].inputs[0]])


def _norm(tensor: Any) -> str:
    if tensor is None:
        return "none"
    return f"{float(tf.norm(tensor)) + 0.0:.3g}"


def _shape(tensor: tf.Tensor, is_weight: bool) -> str:
    sizes = tensor.shape if is_weight else tensor.shape[1:]  # without the batch's axis
    return " × ".join(map(str, sizes)) or "1"


def _node(place: int, values: Sequence[Value], passes: Passes) -> GraphNode:
    value, tensor, gradient = values[place], passes.tensors[place], passes.gradients[place]
    if value.op is None:
        return GraphNode("", value.label, (), _norm(tensor), _norm(gradient))
    return GraphNode(
        symbol=SYMBOLS.get(value.op.name, value.op.name),
        label=value.label,
        inputs=value.inputs,
        value=_norm(tensor),
        gradient=_norm(gradient),
        shares=tuple(map(_norm, passes.shares[place])),
        forward=_forward(place, values, passes),
        backward=_backward(place, values, passes),
    )


def _forward(place: int, values: Sequence[Value], passes: Passes) -> str:
    value, tensor = values[place], passes.tensors[place]
    op = value.op.name if value.op else ""
    called = ", ".join(values[source].label for source in value.inputs)
    if tensor.shape.rank == 0:
        return f"{value.label} = {op}({called}) = {written(float(tensor))}"
    return f"{value.label} = {op}({called}): {_shape(tensor, False)}, of the norm {_norm(tensor)}"


def _backward(place: int, values: Sequence[Value], passes: Passes) -> str:
    value = values[place]
    parts = []
    for source, share in zip(value.inputs, passes.shares[place], strict=True):
        if share is None:
            parts.append(f"{values[source].label} gets none")
        else:
            is_weight = values[source].variable is not None
            parts.append(f"{values[source].label} gets {_shape(share, is_weight)} of the norm {_norm(share)}")
    return f"∂L/∂{value.label} has the norm {_norm(passes.gradients[place])}: " + "; ".join(parts)


def _variables(values: Sequence[Value], passes: Passes, moved: Sequence[Value]) -> list[dict[str, str]]:
    rows = []
    for value, gradient, after in zip(values, passes.gradients, moved, strict=True):
        if value.variable is None or value.given is None or after.given is None:
            continue
        rows.append(
            {
                "weights": f"{value.label}, {value.variable.path}",
                "shape": _shape(value.given, True),
                "norm": _norm(value.given),
                "norm of the gradient of L": _norm(gradient),
                "norm of the step": _norm(after.given - value.given),
            }
        )
    return rows
