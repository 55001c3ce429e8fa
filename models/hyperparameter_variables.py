"""Numbers that a network's training step reads when it runs, where Keras would have them traced into its graph.

So two networks that differ in such numbers only have the same graph, and a process that has traced one of them can
train the other with it: every variable of the other, and every number held here, is copied into it. All networks of
the suite have them, whether or not that is ever done: what is computed in a graph depends on which of its numbers are
constants, in the last bit.

A held number is no weight: it is not counted, not saved with the weights, and stands in the layer's config as it would
with Keras.
"""

import json
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

# What of a class's config is no part of its graph: numbers that it holds, and seeds of what its variables begin with.
HELD = {"models>Dropout": ("rate",), "models>L1L2": ("l1", "l2"), "models>AdamW": ("weight_decay",)}
BEGINNINGS = {"models>Dropout": ("seed",)}


def held(number: float) -> tf.Variable:
    """The number as a variable, float32, that Keras takes for no weight."""
    return tf.Variable(number, trainable=False, dtype=tf.float32)


def structure(model: keras.Model) -> str | None:
    """All that the training step of a compiled model is traced from; models of one structure have the same graph.

    Everything that Keras saves of the model, its optimizer and its loss, but for initial values, held numbers and a
    learning rate that is a number. None if some number is held where `copy_into` would not find it.
    """
    optimizer = keras.optimizers.serialize(model.optimizer)
    described = [keras.saving.serialize_keras_object(model), optimizer, keras.losses.serialize(model.loss)]
    found: list[str] = []
    text = json.dumps(_without_numbers(_of_step(described, model), found), sort_keys=True, default=repr)
    return text if len(found) == len(list(_held_numbers(model))) else None


def copy_into(model: keras.Model, source: keras.Model) -> None:
    """Makes a compiled model of the same structure the same as `source`: weights, states, optimizer, held numbers."""
    source.optimizer.build(source.trainable_variables)
    copy_variables(model, source)
    for variable, other in zip(model.optimizer.variables, source.optimizer.variables, strict=True):
        variable.assign(other.value)
    for number, other in zip(_held_numbers(model), _held_numbers(source), strict=True):
        number.assign(other)


def copy_variables(model: keras.Model, source: keras.Model) -> None:
    """Copies the weights, moving statistics and states of random generators of `source`, which has the same layers."""
    for variable, other in zip(model.variables, source.variables, strict=True):
        variable.assign(other.value)


def _of_step(described: list[Any], model: keras.Model) -> list[Any]:
    """The description without how the model was compiled, which the optimizer and the loss beside it say better."""
    network = {key: value for key, value in described[0].items() if key not in ("compile_config", "build_config")}
    return [network, *described[1:], [type(metric).__name__ for metric in model.metrics]]


def _without_numbers(value: Any, found: list[str]) -> Any:
    """The description with a flag, whether it is 0, in place of each held number; their names are added to `found`."""
    if isinstance(value, list | tuple):
        return [_without_numbers(item, found) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("registered_name")
    kept = {key: item for key, item in value.items() if not key.endswith("_initializer")}
    if isinstance(kept.get("learning_rate"), float):
        del kept["learning_rate"]
    if name in HELD:
        found += HELD[name]
        blank = {each: value["config"][each] != 0 for each in HELD[name]} | dict.fromkeys(BEGINNINGS.get(name, ()))
        kept["config"] = {**kept["config"], **blank}
    return {key: _without_numbers(item, found) for key, item in kept.items()}


def _held_numbers(model: keras.Model) -> Iterator[tf.Variable]:
    for layer in _innermost(model):
        for owner in (layer, getattr(layer, "kernel_regularizer", None)):
            yield from getattr(owner, "held", ())
    optimizer = model.optimizer
    yield from getattr(getattr(optimizer, "inner_optimizer", optimizer), "held", ())


def _innermost(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _innermost(layer)
        else:
            yield layer
