"""A cache of compiled models, so that runs that differ in numbers only share their graphs.

Most of a short run is building its graphs. A run whose network, loss and optimizer are like those of an earlier one,
but for rates, penalties, initial weights and seeds, is trained with the earlier one's graphs: it is copied into that
one, trained there, and copied back. It ends with the same bits as if it had been traced itself.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from keras_suite.callbacks.probing.probe import LayerProbe, ProbeBatch
from keras_suite.models.hyperparameter_variables import copy_into, copy_variables, structure

MAX_MODELS = 4  # a sweep's trials have a few structures: with and without dropout, say
MAX_BYTES = 64 * 2**20  # of weights: a run of larger networks takes so long that tracing does not count


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
    key = structure(model) if 4 * model.count_params() <= MAX_BYTES else None
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
        _cache[key] = compiled
        while len(_cache) > MAX_MODELS:
            del _cache[next(iter(_cache))]
