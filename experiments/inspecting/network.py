"""The network of a run, or of any .keras file: images in, logits out, and every layer call between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from keras_suite.experiments.inspecting.predict import task_of_run, trained
from keras_suite.models.layers.views import ImageViews, MeanOfViews
from keras_suite.models.saving import class_names_in, load_keras
from keras_suite.tasks.classes import softmax
from keras_suite.tasks.wording.near_names import unknown

BATCH = 16  # images at a time: the widest maps of 16 photographs of 224 pixels in VGG16 take 200 MB


@dataclass(frozen=True)
class Network:
    """A model from images (B, H, W, C), float32 0..255, to logits (B, classes), and the names of its classes."""

    model: keras.Model
    class_names: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int] | None:
        """(height, width) of the images; None where the model leaves it open."""
        height, width = self.model.inputs[0].shape[1:3]
        return None if None in (height, width) else (height, width)

    @property
    def channels(self) -> int:
        return int(self.model.inputs[0].shape[-1])

    def scores(self, images: np.ndarray) -> np.ndarray:
        """Return the outputs float32 (n, classes) for images (n, H, W, C), computed a few at a time."""
        parts = [np.asarray(images[k : k + BATCH], np.float32) for k in range(0, len(images), BATCH)]
        return np.concatenate([np.asarray(self.model(part, training=False), np.float32) for part in parts])

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probabilities float32 (n, classes) of images (n, H, W, C)."""
        return softmax(self.scores(images))

    def class_index(self, name: str) -> int:
        """Return the index of the class `name`; ValueError with the nearest known name."""
        if name not in self.class_names:
            raise ValueError(unknown("class", name, self.class_names))
        return self.class_names.index(name)


def load_network(run: Path) -> Network:
    """Load the network of a completed run, or of a .keras file; classes of a foreign file are named by their numbers.

    A softmax at its end is removed: Grad-CAM needs the score before it, whose gradient does not vanish where the
    network is confident.

    Raises:
        ValueError, OSError: If the run or the shape of the model is not suitable.
    """
    task = task_of_run(run)
    if not task.predicts_classes:
        raise ValueError(f"{run} holds a model that predicts {task.target}: give a classifier")
    if run.is_dir() or class_names_in(run):
        model, class_names = trained(run)
    else:
        model, class_names = load_keras(run), ()
    shapes = [tuple(tensor.shape) for tensor in (*_tensors(model, "inputs"), *_tensors(model, "outputs"))]
    if [len(shape) for shape in shapes] != [4, 2] or shapes[0][-1] not in (1, 3):
        raise ValueError(
            f"{run} holds a model that cannot be inspected: expected a graph of layers from grey or RGB images "
            "(B, H, W, C) to an output for each class (B, classes)"
        )
    classes = int(shapes[1][-1])
    if classes < 2:
        raise ValueError(f"{run} holds a model with a single output: expected one for each class, with a softmax")
    return Network(_without_softmax(model), class_names or tuple(map(str, range(classes))))


def _tensors(model: Any, name: str) -> list[Any]:
    try:
        return list(getattr(model, name) or ())
    except AttributeError:  # a class of the user's own, or layers that have never seen an input
        return []


def _without_softmax(model: keras.Model) -> keras.Model:
    """Return the model up to the scores before a softmax at its end; without such, the model itself."""
    last = model
    while isinstance(last, keras.Model):  # a head that is itself a model
        graph = last
        outputs = _tensors(graph, "outputs")
        if not outputs:  # a class of the user's own, whose layers are its own affair
            return model
        last = outputs[0]._keras_history.operation
    if isinstance(last, layers.Softmax) and graph is model:
        return keras.Model(model.inputs, last.input)
    if getattr(last, "activation", None) is keras.activations.softmax:
        last.activation = keras.activations.linear
    return model


@dataclass(frozen=True)
class Call:
    """One call of a layer, the tensors it was called on, and its output.

    Layers of a model inside the model are named `model/layer`.
    """

    name: str
    layer: Any
    output: tf.Tensor
    inputs: tuple[tf.Tensor, ...] = ()


def calls_of(
    model: keras.Model, images: Any, watch: Callable[[tf.Tensor], None] | None = None
) -> tuple[list[Call], tf.Tensor]:
    """Run images through a network in inference mode, layer call by layer call; models inside the model are opened.

    Test-time views are left out: what is shown is what the network makes of the images themselves.

    Args:
        model: The network.
        images: (B, H, W, C), 0..255.
        watch: A gradient tape's `watch`, called with each output before the next layer reads it. So gradients with
            respect to outputs inside a nested model exist, too, which no `keras.Model(inputs, layer.output)` reaches.

    Returns:
        All calls in their order, and the logits (B, classes).
    """
    calls: list[Call] = []
    logits = _run(model, tf.convert_to_tensor(images, tf.float32), "", calls, watch)
    return calls, tf.cast(logits, tf.float32)


def _run(
    model: Any, inputs: Any, prefix: str, calls: list[Call], watch: Callable[[tf.Tensor], None] | None
) -> tf.Tensor:
    def recorded(layer: Any) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if _graph(layer) is not None:
                return _run(layer, args[0], f"{prefix}{layer.name}/", calls, watch)
            if isinstance(layer, ImageViews | MeanOfViews):
                return args[0]
            if "training" in getattr(layer, "_call_context_args", {}):
                options["training"] = False
            output = layer(*args, **options)
            if isinstance(output, tf.Tensor):
                if watch is not None and output.dtype.is_floating:
                    watch(output)
                tensors = tuple(each for each in keras.tree.flatten(args) if isinstance(each, tf.Tensor))
                calls.append(Call(_unique(prefix + layer.name, calls), layer, output, tensors))
            return output

        return call

    output = _graph(model)._run_through_graph(inputs, operation_fn=recorded)
    return output[0] if isinstance(output, list | tuple) and len(output) == 1 else output


def _graph(layer: Any) -> Any:
    """Return the graph of calls inside a model, for which Keras has no public name; None for a layer."""
    graph = getattr(layer, "_functional", None) or layer  # a Sequential keeps one inside
    return graph if hasattr(graph, "_run_through_graph") else None


def _unique(name: str, calls: Sequence[Call]) -> str:
    """Return the name, with a number from the second call of the same layer on."""
    before = sum(call.name == name or call.name.startswith(f"{name}:") for call in calls)
    return f"{name}:{before + 1}" if before else name


def feature_maps(calls: Sequence[Call]) -> list[Call]:
    """Return the calls whose outputs are maps (B, H, W, C) of several positions, from the first kernel on."""
    first = next((number for number, call in enumerate(calls) if kernel_of(call.layer) is not None), len(calls))
    return [call for call in calls[first:] if len(call.output.shape) == 4 and call.output.shape[1:3] != (1, 1)]


def computing(maps: Sequence[Call]) -> list[Call]:
    """Return the maps of layers that do more than pool, pad or drop out; all of them if there are no such."""
    passive = ("Pooling", "Padding", "Dropout")
    active = [call for call in maps if not any(word in type(call.layer).__name__ for word in passive)]
    return active or list(maps)


def kernel_of(layer: Any) -> Any:
    """Return the layer's kernel as a variable; None if it has none."""
    kernels = (getattr(layer, name, None) for name in ("kernel", "depthwise_kernel"))
    return next((kernel for kernel in kernels if kernel is not None), None)


def named(maps: Sequence[Call], name: str, model_name: str) -> Call:
    """Return the maps of the layer `name`; a layer of a nested model may be given without the model's name."""
    same = [call for call in maps if call.name == name] or [c for c in maps if c.name.rpartition("/")[2] == name]
    if len(same) != 1:
        raise ValueError(f"{model_name}: " + unknown("layer with feature maps", name, [call.name for call in maps]))
    return same[0]
