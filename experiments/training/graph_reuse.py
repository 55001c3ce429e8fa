"""A cache of compiled models, so that runs that differ in numbers only share their graphs.

Most of a short run is building its graphs. A run whose network, loss and optimizer are like those of an earlier one,
but for rates, penalties, initial weights and seeds, is trained with the earlier one's graphs: it is copied into that
one, trained there, and copied back. It ends with the same bits as if it had been traced itself. What a trained network
predicts is computed likewise, by a network of the same structure that was traced before.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import keras

from keras_suite.callbacks.probing.probe import LayerProbe, ProbeBatch
from keras_suite.models.hyperparameter_variables import copy_into, copy_variables, network_structure, structure

Traced = TypeVar("Traced")

MAX_MODELS = 16  # a sweep's trials have some structures: heads of a few sizes, with and without dropout, say
MAX_BYTES = 64 * 2**20  # of weights: a run of larger networks takes so long that tracing does not count
MAX_BYTES_OF_ALL = 4 * MAX_BYTES


class CompiledModel:
    """A compiled model, and the LayerProbe that has been traced for it."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self._layer_probe: LayerProbe | None = None

    def layer_probe(self, network: keras.Model, loss: Any, probe: ProbeBatch, **options: Any) -> LayerProbe:
        """Return a LayerProbe as `LayerProbe(...)` creates it, with the graph of the one before."""
        if self._layer_probe is None:
            self._layer_probe = LayerProbe(network, loss, probe, **options)
        else:
            self._layer_probe.move_to(probe)
        return self._layer_probe


_cache: dict[str, CompiledModel] = {}  # by structure, the least recently used first


@contextlib.contextmanager
def reusing_graphs(model: keras.Model, source: str = "") -> Iterator[CompiledModel]:
    """Yield the model to train in place of a compiled `model`, which has its weights after the block.

    That is the model itself where no cached one has the same structure. It may be cached then, and the next run
    overwrites its weights. After an error nothing is cached, since the model's state is unknown.

    Args:
        model: The compiled model.
        source: What else its graph follows from, where Keras's description of it does not tell all.
    """
    key = structure(model) if bytes_of(model) <= MAX_BYTES else None
    key = None if key is None else key + source
    compiled = _cache.pop(key, None) if key is not None else None
    if compiled is None:
        compiled = CompiledModel(model)
        yield compiled
    else:
        copy_into(compiled.model, model)
        yield compiled
        copy_variables(model, compiled.model)
    if key is not None:
        _keep(_cache, key, compiled)


@dataclass(frozen=True)
class TracedModel:
    """A model, and what predicts with it."""

    model: keras.Model
    traced: Any


_traced: dict[str, TracedModel] = {}  # by structure and use, the least recently used first


@contextlib.contextmanager
def predicting(
    model: keras.Model, use: str, trace: Callable[[keras.Model], Traced], source: str = ""
) -> Iterator[Traced]:
    """Yield what predicts in this block as `model` does, in the same bits.

    That is `trace` of the model itself where there is none of an earlier model of the same structure, which has this
    model's weights in the block. Nobody may need an earlier model any more.

    Args:
        model: The model, whose weights do not change in the block.
        use: What the traced graphs follow from beside the model: the sizes of batches, and their order.
        trace: Returns what predicts with a model and keeps its graphs.
        source: As in `reusing_graphs`.
    """
    if bytes_of(model) > MAX_BYTES:
        yield trace(model)
        return
    key = f"{network_structure(model)}{use}{source}"
    earlier = _traced.pop(key, None) or TracedModel(model, trace(model))
    if earlier.model is not model:
        copy_variables(earlier.model, model)
    yield earlier.traced
    _keep(_traced, key, earlier)


def _keep(cache: dict[str, Any], key: str, value: Any) -> None:
    """Add to a cache what was used last; what has not been used for longest is dropped."""
    cache[key] = value
    while len(cache) > MAX_MODELS or sum(bytes_of(kept.model) for kept in cache.values()) > MAX_BYTES_OF_ALL:
        del cache[next(iter(cache))]


def bytes_of(model: keras.Model) -> int:
    """Return the bytes of a model's weights."""
    return 4 * int(model.count_params())
