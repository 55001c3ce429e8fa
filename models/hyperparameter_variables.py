"""Hyperparameters that a network's training step reads from variables, where Keras would trace them as constants.

So two networks that differ in such hyperparameters only have the same graph, and a process that has traced one of them
can train the other with it: every variable of the other, and every hyperparameter, is copied into it. All networks of
the suite have them, whether or not that is ever done: what is computed in a graph depends on which of its numbers are
constants, in the last bit.

A hyperparameter is no weight: it is not counted, not saved with the weights, and stands in the layer's config as it
would with Keras. Its owner (layer, regularizer or optimizer) keeps its variables in a tuple `hyperparameters`.
"""

import json
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

# What of a class's config is no part of its graph: hyperparameters in variables, and seeds of initial states.
HYPERPARAMETERS = {"models>Dropout": ("rate",), "models>L1L2": ("l1", "l2"), "models>AdamW": ("weight_decay",)}
SEEDS = {"models>Dropout": ("seed",)}


def hyperparameter(value: float) -> tf.Variable:
    """Return the value as a float32 variable that Keras takes for no weight."""
    return tf.Variable(value, trainable=False, dtype=tf.float32)


def structure(model: keras.Model) -> str | None:
    """Describe all that the training step of a compiled model is traced from; equal structures have equal graphs.

    Returns:
        Everything that Keras saves of the model, its optimizer and its loss, as JSON, but for initial values,
        hyperparameters in variables and a learning rate that is a number. None if some hyperparameter is where
        `copy_into` would not find it.
    """
    optimizer = keras.optimizers.serialize(model.optimizer)
    optimizer["config"].pop("name", None)  # Keras counts: adam, adam_1
    metrics = model.get_compile_config()["metrics"]  # model.metrics names them only once a step has been traced
    kinds = [type(metric).__name__ for metric in model.metrics]
    description = [_of_network(model), optimizer, keras.losses.serialize(model.loss), kinds, metrics]
    names: list[str] = []
    text = json.dumps(_without_values(description, names), sort_keys=True, default=repr)
    return text if len(names) == len(list(_hyperparameters(model))) else None


def network_structure(model: keras.Model) -> str:
    """Describe all that a network's predictions are traced from, but for its weights: with equal ones two of equal
    structures predict the same.
    """
    return json.dumps(_without_values(_of_network(model), []), sort_keys=True, default=repr)


def copy_into(model: keras.Model, source: keras.Model) -> None:
    """Make a compiled model of the same structure the same as `source`: weights, states, optimizer, hyperparameters."""
    source.optimizer.build(source.trainable_variables)
    copy_variables(model, source)
    for variable, other in zip(model.optimizer.variables, source.optimizer.variables, strict=True):
        variable.assign(other.value)
    for variable, other in zip(_hyperparameters(model), _hyperparameters(source), strict=True):
        variable.assign(other)


def copy_variables(model: keras.Model, source: keras.Model) -> None:
    """Copy the weights, moving statistics and states of random generators of `source`, which has the same layers."""
    for variable, other in zip(model.variables, source.variables, strict=True):
        variable.assign(other.value)


def _of_network(model: keras.Model) -> dict[str, Any]:
    """Return what Keras saves of a network, without how it was compiled, and the numbers that its graphs hold.

    Those are what `Normalization` was adapted to: it makes constants of its variables.
    """
    described = keras.saving.serialize_keras_object(model)
    kept = {key: value for key, value in described.items() if key not in ("compile_config", "build_config")}
    adapted = [layer for layer in innermost_layers(model) if isinstance(layer, keras.layers.Normalization)]
    return {**kept, "adapted": [[np.asarray(each).tolist() for each in (x.mean, x.variance)] for x in adapted]}


def _without_values(value: Any, names: list[str]) -> Any:
    """Replace each hyperparameter in a description by whether it is not 0; their names are added to `names`."""
    if isinstance(value, list | tuple):
        return [_without_values(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("registered_name")
    kept = {key: item for key, item in value.items() if not key.endswith("_initializer")}
    if isinstance(kept.get("learning_rate"), float):
        del kept["learning_rate"]
    if name in HYPERPARAMETERS:
        names += HYPERPARAMETERS[name]
        flags = {each: value["config"][each] != 0 for each in HYPERPARAMETERS[name]}
        kept["config"] = {**kept["config"], **flags, **dict.fromkeys(SEEDS.get(name, ()))}
    return {key: _without_values(item, names) for key, item in kept.items()}


def _hyperparameters(model: keras.Model) -> Iterator[tf.Variable]:
    for layer in innermost_layers(model):
        for owner in (layer, getattr(layer, "kernel_regularizer", None)):
            yield from getattr(owner, "hyperparameters", ())
    optimizer = model.optimizer
    yield from getattr(getattr(optimizer, "inner_optimizer", optimizer), "hyperparameters", ())


def innermost_layers(model: keras.Model) -> Iterator[keras.Layer]:
    """Yield the layers of a model, in its order; those of models inside it in the place of these."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from innermost_layers(layer)
        else:
            yield layer
