"""A user's own op, found by its name: a pair of passes, or a function with a gradient.

Two forms are checked:

- a pair: forward(*tensors, **options) -> (y, cache), and backward(dy, cache) -> a gradient for each tensor, None for a
  constant. Named are `conv_forward` (with `conv_backward` beside it), their stem `conv`, a tuple
  `conv = (forward, backward)`, an `Op` of models/ops/op.py, or a class with both as static methods.
- a function of tensors that returns a tensor: with `tf.custom_gradient`, or of TensorFlow's operations alone; also a
  `keras.losses.Loss`, as a class that needs no arguments or as an object, of labels `y_true` and `y_pred`.

Its tensors are the parameters without a default, or as many as shapes are given; the others are options.
"""

import functools
import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_suite.experiments.foreign_code import ForeignCodeError, WrongResult
from keras_suite.experiments.own_parts import modules
from keras_suite.experiments.own_parts.names import is_own, parsed
from keras_suite.experiments.own_parts.parts import OwnPart, locate
from keras_suite.models.gradient_check.passes import BACKWARD, FORWARD, Passes, by_tape, first_of
from keras_suite.models.gradient_check.trial_tensors import Shape
from keras_suite.tasks.wording.near_names import unknown
from keras_suite.tasks.wording.shown import shown

CONTRACT = "expected forward(*tensors) -> (y, cache) and backward(dy, cache) -> gradients"
BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def own_passes(
    name: str, shapes: Sequence[Shape] | None, options: Mapping[str, Any], constants: Sequence[str]
) -> Passes:
    """Return the passes of a user's op.

    Args:
        name: "file.py:op", as seen from the current folder, or "package.module:op".
        shapes: Of its tensors, if they are given: so many parameters are tensors.
        options: Of the function or the forward pass.
        constants: The names of tensors that have no gradient, beside those that are named as such.

    Raises:
        ValueError, OSError: If there is no such op, or it is none; one line says how to mend it.
    """
    if not is_own(name):
        raise ValueError(
            f"{shown(name)} names no op of your own: give my_ops.py:my_op; one of the suite is given as --op {name}"
        )
    part = _located(name)
    forward, backward = _found(part)
    parameters = _tensors(part, forward, shapes, options)
    for constant in constants:
        if constant not in parameters:
            raise ValueError(f"--constant {constant}: " + unknown("tensor", constant, parameters))
    if backward is None:
        passes = _by_tape(part, forward, parameters, options)
    else:
        passes = _pair(part, forward, backward, parameters, options)
    return replace(passes, constants=(*passes.constants, *constants))


def _located(name: str) -> OwnPart:
    """Return where a name stands in its file; a stem stands for its forward pass."""
    own = parsed(name)
    stem = own.function.removesuffix(BACKWARD)
    try:
        return locate(f"{own.place}:{stem}{FORWARD}" if stem != own.function else name, "")
    except ValueError as error:
        if own.function.endswith((FORWARD, BACKWARD)):
            raise
        try:
            return locate(name + FORWARD, "")
        except ValueError:
            raise error from None


def _found(part: OwnPart) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
    """Load a file, and return the passes that a name in it stands for; no backward pass for a function alone."""
    with part.file.calling("loading it"):
        module = importlib.import_module(part.module) if part.module else modules.load(part.path, part.root).module
        found = getattr(module, part.function, None)
        backward = getattr(module, part.function.removesuffix(FORWARD) + BACKWARD, None)
    if inspect.isclass(found) and issubclass(found, keras.Layer):
        raise ForeignCodeError(
            f"{part.path.name}: {part.function} is a Keras layer: check it inside a network, "
            f"--model {part.path.name}:my_network"
        )
    if inspect.isclass(found) and issubclass(found, keras.losses.Loss):
        return part.file.function(found, f"{part.function}()")().call, None
    if isinstance(found, keras.losses.Loss):
        return found.call, None
    if isinstance(found, tuple | list) and len(found) == 2 and all(map(callable, found)):
        return found[0], found[1]
    owner: Any = found
    if inspect.isclass(found) and inspect.isfunction(inspect.getattr_static(found, "forward", None)):
        owner = part.file.function(found, f"{part.function}()")()  # its passes take self
    if callable(getattr(owner, "forward", None)) and callable(getattr(owner, "backward", None)):
        return owner.forward, owner.backward
    if callable(found) and not inspect.isclass(found):
        return found, backward if part.function.endswith(FORWARD) and callable(backward) else None
    raise ForeignCodeError(
        f"{part.path.name} sets {part.function} to {shown(found)}: expected a function of tensors, or a pair of passes "
        f"(forward, backward), or {part.function}{FORWARD} and {part.function}{BACKWARD}"
    )


def _tensors(
    part: OwnPart, function: Callable[..., Any], shapes: Sequence[Shape] | None, options: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the names of the parameters that are tensors."""
    with part.file.calling("reading its signature"):
        signature = inspect.signature(function)
    parameters, place = list(signature.parameters.values()), f"{part.path.name}: {part.function}{signature}"
    varying = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for option in options:
        if option not in [p.name for p in parameters] and not varying:
            raise ValueError(f"{place}: " + unknown("option", option, [p.name for p in parameters]))
    needed = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty and p.name not in options]
    if needed:
        raise ValueError(f"{place} needs the option {needed[0]}: give it, --set {needed[0]}=…")
    by_position = [p for p in parameters if p.kind in BY_POSITION and p.name not in options]
    required = [p.name for p in by_position if p.default is p.empty]
    spread = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), None)
    if shapes is None:
        if not required:
            raise ValueError(
                f"{place} has no parameter without a default: say which tensors it takes, --shapes 4x5,5x3"
            )
        return tuple(required)
    names = [p.name for p in by_position]
    names += [f"{spread}[{number}]" for number in range(len(shapes) - len(names))] if spread else []
    if not len(required) <= len(shapes) <= len(names):
        raise ValueError(
            f"--shapes has {len(shapes)} in it, and {place} takes {', '.join(required)}: give a shape for each of "
            "these; options are given as --set name=value"
        )
    return tuple(names[: len(shapes)])


# -- the passes behind the boundary ----------------------------------------------------------------------------------


def _pair(
    part: OwnPart,
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    parameters: tuple[str, ...],
    options: Mapping[str, Any],
) -> Passes:
    names = getattr(forward, "__name__", f"{part.function}.forward"), getattr(backward, "__name__", "backward")

    def checked(result: Any) -> tuple[Any, Any]:
        if not isinstance(result, tuple) or len(result) != 2:
            found = (
                f"{len(result)} values"
                if isinstance(result, tuple)
                else "one tensor"
                if _is_numbers(result)
                else "no tuple"
            )
            raise WrongResult(f"returned {found}: expected (y, cache)")
        _check_y(result[0])
        return result

    def gradients(result: Any) -> Sequence[Any]:
        found = list(result) if isinstance(result, tuple | list) else [result]
        if len(found) != len(parameters):
            raise WrongResult(
                f"returned {len(found)} gradients for {len(parameters)} tensors ({', '.join(parameters)}): expected "
                "one for each, None for a constant"
            )
        for name, gradient in zip(parameters, found, strict=True):
            if gradient is not None and not _is_numbers(gradient):
                raise WrongResult(f"returned {shown(gradient)} for {name}: expected a tensor, or None for a constant")
        return found

    bound = functools.partial(forward, **options)
    call = f"{names[0]}({', '.join(parameters)})"
    there = part.file.function(bound, call, checked, defined=inspect.unwrap(forward))
    back = part.file.function(backward, f"{names[1]}(dy, cache)", gradients, defined=inspect.unwrap(backward))
    return Passes(part.function, parameters, there, back, plain=lambda *tensors: there(*tensors)[0])


def _by_tape(
    part: OwnPart, function: Callable[..., Any], parameters: tuple[str, ...], options: Mapping[str, Any]
) -> Passes:
    call, defined = f"{part.function}({', '.join(parameters)})", inspect.unwrap(function)

    def checked(result: tuple[Any, Any]) -> tuple[Any, Any]:
        y = result[0]
        if isinstance(y, tuple | list):
            raise WrongResult(
                f"returned {len(y)} values, and there is no {part.function.removesuffix(FORWARD)}{BACKWARD} beside it: "
                f"{CONTRACT}, or a function that returns one tensor"
            )
        _check_y(y)
        return result

    def inner(*tensors: Any) -> Any:
        y, _ = defined(*tensors, **options)
        return y

    forward, backward = by_tape(functools.partial(function, **options))
    there = part.file.function(forward, call, checked, defined=defined)
    back = part.file.function(backward, f"the gradient of {part.function}", defined=defined)
    plain = part.file.function(inner, call, defined=defined) if defined is not function else None
    return Passes(part.function, parameters, there, back, plain)


def _check_y(y: Any) -> None:
    first = first_of(y)
    if not _is_numbers(first):
        raise WrongResult(f"returned {shown(first)} for y: expected a tensor")
    if not np.issubdtype(np.asarray(first).dtype, np.floating):
        raise WrongResult(
            f"returned y of {np.asarray(first).dtype}, which has no gradient: expected floating-point numbers"
        )


def _is_numbers(value: Any) -> bool:
    return tf.is_tensor(value) or isinstance(value, np.ndarray | np.number | float)
