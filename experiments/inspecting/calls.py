"""What an image becomes on its way through a network, layer call by layer call; models inside the model are opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from keras_suite.tasks.wording.near_names import unknown


@dataclass(frozen=True)
class Call:
    """One call of a layer, and what came out of it. Layers of a model inside the model are named `model/layer`."""

    name: str
    layer: Any
    output: tf.Tensor


def calls_of(
    model: keras.Model, images: Any, watch: Callable[[tf.Tensor], None] | None = None
) -> tuple[list[Call], tf.Tensor]:
    """All calls that images (B, H, W, C) 0..255 cause, in their order, and the logits (B, classes); nothing is trained.

    A gradient tape's `watch` is told of each output before the next layer reads it. So the gradient with respect to any
    of them can be asked for, also inside a nested model, whose layers no `keras.Model(inputs, layer.output)` reaches.
    """
    found: list[Call] = []
    logits = _run(model, tf.convert_to_tensor(images, tf.float32), "", found, watch)
    return found, tf.cast(logits, tf.float32)


def _run(
    model: Any, given: Any, prefix: str, found: list[Call], watch: Callable[[tf.Tensor], None] | None
) -> tf.Tensor:
    def recorded(layer: Any) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if _graph(layer) is not None:
                return _run(layer, args[0], f"{prefix}{layer.name}/", found, watch)
            if "training" in getattr(layer, "_call_context_args", {}):
                options["training"] = False
            output = layer(*args, **options)
            if isinstance(output, tf.Tensor):
                if watch is not None and output.dtype.is_floating:
                    watch(output)
                found.append(Call(_fresh(prefix + layer.name, found), layer, output))
            return output

        return call

    output = _graph(model)._run_through_graph(given, operation_fn=recorded)
    return output[0] if isinstance(output, list | tuple) and len(output) == 1 else output


def _graph(layer: Any) -> Any:
    """The graph of calls inside a model, for which Keras has no public name; None of a layer."""
    graph = getattr(layer, "_functional", None) or layer  # a Sequential keeps one inside
    return graph if hasattr(graph, "_run_through_graph") else None


def _fresh(name: str, found: Sequence[Call]) -> str:
    """The name, with a number from the second call of the same layer on."""
    before = sum(call.name == name or call.name.startswith(f"{name}:") for call in found)
    return f"{name}:{before + 1}" if before else name


def feature_maps(calls: Sequence[Call]) -> list[Call]:
    """The calls that give maps (B, H, W, C) of more than one position, from the first layer with a kernel on."""
    first = next((number for number, call in enumerate(calls) if kernel_of(call.layer) is not None), len(calls))
    return [call for call in calls[first:] if len(call.output.shape) == 4 and call.output.shape[1:3] != (1, 1)]


def of_their_own(maps: Sequence[Call]) -> list[Call]:
    """The maps of layers that do more than pool, pad or drop out; all where there are no such."""
    passed_on = ("Pooling", "Padding", "Dropout")
    own = [call for call in maps if not any(word in type(call.layer).__name__ for word in passed_on)]
    return own or list(maps)


def kernel_of(layer: Any) -> Any:
    """The layer's kernel as a variable; None where it has none."""
    kernels = (getattr(layer, name, None) for name in ("kernel", "depthwise_kernel"))
    return next((kernel for kernel in kernels if kernel is not None), None)


def named(maps: Sequence[Call], name: str, model_name: str) -> Call:
    """The feature maps of the layer `name`; inside a nested model its own name will do where there is only one such."""
    same = [call for call in maps if call.name == name] or [c for c in maps if c.name.rpartition("/")[2] == name]
    if len(same) != 1:
        raise ValueError(f"{model_name}: " + unknown("layer with feature maps", name, [call.name for call in maps]))
    return same[0]
