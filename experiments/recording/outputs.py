"""What a classifier's outputs are, logits or probabilities, and the probabilities that they come to."""

from typing import Any

import keras
import numpy as np

from keras_suite.experiments.recording.held_out import HeldOut
from keras_suite.tasks.classes import softmax

PROBABILITIES, LOGITS = ("softmax", "sigmoid"), ("log_softmax",)
SAY = "say RecordRun(…, from_logits=True) for logits, from_logits=False for probabilities"
TRIED = 8  # images that are predicted before training starts
OFF = 0.01  # by how much probabilities may miss 1 in all: half precision rounds


def are_logits(model: keras.Model, from_logits: bool | None) -> bool:
    """Return whether a compiled model's outputs are logits: as said, else by its last activation.

    Raises:
        ValueError: If neither says it.
    """
    if from_logits is not None:
        return from_logits
    activation = _last_activation(model)
    if activation in PROBABILITIES:
        return False
    if activation in LOGITS or (activation == "linear" and _expects_logits(getattr(model, "loss", None))):
        return True
    ends = f"ends with the activation {activation}" if activation else "has no last activation that can be seen"
    loss = " and its loss does not expect logits" if activation == "linear" else ""
    raise ValueError(f"the model {ends}{loss}, so its outputs may be logits or probabilities: {SAY}")


def try_outputs(model: keras.Model, test: HeldOut, logits: bool) -> int:
    """Predict a few test images and return the number of classes.

    Raises:
        ValueError: If the outputs are not those of a classifier of the test's classes.
    """
    outputs = model.predict_on_batch(test.first(TRIED))
    if isinstance(outputs, dict | list | tuple) or np.ndim(outputs) != 2:
        raise ValueError(f"the model has outputs {_kind(outputs)}: expected a number for each class, (images, classes)")
    outputs = np.asarray(outputs, np.float64)
    classes = max(outputs.shape[1], 2)
    if test.labels.max() >= classes or (test.outputs or classes) != classes:
        labelled = test.outputs or int(test.labels.max()) + 1
        raise ValueError(
            f"the model tells {classes} classes apart, and test= has labels of {labelled}: give the images that it is "
            "trained for"
        )
    sums = outputs.sum(axis=1) if outputs.shape[1] > 1 else np.ones(len(outputs))
    possible = (outputs >= -OFF).all() and (outputs <= 1 + OFF).all() and (np.abs(sums - 1) <= OFF).all()
    if not logits and np.isfinite(outputs).all() and not possible:
        raise ValueError(
            "the model's outputs are not the probabilities of classes, of which an image has one: they are not from 0 "
            f"to 1, or do not add up to 1; {SAY}"
        )
    return classes


def probabilities_of(outputs: np.ndarray, logits: bool) -> np.ndarray:
    """Return the probabilities float32 (n, classes) of outputs (n, classes), or of two classes from (n, 1)."""
    outputs = np.asarray(outputs, np.float32)
    if outputs.shape[1] > 1:
        return softmax(outputs) if logits else outputs
    if logits:
        return softmax(np.concatenate([np.zeros_like(outputs), outputs], axis=1))
    return np.concatenate([1 - outputs, outputs], axis=1)


def predict(model: keras.Model, test: HeldOut, logits: bool) -> np.ndarray:
    """Predict all test images: probabilities float32 (n, classes).

    Raises:
        ValueError: If the images come in another order than before.
    """
    probabilities, labels = [], []
    for images, of_batch in test.batches():
        probabilities.append(probabilities_of(model.predict_on_batch(images), logits))
        labels.append(of_batch)
    if not np.array_equal(np.concatenate(labels), test.labels):
        raise ValueError("the test images come in another order than before training: leave out shuffle")
    return np.concatenate(probabilities)


def _last_activation(model: keras.Model) -> str | None:
    """Return the name of the activation that a model's outputs come from; None where that cannot be seen."""
    layer = _last_layer(model)
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    activation = getattr(layer, "activation", None)
    return getattr(activation, "__name__", None) if activation is not None else None


def _last_layer(model: keras.Model) -> Any:
    layer: Any = model
    while isinstance(layer, keras.Model):
        if isinstance(layer, keras.Sequential):
            layer = layer.layers[-1] if layer.layers else None
        else:
            outputs = getattr(layer, "outputs", None) or [None]
            layer = getattr(getattr(outputs[0], "_keras_history", None), "operation", None)
    return layer


def _expects_logits(loss: Any) -> bool:
    """Return whether a loss object says that it takes logits."""
    if not isinstance(loss, keras.losses.Loss):
        return False
    return bool(loss.get_config().get("from_logits", False))


def _kind(outputs: Any) -> str:
    if isinstance(outputs, dict | list | tuple):
        return f"in a {type(outputs).__name__} of {len(outputs)}"
    return f"of shape {tuple(np.shape(outputs))}"
