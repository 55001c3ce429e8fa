"""Networks that stay compiled and traced in this process, so that runs that differ in numbers only need not be.

Most of a short run is building its graphs. A run whose network, loss and optimizer are like those of an earlier one,
but for rates, penalties, initial weights and seeds, is trained with the earlier one's graphs: it is copied into that
one, trained there, and copied back. It ends with the same bits as if it had been traced itself.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from keras_suite.callbacks.probing.probe import Look, Probe
from keras_suite.models.hyperparameter_variables import copy_into, copy_variables, structure

KEPT = 4  # a sweep's trials have a few structures: with and without dropout, say
MOST_BYTES = 64 * 2**20  # of weights: a run of larger networks takes so long that tracing does not count


class Traced:
    """A compiled model, and what has been traced for it beside its own functions."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self._look: Look | None = None

    def look(self, network: keras.Model, loss: Any, probe: Probe, **options: Any) -> Look:
        """The same as Look, of which the graph is kept."""
        if self._look is None:
            self._look = Look(network, loss, probe, **options)
        else:
            self._look.move_to(probe)
        return self._look


_kept: dict[str, Traced] = {}  # by structure, the least recently used first


@contextlib.contextmanager
def traced(model: keras.Model) -> Iterator[Traced]:
    """Gives what is to be trained in place of a compiled `model`; after the block, `model` has what was trained.

    That is the model itself where no other one serves. It may be kept then: whoever holds it after the next run may
    find other weights in it. After an error nothing is kept, since nobody knows what state it was left in.
    """
    key = structure(model) if _bytes(model) <= MOST_BYTES else None
    found = _kept.pop(key, None) if key is not None else None
    if found is None:
        found = Traced(model)
        yield found
    else:
        copy_into(found.model, model)
        yield found
        copy_variables(model, found.model)
    if key is not None:
        _kept[key] = found
        while len(_kept) > KEPT:
            del _kept[next(iter(_kept))]


def _bytes(model: keras.Model) -> int:
    return 4 * model.count_params()
