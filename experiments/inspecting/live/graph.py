"""A classifier as a list of operations with their weights, each of which reads the outputs of earlier ones."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_suite.experiments.inspecting.live.draft import Shape, Unsupported
from keras_suite.experiments.inspecting.live.operations import drafts_of, kinds_of_layers
from keras_suite.experiments.inspecting.network import Network, calls_of

MOST_MULTIPLY_ADDS = 50_000_000  # an image; the demo net's 12 million take a browser some 20 ms
MOST_WEIGHTS = 8_000_000  # 43 MB of a page


@dataclass(frozen=True)
class Operation:
    """An operation of the page.

    Attributes:
        name: Of the layer that it belongs to, unique in the network.
        layer: The kind of layer, as Keras names its class; "" for the image itself.
        kind: Of the operation, see `operations.Draft`, as the next ones.
        inputs: The numbers of the operations that it reads.
        multiply_adds: Of one image.
    """

    name: str
    layer: str
    kind: str
    shape: Shape
    inputs: tuple[int, ...]
    numbers: Mapping[str, Any]
    weights: Mapping[str, np.ndarray]

    @property
    def multiply_adds(self) -> int:
        kernel = self.weights.get("kernel")
        if kernel is None:
            return 0
        return kernel.size * (math.prod(self.shape[:2]) if self.kind == "conv" else math.prod(self.shape[:-1]))


def operations_of(network: Network, name: str) -> list[Operation]:
    """Return the operations of a classifier from an image to its scores, the first of them the image itself.

    Layers that pass their input on when a network predicts, as dropout, have none.

    Args:
        network: The classifier.
        name: What it is called in an error.

    Raises:
        ValueError: If a layer has no operation, the size of the images is open, or the network is too large.
    """
    if network.size is None:
        raise ValueError(f"{name} takes images of any size: a page needs one; save the model built for a size")
    shape = (*network.size, network.channels)
    calls, logits = calls_of(network.model, np.zeros((1, *shape), np.float32))
    operations = [Operation("image", "", "image", shape, (), {}, {})]
    places: dict[int, int] = {}  # of a tensor, by its identity: all of them live as long as `calls`
    for call in calls:
        if not places:
            places[id(call.inputs[0])] = 0
        if any(id(tensor) not in places for tensor in call.inputs):
            raise ValueError(f"{name}: the layer {call.name} reads something that no layer before it computes")
        sources = [places[id(tensor)] for tensor in call.inputs]
        place = _add(operations, call.name, call.layer, sources, _shape(call.output), name)
        places.setdefault(id(call.output), place)
    if operations[-1].shape != tuple(logits.shape[1:]):
        raise ValueError(f"{name}: its last layer is not its output: only networks with one output can be shown")
    _check_size(operations, name)
    return operations


def _shape(tensor: tf.Tensor) -> Shape:
    return tuple(int(size) for size in tensor.shape[1:])


def _add(operations: list[Operation], call: str, layer: Any, sources: Sequence[int], output: Shape, name: str) -> int:
    """Append the operations of a layer's call; return the number of the last one, or of what it passes on."""
    try:
        drafts = drafts_of(layer, [operations[source].shape for source in sources], output)
    except Unsupported as error:
        raise ValueError(
            f"{name}: the layer {call} cannot be shown live ({error}): possible are {', '.join(kinds_of_layers())}"
        ) from None
    place = sources[0]
    for number, draft in enumerate(drafts):
        if len(draft.shape) not in (1, 3):
            raise ValueError(
                f"{name}: the layer {call} cannot be shown live (its output has the shape {draft.shape}): possible are "
                "maps (height, width, channels) and rows of units"
            )
        inputs = tuple(sources) if number == 0 else (place,)
        suffix = f"/{number + 1}" if len(drafts) > 1 else ""
        kind = type(layer).__name__
        operations.append(
            Operation(f"{call}{suffix}", kind, draft.kind, draft.shape, inputs, draft.numbers, draft.weights)
        )
        place = len(operations) - 1
    return place


def _check_size(operations: Sequence[Operation], name: str) -> None:
    multiply_adds = sum(operation.multiply_adds for operation in operations)
    weights = sum(array.size for operation in operations for array in operation.weights.values())
    for count, most, what in (
        (multiply_adds, MOST_MULTIPLY_ADDS, "million multiply-adds an image"),
        (weights, MOST_WEIGHTS, "million weights"),
    ):
        if count > most:
            raise ValueError(
                f"{name} has {count / 1e6:,.1f} {what}, more than the {most / 1e6:g} {what.split()[0]} that a page "
                "computes while one draws: use `inspect features`, or a smaller network"
            )
