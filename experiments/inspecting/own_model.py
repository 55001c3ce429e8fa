"""The gradients of a whole network, by its name or from a .keras file, on real digits where it takes images."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_suite.data_pipeline.datasets.digits import digits
from keras_suite.experiments.foreign_code import ForeignCodeError
from keras_suite.experiments.inspecting.layer_table import build
from keras_suite.experiments.own_parts.names import is_own
from keras_suite.experiments.own_parts.parts import locate
from keras_suite.models import NETWORKS
from keras_suite.models.gradient_check.model_check import ModelCheck, check_model
from keras_suite.models.saving import load_keras
from keras_suite.reports import run_directory
from keras_suite.tasks.wording.shown import message_of

BATCH = 4
SIZE = (16, 16, 1)  # of a network that is named, and where a saved one leaves its images' size open
CLASSES = 10


def check_own_model(model: str, entries: int) -> list[ModelCheck]:
    """Check the gradients of a network's weights.

    Args:
        model: A network's name, "file.py:function" of the user's own, or the path of a .keras file.
        entries: How many of each weight are compared.

    Raises:
        ValueError, OSError: If there is no such network, or it cannot be computed; one line says why.
    """
    named = model in NETWORKS or is_own(model)
    if named or Path(model).suffix != ".keras":
        built = build(model, SIZE, CLASSES, {})
    else:
        built = load_keras(run_directory.whole_model(Path(model)))
    inputs, labels = _batch(built, model)
    with _faults_in_one_line(model):
        return check_model(built, inputs, labels, entries)


def _batch(model: keras.Model, name: str) -> tuple[Any, np.ndarray]:
    """Return inputs as a network takes them, and labels: digits of the size of its images, else random numbers."""
    labels = digits(None, image_size=None, limit=None).labels[:BATCH]
    try:
        symbolic = model.input
    except (AttributeError, ValueError):  # a class of the user's own: what it was built for is kept
        known = (getattr(model, "_build_shapes_dict", None) or {}).values()
        shapes = [tuple(shape) for shape in known if isinstance(shape, tuple | list)]
        if not shapes:
            raise ValueError(f"{name} was saved before it saw an input: call it once, then save it") from None
        if len(shapes) > 1 or not all(size is None or isinstance(size, int) for size in shapes[0]):
            raise ValueError(f"{name} has several inputs and no graph of layers: expected one input then") from None
        return _input((BATCH, *shapes[0][1:]), False), labels
    inputs = keras.tree.map_structure(
        lambda tensor: _input(tuple(tensor.shape), keras.backend.is_int_dtype(tensor.dtype)), symbolic
    )
    return inputs, labels[: len(keras.tree.flatten(inputs)[0])]


def _input(batched: tuple[int | None, ...], whole: bool) -> np.ndarray:
    """Return a batch for one input, with `SIZE` where it is open."""
    own = batched[1:]
    spare = SIZE if len(own) == len(SIZE) else (SIZE[0],) * len(own)
    shape = tuple(size or other for size, other in zip(own, spare, strict=True))
    batch, random = batched[0] or BATCH, np.random.default_rng(0)
    if whole:
        return random.integers(2, size=(batch, *shape))
    if len(shape) == 3:
        images = digits(None, image_size=shape[:2], limit=None).images[:batch]
        return np.repeat(images, shape[-1], axis=-1)
    return random.normal(size=(batch, *shape))


@contextlib.contextmanager
def _faults_in_one_line(model: str) -> Iterator[None]:
    """Raise what a network's layers raise in this block as one line, with its place if it is the user's own."""
    if is_own(model):
        part = locate(model, "")
        with part.file.calling("checking its gradients"), keras.saving.custom_object_scope(part.custom_objects()):
            yield
        return
    try:
        yield
    except (ForeignCodeError, MemoryError):
        raise
    except Exception as error:  # whatever the layers of a file raise
        name = Path(model).name if Path(model).suffix == ".keras" else model
        raise ValueError(f"{name} cannot be checked: {message_of(error)[:300]}") from error
