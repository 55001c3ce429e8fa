"""`shapes`: a model's layers as a table: windows, output shapes, parameters, receptive fields, work and memory."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from keras import layers
from rich.table import Table
from rich.text import Text

from keras_suite.data_pipeline.images.memory import TooLarge
from keras_suite.experiments.config import Part
from keras_suite.experiments.inspecting.published import PUBLISHED
from keras_suite.experiments.own_parts.names import is_own
from keras_suite.experiments.registry import resolve_part
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.expected_memory import MOST_SLOTS, activation_bytes, weights_bytes
from keras_suite.experiments.training.model_size import check_model_fits
from keras_suite.models import NETWORKS
from keras_suite.models.hyperparameter_variables import innermost_layers
from keras_suite.models.ops.conv_geometry import per_axis, receptive_field
from keras_suite.models.saving import load_keras
from keras_suite.reports import run_directory
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.quantities import memory

Field = tuple[tuple[tuple[int, int, int], ...], ...]  # along each axis the (kernel, stride, dilation) passed so far

MOVES_PIXELS = (layers.ZeroPadding1D, layers.ZeroPadding2D, layers.ZeroPadding3D,
                layers.Cropping1D, layers.Cropping2D, layers.Cropping3D)  # fmt: skip
MIXES_POSITIONS = (layers.Attention, layers.AdditiveAttention, layers.Permute, layers.Reshape,
                   layers.UpSampling1D, layers.UpSampling2D, layers.UpSampling3D)  # fmt: skip
KERNELS = ("kernel", "depthwise_kernel", "pointwise_kernel")


@dataclass(frozen=True)
class Row:
    """One call of a layer.

    Attributes:
        window: The kernel's or pooling's size, stride and padding; "" where there is none.
        parameters: 0 when a layer is called again.
        field: The receptive field on each axis, in input pixels; None where there is none.
        multiply_adds: Those of one image; None if this kind of layer, or its size, is not known.

    The memory of a row is that of its output for one image, in float32; None where a size is open.
    """

    name: str
    kind: str
    window: str
    output: tuple[int | None, ...]
    parameters: int
    field: tuple[int, ...] | None
    multiply_adds: int | None

    @property
    def memory(self) -> int | None:
        sizes = [size for size in self.output if size is not None]
        return 4 * math.prod(sizes) if len(sizes) == len(self.output) else None


def build(
    model: str, input_shape: tuple[int, int, int] | None, classes: int | None, options: dict[str, Any]
) -> keras.Model:
    """Build a network by its name, for images of this shape, or load a .keras file; ValueError or OSError if not."""
    if model in NETWORKS or is_own(model):
        if input_shape is None:
            known = "" if model in PUBLISHED else f"; only {', '.join(PUBLISHED)} were published for one"
            raise ValueError(f"{model} is built for a size of images: give one, for example --input 28x28x1{known}")
        try:
            part = resolve_part("model", Part(model, options))
            build = functools.partial(part.build, input_shape, classes or 10, 1)
            if check_model_fits(build, part.part.options, input_shape, 1, model):
                keras.backend.clear_session()
            return build()
        except (TooLarge, tf.errors.ResourceExhaustedError):
            size = _written(input_shape)
            raise ValueError(
                f"{model} for --input {size} does not fit into memory: give smaller images or options"
            ) from None
    if Path(model).suffix != ".keras":
        raise ValueError(f"{unknown('model', model, NETWORKS)}; a saved one is given as the path of its .keras file")
    if classes is not None or options:
        option = "--set" if options else "--classes"
        raise ValueError(f"{option} is not possible with {model}: a saved model is as it is; leave {option} out")
    return _of_size(load_keras(run_directory.whole_model(Path(model))), model, input_shape)


def _of_size(model: keras.Model, path: str, input_shape: tuple[int, int, int] | None) -> keras.Model:
    """Return the model; if it leaves its images' size open, rebuilt for this one."""
    try:
        own = [tuple(tensor.shape[1:]) for tensor in model.inputs]
    except AttributeError:  # a class of the user's own, or layers that have never seen an input
        raise ValueError(f"{path} has no graph of layers: save a functional model, or one built for a shape") from None
    if input_shape is None or own == [input_shape]:
        return model
    fits = len(own) == 1 and len(own[0]) == 3 and all(o in (None, n) for o, n in zip(own[0], input_shape, strict=True))
    if not fits:
        shapes = " and ".join(map(_written, own))
        raise ValueError(f"--input {_written(input_shape)} does not fit {path}, which takes {shapes}: leave it out")
    return keras.models.clone_model(model, input_tensors=keras.Input(input_shape))


def parse_input(text: str) -> tuple[int, int, int]:
    """Return (height, width, channels) of "28x28x1"."""
    sizes = text.lower().split("x")
    if len(sizes) != 3 or not all(size.isdecimal() and int(size) > 0 for size in sizes):
        raise ValueError(f"--input {text!r} is not possible: expected HEIGHTxWIDTHxCHANNELS, for example 28x28x1")
    height, width, channels = map(int, sizes)
    return height, width, channels


def rows(model: keras.Model) -> list[Row]:
    """Return a row for each call of a layer, in the order of the calls; models inside the model are opened."""
    axes = [len(tensor.shape) - 2 for tensor in model.inputs]
    return _walk(model, [((),) * count for count in axes], "", set())[0]


def table(layer_calls: Sequence[Row]) -> Table:
    """Return a table of the rows, with their totals in the last line."""
    shown = Table(box=None, pad_edge=False, header_style="bold", caption_justify="left")
    for name in ("layer", "kind", "window"):
        shown.add_column(name)
    for name in ("output", "parameters", "sees", "multiply-adds", "memory"):
        shown.add_column(name, justify="right")
    for row in layer_calls:
        shown.add_row(
            Text(row.name),
            row.kind,
            row.window,
            _written(row.output),
            f"{row.parameters:,}" if row.parameters else "",
            _written(row.field) if row.field else "",
            "?" if row.multiply_adds is None else f"{row.multiply_adds:,}" if row.multiply_adds else "",
            "?" if row.memory is None else _kilobytes(row.memory),
        )
    parameters, known = sum(row.parameters for row in layer_calls), sum(row.multiply_adds or 0 for row in layer_calls)
    uncounted = any(row.multiply_adds is None for row in layer_calls)
    outputs = _kilobytes(sum(row.memory or 0 for row in layer_calls)) + " + ?" * any(
        row.memory is None for row in layer_calls
    )
    work = f"{known:,}" + " + ?" * uncounted
    shown.add_row("all", "", "", "", f"{parameters:,}", "", work, outputs, style="bold")
    if uncounted:
        shown.caption = "?: not counted, a kind of layer that this table does not know, or images of an open size"
    return shown


def training_memory(model: keras.Model, batch_size: int = 32) -> str:
    """Return what the model is expected to take while it is trained, in words; `run` says it of a whole run."""
    layers = list(innermost_layers(model))
    needed = weights_bytes(model, MOST_SLOTS) + activation_bytes(layers, batch_size)
    return (
        f"Trained with Adam in batches of {batch_size}, it takes about {memory(needed)} of memory beside the images "
        f"and the {memory(runtime.memory_at_start().resident)} that TensorFlow takes."
    )


def _walk(
    model: Any, fields: Sequence[Field | None], prefix: str, counted: set[int]
) -> tuple[list[Row], list[Field | None]]:
    """Return the rows, and the receptive fields of the model's outputs, given the `fields` of its inputs.

    The walk goes from call to call, for which Keras has no public name: a layer may be called more than once, and
    `layer.input` of a model inside a model is not the tensor on which that was called.
    """
    known: dict[int, Field | None] = {id(t): field for t, field in zip(model.inputs, fields, strict=True)}
    rows: list[Row] = []
    calls = _calls(model)
    for depth in sorted(calls, reverse=True):
        for node in calls[depth]:
            layer = node.operation
            if isinstance(layer, layers.InputLayer):
                continue
            before = [known.get(id(t)) for t in node.input_tensors]
            if _calls(layer):
                inner, after = _walk(layer, before, f"{prefix}{layer.name}/", counted)
                rows += inner
            else:
                inputs, outputs = node.input_tensors[0].shape, node.outputs[0].shape
                field = _field(layer, before, inputs, outputs)
                after = [field] * len(node.outputs)
                if isinstance(layer, keras.Layer):
                    rows.append(
                        Row(
                            name=prefix + layer.name,
                            kind=type(layer).__name__,
                            window=_window(layer),
                            output=tuple(outputs[1:]),
                            parameters=0 if id(layer) in counted else layer.count_params(),
                            field=None if field is None else tuple(map(receptive_field, field)),
                            multiply_adds=_multiply_adds(layer, inputs, outputs),
                        )
                    )
                    counted.add(id(layer))
            known |= {id(t): field for t, field in zip(node.outputs, after, strict=True)}
    return rows, [known[id(t)] for t in model.outputs]


def _calls(model: Any) -> dict[int, list[Any]]:
    """Return the calls inside a model by their distance from its outputs; none for a layer."""
    graph = getattr(model, "_functional", None) or model  # a Sequential keeps one inside
    return getattr(graph, "_nodes_by_depth", {})


def _field(layer: Any, before: Sequence[Field | None], inputs: Sequence[Any], outputs: Sequence[Any]) -> Field | None:
    """Return the field after a layer; where branches meet, along each axis the largest one."""
    branches = [field for field in before if field is not None]
    if len(branches) < len(before) or len(outputs) < 3 or any(len(field) != len(outputs) - 2 for field in branches):
        return None  # flattened or pooled away: every output sees all of the image
    if _weights(layer) is None:
        return None
    field = tuple(max(paths, key=receptive_field) for paths in zip(*branches, strict=True))
    window = _size(layer)
    if isinstance(layer, MOVES_PIXELS):
        return field
    if window is None:
        same = _positions(layer, outputs) == _positions(layer, inputs) and not isinstance(layer, MIXES_POSITIONS)
        return field if same else None
    if "Transpose" in type(layer).__name__:
        return None
    axes = len(field)
    steps = getattr(layer, "strides", 1), getattr(layer, "dilation_rate", 1)
    added = zip(*(per_axis(value, axes) for value in (window, *steps)), strict=True)
    return tuple((*path, step) for path, step in zip(field, added, strict=True))


def _size(layer: Any) -> tuple[int, ...] | None:
    """Return the size of a layer's window, along each axis; None without one.

    A user's own layer may keep a number, as Keras takes it, and no strides.
    """
    size = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    if isinstance(size, int):
        kernel = getattr(layer, "kernel", None)
        return (size,) * (2 if kernel is None else max(1, len(kernel.shape) - 2))
    numbers = isinstance(size, list | tuple) and all(isinstance(each, int) for each in size)
    return tuple(size) if size and numbers else None


def _window(layer: Any) -> str:
    """Return for example "3x3 / 2, same": the size, the stride unless it is 1, and the padding unless it is valid."""
    size = _size(layer)
    if size is None:
        return ""
    strides = per_axis(getattr(layer, "strides", 1), len(size))
    text = _written(size)
    if any(stride != 1 for stride in strides):
        text += f" / {strides[0] if len(set(strides)) == 1 else _written(strides)}"
    if (dilation := getattr(layer, "dilation_rate", 1)) not in (1, (1,) * len(size)):
        text += f", dilation {dilation if isinstance(dilation, int) else _written(dilation)}"
    padding = getattr(layer, "padding", "valid")
    if padding == "valid":
        return text
    return f"{text}, {padding}" if isinstance(padding, str) else f"{text}, padding {padding}"


def _kilobytes(count: int) -> str:
    """Return bytes in kilobytes of 1,000, or as they are."""
    return f"{count / 1000:,.1f} kB" if count >= 1000 else f"{count} B"


def _weights(layer: Any) -> int | None:
    """Return the number of weights that multiply at each position; None for an unknown kind of layer."""
    kernels = [kernel for name in KERNELS if (kernel := getattr(layer, name, None)) is not None]
    if isinstance(layer, layers.EinsumDense) or hasattr(layer, "recurrent_kernel"):
        return None
    if kernels or isinstance(layer, layers.Embedding):  # an embedding is looked up
        return sum(math.prod(kernel.shape) for kernel in kernels)
    return None if any(len(weight.shape) > 1 for weight in getattr(layer, "weights", ())) else 0


def _multiply_adds(layer: Any, inputs: Sequence[Any], outputs: Sequence[Any]) -> int | None:
    """Return those of one image: each weight of a kernel is used once for every position that shares it."""
    weights = _weights(layer)
    if not weights or "LocallyConnected" in type(layer).__name__:
        return weights  # a locally connected layer shares none
    positions = _positions(layer, inputs if "Transpose" in type(layer).__name__ else outputs)
    return None if None in positions else weights * math.prod(positions)


def _positions(layer: Any, shape: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(shape[2:] if getattr(layer, "data_format", None) == "channels_first" else shape[1:-1])


def _written(shape: Sequence[int | None]) -> str:
    return "x".join("?" if size is None else str(size) for size in shape)
