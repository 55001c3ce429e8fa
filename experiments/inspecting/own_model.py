"""The gradients of a whole network, by its name or from a .keras file, on real digits where it takes images."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

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


def _batch(model: keras.Model, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return digits of the size that a network takes, and their labels; random numbers for one that takes no images."""
    shape, whole = _input(model, name)
    dataset = digits(None, image_size=shape[:2] if len(shape) == 3 else None, limit=None)
    labels = dataset.labels[:BATCH]
    if whole:
        return np.random.default_rng(0).integers(2, size=(BATCH, *shape)), labels
    if len(shape) == 3:
        return np.repeat(dataset.images[:BATCH], shape[-1], axis=-1), labels
    return np.random.default_rng(0).normal(size=(BATCH, *shape)), labels


def _input(model: keras.Model, name: str) -> tuple[tuple[int, ...], bool]:
    """Return the shape of one input, with `SIZE` where it is open, and whether it is of whole numbers."""
    try:
        found = [(tuple(tensor.shape), keras.backend.is_int_dtype(tensor.dtype)) for tensor in model.inputs]
    except (AttributeError, ValueError):  # a class of the user's own: what it was built for is kept
        known = (getattr(model, "_build_shapes_dict", None) or {}).values()
        found = [(tuple(shape), False) for shape in known if isinstance(shape, tuple | list)]
    if not found:
        raise ValueError(f"{name} was saved before it saw an input: call it once, then save it")
    if len(found) > 1:
        raise ValueError(f"{name} has {len(found)} inputs: expected a model with one")
    [(batched, whole)] = found
    own = batched[1:]
    spare = SIZE if len(own) == len(SIZE) else (SIZE[0],) * len(own)
    return tuple(size or other for size, other in zip(own, spare, strict=True)), whole


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
