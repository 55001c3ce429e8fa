"""A user's network as the suite trains it: a graph from pixels to logits that is saved and loaded as it is."""

import contextlib
import random
import re
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras.src.random import seed_generator

from keras_suite.experiments.foreign_code import WrongResult
from keras_suite.models.scratch_model import ScratchModel
from keras_suite.tasks.wording.shown import one_line, shown

STEPS = ("train_step", "test_step", "compute_loss", "fit")
NOT_LOGITS = ("softmax", "sigmoid", "log_softmax")
LARGE_LOGITS = 50.0  # of untrained networks; those of normalised pixels are about 1
IMAGES = 4


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let the seeds that layers draw in this block follow from `seed`, whatever other threads draw meanwhile."""
    before = seed_generator.python_random
    seed_generator.python_random = random.Random(seed)
    try:
        yield
    finally:
        seed_generator.python_random = before


def describe(model: keras.Model, arguments: dict[str, Any]) -> None:
    """Let a model of a user's class that says nothing of what it was called with be saved with just that."""
    if type(model).get_config is keras.Model.get_config:
        model.get_config = lambda: dict(arguments)


def checked_network(model: Any, input_shape: tuple[int, ...], name: str) -> keras.Model:
    """Return what a user's function or class came to as a graph of layers.

    Args:
        model: Functional, Sequential or of a class of the user's own; or a layer.
        input_shape: Of an image (h, w, c), pixels 0..255.
        name: The function's.

    Raises:
        WrongResult: If it is no network, or cannot be trained, saved or compared; one line says how to mend it.
    """
    if not isinstance(model, keras.Layer):
        raise WrongResult(f"returned {shown(model)}: expected a keras.Model")
    own_steps = [step for step in STEPS if getattr(type(model), step, None) is not getattr(keras.Model, step, None)]
    if isinstance(model, keras.Model) and own_steps and not isinstance(model, ScratchModel):
        raise WrongResult(
            f"returned a model with its own {' and '.join(own_steps)}, which would not be called: write the loss as a "
            "loss=use(…) part, and what else it does as a callback"
        )
    network = model if _is_graph(model) else _as_graph(model, input_shape, name)
    _settle(network)
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        raise WrongResult(
            f"returned a model with {len(network.inputs)} inputs and {len(network.outputs)} outputs: expected one each"
        )
    _check_input(network, input_shape)
    _check_layers(network)
    _check_outputs(network, input_shape)
    network = _in_float32(network)
    _check_saving(network, input_shape)
    return network


def takes_raw_pixels(network: keras.Model, input_shape: tuple[int, ...]) -> bool:
    """Return whether a network's untrained outputs are so large that its pixels, 0..255, seem not to be normalised."""
    return float(np.abs(_outputs(network, input_shape)).max()) > LARGE_LOGITS


def _is_graph(model: Any) -> bool:
    try:
        return bool(model.inputs)
    except (AttributeError, ValueError):
        return False


def _as_graph(model: Any, input_shape: tuple[int, ...], name: str) -> keras.Model:
    """Return a graph around a model that has seen no input yet; a Sequential becomes a graph by that."""
    inputs = keras.Input(input_shape, name="images")
    outputs = model(inputs)
    if isinstance(model, keras.Sequential):
        return model
    if isinstance(outputs, list | tuple | dict):
        raise WrongResult(f"returned a model with {len(outputs)} outputs: expected one")
    return keras.Model(inputs, outputs, name=name)


def _settle(network: keras.Model) -> None:
    """Let each `Normalization` work with the variables that it has now.

    Keras makes tensors of them when it builds the layer, inside a subclass those of a graph that is gone afterwards.
    """
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def _in_float32(network: keras.Model) -> keras.Model:
    """Return the network with float32 outputs, which losses and metrics take, whatever precision it computes in."""
    outputs = network.outputs[0]
    if outputs.dtype == "float32":
        return network
    cast = keras.layers.Activation("linear", dtype="float32", name="float32_outputs")
    return keras.Model(network.inputs[0], cast(outputs), name=network.name)


def _check_input(network: keras.Model, input_shape: tuple[int, ...]) -> None:
    takes = tuple(network.inputs[0].shape[1:])
    fits = len(takes) == len(input_shape) and all(a in (None, b) for a, b in zip(takes, input_shape, strict=True))
    if not fits:
        raise WrongResult(
            f"returned a model for images of {_times(takes)}, and those of the dataset are of {_times(input_shape)}: "
            "build it for the input_shape that it is passed"
        )


def _check_layers(network: keras.Model) -> None:
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.Lambda):
            raise WrongResult(
                f"returned a model with the Lambda layer {layer.name!r}, which cannot be loaded again safely: write it "
                "as a class of keras.Layer, or with keras.ops"
            )


def _check_saving(network: keras.Model, input_shape: tuple[int, ...]) -> None:
    """Check that what Keras saves of the model is the same network when it is loaded."""
    mend = "let get_config of its layers return all that __init__ takes"
    try:
        with warnings.catch_warnings(action="ignore"):
            loaded = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(network))
    except Exception as error:  # whatever a layer's get_config or from_config raises
        reason = one_line(re.split(r"(?:Exception|Error) encountered[^:]*: ", str(error))[-1], 200)
        unlocated = re.match(r"Could not locate (?:class|function) '(\w+)'", reason)
        if unlocated:  # Keras advises a decorator, which isn't needed
            reason, mend = (
                f"Keras does not find {unlocated[1]!r}",
                "define that at the top of a file, outside of functions",
            )
        raise WrongResult(f"returned a model that cannot be saved and loaded again ({reason}): {mend}") from error
    same = [tuple(v.shape) for v in loaded.variables] == [tuple(v.shape) for v in network.variables]
    if same:
        for variable, other in zip(loaded.variables, network.variables, strict=True):
            variable.assign(other.value)
        _settle(loaded)
        same = np.array_equal(_outputs(loaded, input_shape), _outputs(network, input_shape), equal_nan=True)
    if not same:
        raise WrongResult(f"returned a model that is another one when it is saved and loaded: {mend}")


def _check_outputs(network: keras.Model, input_shape: tuple[int, ...]) -> None:
    """Check that the outputs are logits."""
    last = network.outputs[0]._keras_history.operation
    named = getattr(getattr(last, "activation", None), "__name__", "")
    if isinstance(last, keras.layers.Softmax):
        named = "softmax"
    outputs = _outputs(network, input_shape)
    if outputs.ndim == 2 and outputs.shape[1] > 1 and not named and (outputs >= 0).all():
        named = "softmax" if np.allclose(outputs.sum(axis=1), 1, atol=1e-3) else ""
    if named in NOT_LOGITS:
        raise WrongResult(
            f"returned a model that ends in a {named}, and losses here take logits: leave that out (activation=None in "
            "the last layer); predictions are made probabilities afterwards"
        )


def _outputs(network: keras.Model, input_shape: tuple[int, ...]) -> np.ndarray:
    """Return the outputs for a few random images; what the network keeps of them is undone."""
    before = [np.asarray(variable) for variable in network.variables]
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, *input_shape)).astype(np.float32)
    outputs = np.asarray(network(images, training=False), np.float32)
    for variable, value in zip(network.variables, before, strict=True):
        variable.assign(value)
    return outputs


def _times(shape: tuple[int | None, ...]) -> str:
    return "x".join("?" if size is None else str(size) for size in shape)
