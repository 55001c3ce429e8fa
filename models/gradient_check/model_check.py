"""Check any Keras model's own gradients on a small batch: the whole chain of its layers, its loss and its penalties.

The model is rebuilt in float64, and its gradients (autodiff's, or those of whatever custom gradients its layers bring)
are compared with central differences at a few entries of each weight: as it predicts, and as it trains where that is
another function. What cannot be rebuilt is checked in float32, in coarser steps. All weights are nudged first: fresh
biases are 0 and so are blank pixels, and relu has no derivative there.

A layer may set its own weights as it trains (spectral normalisation does): then the loss is no function of them, and
the model is checked as it predicts only.
"""

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_suite.models.gradient_check.float64_model import float64_default, in_float64
from keras_suite.models.gradient_check.model_loss import ModelLoss
from keras_suite.models.gradient_check.weight_rows import (
    FLOOR,
    WeightRow,
    largest_allowed,
    nudged,
    rows_of,
    smooth_along,
)
from keras_suite.tasks.wording.shown import message_of

TRIES = 3  # of nudges: at a tie of two pixels float32 and float64 may choose another
SAME_GRADIENT = 3e-2  # in float32 and in float64, as a share of the largest


@dataclass(frozen=True)
class ModelCheck:
    """The rows of all trainable weights, and how they were compared, as a sentence."""

    rows: list[WeightRow]
    training: bool
    precision: str
    how: str

    @property
    def allowed(self) -> float:
        """The largest error that passes."""
        return largest_allowed(self.precision)


def check_model(model: keras.Model, inputs: Any, labels: np.ndarray, entries: int, seed: int = 0) -> list[ModelCheck]:
    """Compare the gradients of each trainable weight, at a few entries, with central differences.

    Args:
        model: Any model; its weights are as before afterwards.
        inputs: A batch (B, …), as images 0..255; of several inputs a list or a dictionary of such.
        labels: Whole numbers (B,).
        entries: How many of each weight are compared.
        seed: Decides which.

    Returns:
        The check as the model predicts; and as it trains, if that is another function of the weights.

    Raises:
        ValueError: If it has no trainable weights, or its loss is no function of them.
    """
    if not model.trainable_variables:
        raise ValueError(f"the model {model.name} has no trainable weights: there are no gradients to check")
    exact, default, why = _exact(model, inputs, labels, seed)
    checks = _checks(exact, default, inputs, labels, entries, seed, why)
    if exact is not model and not all(row.passed for check in checks for row in check.rows):
        failed = {row.weight for check in checks for row in check.rows if row.reached and not row.passed}
        weights = [variable for variable in exact.trainable_variables if variable.path in failed]
        with default(), nudged(exact, seed):
            loss = ModelLoss(exact, _typed(inputs, "float64"), labels, training=True)
            in_single = any(not smooth_along(weight, loss, seed) for weight in weights)
        if in_single:
            why = " (a layer computes in float32, whatever it is given)"
            checks = _checks(model, contextlib.nullcontext, inputs, labels, entries, seed, why)
    return checks


Default = Callable[[], contextlib.AbstractContextManager[None]]


def _exact(model: keras.Model, inputs: Any, labels: np.ndarray, seed: int) -> tuple[keras.Model, Default, str]:
    """Return a copy in float64, and Keras's default precision in which it runs; else the model itself, and why."""
    said: list[str] = []
    for default in (float64_default, contextlib.nullcontext):  # some of Keras's augmentation runs in the second only
        try:
            exact = in_float64(model)
            with default(), nudged(exact, seed):
                ModelLoss(exact, _typed(inputs, "float64"), labels, training=True, eager=True).gradients()
            for number in range(seed, seed + TRIES):
                with nudged(exact, number), nudged(model, number):
                    narrow = ModelLoss(model, _typed(inputs, "float32"), labels, training=False, eager=True).gradients()
                    with default():
                        wide = ModelLoss(exact, _typed(inputs, "float64"), labels, training=False, eager=True)
                        if agree(narrow, wide.gradients()):
                            return exact, default, ""
            said.append(
                "the copy has other gradients: get_config of a layer or model leaves out what __init__ was given"
            )
        except Exception as error:  # whatever layers raise in a precision that they were not written for
            said.append(_gist(error))
    return model, contextlib.nullcontext, f" (in float64 it does not run: {said[0]})"


def agree(gradients: Sequence[np.ndarray | None], others: Sequence[np.ndarray | None]) -> bool:
    """Return whether a copy's gradients are the model's, but for its precision; half precision is taken as it is."""
    largest = max((float(np.abs(each).max(initial=0)) for each in others if each is not None), default=0.0)
    for one, other in zip(gradients, others, strict=True):
        if (one is None) != (other is None):
            return False
        if one is not None and other is not None and one.dtype == np.float32:
            allowed = SAME_GRADIENT * (np.abs(other).max(initial=0) + FLOOR * (1 + largest))
            if not np.all(np.abs(one - other) <= allowed) and np.isfinite(one).all():
                return False
    return True


def _checks(
    model: keras.Model, default: Default, inputs: Any, labels: np.ndarray, entries: int, seed: int, why: str
) -> list[ModelCheck]:
    """Check a model in the precision of its weights, as it predicts and as it trains."""
    precision = "float32" if why else "float64"
    typed, checks = _typed(inputs, precision), []
    with default(), nudged(model, seed):
        predicting, training = (ModelLoss(model, typed, labels, training=mode) for mode in (False, True))
        predicting.check_repeats()
        own = _set_by_its_layer(model, training)
        if own:
            why += f"; not as it trains, for there its layer sets {own}"
        else:
            training.check_repeats()
        differs = not own and not np.array_equal(predicting(), training(), equal_nan=True)
        for mode, loss in ((False, predicting), (True, training))[: 2 if differs else 1]:
            rows = rows_of(model, loss, entries, seed, precision)
            checks.append(ModelCheck(rows, mode, precision, f"{_how(mode, differs or bool(own), precision)}{why}."))
    return checks


def _set_by_its_layer(model: keras.Model, training: ModelLoss) -> str:
    """Return the path of a trainable weight that computing the loss of training changes, nothing if there is none."""
    with nudged(model, 0):
        before = [np.array(variable) for variable in model.trainable_variables]
        training()
        for variable, value in zip(model.trainable_variables, before, strict=True):
            if not np.array_equal(np.array(variable), value, equal_nan=True):
                return variable.path
    return ""


def _typed(inputs: Any, precision: str) -> Any:
    return keras.tree.map_structure(lambda each: each if each.dtype.kind == "i" else each.astype(precision), inputs)


def _gist(error: Exception) -> str:
    """Return what an error says, without what Keras puts around it."""
    text = message_of(error)
    inside = re.search(r"Exception encountered when calling [^\ufffd]*\ufffd\[1m(.*?)\ufffd\[0m", text)
    return (inside[1] if inside else text)[:160]


def _how(training: bool, differs: bool, precision: str) -> str:
    mode = "As it trains (the same random numbers each time)" if training else "As it predicts"
    return f"{mode if differs else 'As it predicts and trains'}, in {precision}"
