"""`shapes`: a model's layers as a table of output shapes, parameters, receptive fields and multiply-adds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from rich.table import Table
from rich.text import Text

from experiments import parts
from experiments.config import Part, unknown
from models import NETWORKS
from models.saving import load_keras

Field = tuple[tuple[int, int], ...]  # (pixels seen, pixels from one output to the next), along each axis


@dataclass(frozen=True)
class Row:
    """One layer. `field` is the input pixels that one output sees on each axis; None where that makes no sense."""

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    field: tuple[int, ...] | None
    multiply_adds: int


def build(model: str, input_shape: tuple[int, int, int] | None, classes: int, options: dict[str, Any]) -> keras.Model:
    """A network by its name, for images of this shape, or a .keras file; ValueError or OSError says what is wrong."""
    if model in NETWORKS:
        if input_shape is None:
            raise ValueError(f"{model} is built for a size of images: give one, for example --input 28x28x1")
        return parts.build("model", Part(model, options), input_shape, classes, 1)
    if Path(model).suffix != ".keras":
        raise ValueError(f"{unknown('model', model, NETWORKS)}; a saved one is given as the path of its .keras file")
    return load_keras(Path(model))


def parse_input(text: str) -> tuple[int, int, int]:
    """(height, width, channels) of "28x28x1"."""
    sizes = text.lower().split("x")
    if len(sizes) != 3 or not all(size.isdigit() and int(size) > 0 for size in sizes):
        raise ValueError(f"--input {text!r} is not possible: expected HEIGHTxWIDTHxCHANNELS, for example 28x28x1")
    height, width, channels = map(int, sizes)
    return height, width, channels


def rows(model: keras.Model) -> list[Row]:
    """A row for each layer, in the order in which they were built."""
    fields: dict[int, Field | None] = {id(tensor): ((1, 1),) * (len(tensor.shape) - 2) for tensor in model.inputs}
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        given, made = _listed(layer.input), _listed(layer.output)
        field = _field(layer, [fields.get(id(tensor)) for tensor in given], given[0].shape, made[0].shape)
        fields |= {id(tensor): field for tensor in made}
        found.append(
            Row(
                name=layer.name,
                kind=type(layer).__name__,
                output=tuple(made[0].shape[1:]),
                parameters=layer.count_params(),
                field=None if field is None else tuple(seen for seen, _ in field),
                multiply_adds=_multiply_adds(layer, given[0].shape, made[0].shape),
            )
        )
    return found


def table(found: Sequence[Row]) -> Table:
    """The rows, with their totals in the last line."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (
        ("layer", "left"), ("kind", "left"), ("output", "right"), ("parameters", "right"), ("sees", "right"),
        ("multiply-adds", "right"),
    ):  # fmt: skip
        shown.add_column(name, justify=justify)  # type: ignore[arg-type]
    for row in found:
        shown.add_row(
            Text(row.name),
            row.kind,
            "x".join(map(str, row.output)),
            f"{row.parameters:,}" if row.parameters else "",
            "x".join(map(str, row.field)) if row.field else "",
            f"{row.multiply_adds:,}" if row.multiply_adds else "",
        )
    totals = (sum(row.parameters for row in found), sum(row.multiply_adds for row in found))
    shown.add_row("all", "", "", f"{totals[0]:,}", "", f"{totals[1]:,}", style="bold")
    return shown


def _field(layer: Any, before: Sequence[Field | None], given: Sequence[int], made: Sequence[int]) -> Field | None:
    """r <- r + (F - 1) D j and j <- j S along each axis (Araujo et al. 2019); of several inputs the largest."""
    known = [field for field in before if field is not None]
    if len(known) < len(before) or len(made) != len(given) or len(made) < 3:
        return None  # flattened or pooled away: every output sees all of the image
    field = max(known, key=lambda field: field[0][0])
    window = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    if window is None:
        return field if tuple(made[1:-1]) == tuple(given[1:-1]) else None
    if "Transpose" in type(layer).__name__:
        return None
    axes = len(field)
    window, stride, dilation = (
        _per_axis(value, axes) for value in (window, layer.strides, getattr(layer, "dilation_rate", 1))
    )
    return tuple(
        (seen + (f - 1) * d * jump, jump * s)
        for (seen, jump), f, s, d in zip(field, window, stride, dilation, strict=True)
    )


def _multiply_adds(layer: Any, given: Sequence[int], made: Sequence[int]) -> int:
    """For one image: each weight of a kernel is used once for every position that it is shared by."""
    names = ("kernel", "depthwise_kernel", "pointwise_kernel")
    weights = sum(math.prod(w.shape) for name in names if (w := getattr(layer, name, None)) is not None)
    if "LocallyConnected" in type(layer).__name__:
        return weights  # shared by none
    return weights * math.prod((given if "Transpose" in type(layer).__name__ else made)[1:-1])


def _per_axis(value: int | Sequence[int], axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)


def _listed(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]
