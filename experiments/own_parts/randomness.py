"""Random numbers inside a user's network or loss whose state no checkpoint can hold: named before anything trains."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import tensorflow as tf
from keras.src.random.seed_generator import global_seed_generator

from keras_suite.experiments.foreign_code import WrongResult

MEND = "keep a keras.random.SeedGenerator in the layer, made in __init__, and pass it as seed="
STATEFUL = frozenset(
    {
        *("Multinomial", "ParameterizedTruncatedNormal", "RandomCrop", "RandomGamma", "RandomPoisson"),
        *("RandomPoissonV2", "RandomShuffle", "RandomStandardNormal", "RandomUniform", "RandomUniformInt"),
        *("TruncatedNormal", "StatefulRandomBinomial", "StatefulStandardNormal", "StatefulStandardNormalV2"),
        *(
            "RngReadAndSkip",
            "RngSkip",
            "StatefulTruncatedNormal",
            "StatefulUniform",
            "StatefulUniformFullInt",
            "StatefulUniformInt",
        ),
    }
)


inner_functions = attrgetter("library.function")  # of a graph's definition


def refuse_unsaved_randomness(function: Callable[..., Any], *inputs: Any) -> None:
    """Trace a function as training does, and refuse it if what it draws could not be continued after an interruption.

    Raises:
        WrongResult: If it draws from a generator that belongs to no layer.
    """
    keras_generator = global_seed_generator()
    traced = tf.function(function).get_concrete_function(*inputs)
    definition = traced.graph.as_graph_def()
    nodes = [*definition.node, *(node for inner in inner_functions(definition) for node in inner.node_def)]
    kinds = {node.op for node in nodes}
    drawn = sorted(kinds & STATEFUL)
    if drawn:
        raise WrongResult(
            f"draws from TensorFlow's own generator ({', '.join(drawn)}), which no checkpoint holds: {MEND}"
        )
    if any(captured is keras_generator.state.value.handle for captured in traced.captured_inputs):
        raise WrongResult(f"draws from Keras's global generator, which no checkpoint holds: {MEND}")
