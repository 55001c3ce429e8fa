"""Exact resume: everything that the next training step depends on, saved at epoch ends and restored bit for bit."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol, cast

import keras
import numpy as np

from keras_suite.callbacks.unsaved_state import UnsavedState
from keras_suite.tasks.wording.shown import shown

Arrays = dict[str, np.ndarray]
UNSAVED = "unsaved"  # in a checkpoint that nothing can be resumed from: why


class UnusableCheckpoint(ValueError):
    """What was saved does not belong to what is trained now."""


class Stateful(Protocol):
    """A callback that training depends on: its state is JSON values and lists of arrays."""

    def get_state(self) -> dict[str, Any]: ...

    def set_state(self, state: dict[str, Any]) -> None: ...


class Snapshot(keras.callbacks.Callback):
    """Saves model, optimizer and callback state every `every_seconds`, at the last epoch and when training stops.

    It must stand last in the list: Keras's callbacks reset themselves in `on_train_begin`, and this one restores them
    after that. Older snapshots replay to the same bits, so not every epoch needs one.

    Args:
        save: is called with JSON values and arrays, and must write both in one atomic step.
        restored: what `save` was called with in the process that was interrupted, or None.
        variables: the whole model's, of which fit may train a part. They and `optimizer.variables` hold what
            `get_weights()` leaves out: the dropout seeds, the learning rate, the step count.
        stateful: callbacks, of which those with `get_state` and `set_state` are saved and restored.
        own: the user's own callbacks, by name. Of those without `get_state` what they keep is watched: once it changes,
            nothing is saved any more, since a resumed run would not end with the same bits.
        warn: is called with a line that says so.
        position: JSON values that are saved with the state.
        epochs: the last epoch.
        every_seconds: between two snapshots.
    """

    def __init__(
        self,
        save: Callable[[dict[str, Any], Arrays], None],
        restored: tuple[dict[str, Any], Arrays] | None,
        *,
        variables: Sequence[Any],
        stateful: Sequence[keras.callbacks.Callback],
        own: Mapping[str, keras.callbacks.Callback] = MappingProxyType({}),
        warn: Callable[[str], None] = print,
        position: Mapping[str, Any],
        epochs: int,
        every_seconds: float = 30.0,
    ) -> None:
        super().__init__()
        self._save, self._restored = save, restored
        self._variables, self._position = variables, dict(position)
        self._epochs, self._every_seconds = epochs, every_seconds
        kept = [callback for callback in stateful if hasattr(callback, "get_state")]
        self._stateful = {type(callback).__name__: cast(Stateful, callback) for callback in kept}
        handing_over = {name: callback for name, callback in own.items() if hasattr(callback, "get_state")}
        self._stateful |= {f"own {name}": cast(Stateful, callback) for name, callback in handing_over.items()}
        self._watched = [UnsavedState(name, each) for name, each in own.items() if name not in handing_over]
        self._warn, self._unsaved, self._saved = warn, "", False
        self._saved_at = time.monotonic()

    def on_train_begin(self, logs: Any = None) -> None:
        if not self.model.optimizer.built:  # twice would give a LossScaleOptimizer other variables than its graph has
            self.model.optimizer.build(self.model.trainable_variables)
        if self._restored is not None:
            try:
                self._restore(*self._restored)
            except (KeyError, TypeError, ValueError) as error:
                raise UnusableCheckpoint(f"the checkpoint does not fit: {error}") from error
        for each in self._watched:
            each.begin()

    def _restore(self, state: dict[str, Any], arrays: Arrays) -> None:
        _assign(self._variables, arrays, "model")
        _assign(self.model.optimizer.variables, arrays, "optimizer")
        for name, callback in self._stateful.items():
            if name in state["callbacks"]:  # one that is newer than the checkpoint begins there
                callback.set_state(_with_arrays(state["callbacks"][name], arrays, name))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        ended = self.model.stop_training or epoch + 1 == self._epochs
        if ended or time.monotonic() - self._saved_at >= self._every_seconds:
            if not self._is_unsaved():
                self._save(*self._state(epoch + 1, ended))
                self._saved = True
            self._saved_at = time.monotonic()

    def _is_unsaved(self) -> bool:
        """Return whether a callback keeps what it does not hand over; the first time, say so."""
        changed = next((line for each in self._watched if (line := each.changed())), "")
        if changed and not self._unsaved:
            self._unsaved = changed
            self._warn(f"{changed}: if this run is interrupted, it begins anew, or where nothing had changed yet")
            if self._restored is None and not self._saved:
                self._save({**self._position, UNSAVED: changed}, {})
        return bool(self._unsaved)

    def _state(self, epoch: int, ended: bool) -> tuple[dict[str, Any], Arrays]:
        arrays = _numbered(self._variables, "model") | _numbered(self.model.optimizer.variables, "optimizer")
        callbacks = {}
        for name, callback in self._stateful.items():
            callbacks[name], extra = _without_arrays(_handed_over(name, callback), name)
            arrays |= extra
        stopped = bool(self.model.stop_training)
        return {**self._position, "epoch": epoch, "ended": ended, "stopped": stopped, "callbacks": callbacks}, arrays


def _handed_over(name: str, callback: Stateful) -> dict[str, Any]:
    """Return a callback's state; ValueError if it cannot be saved."""
    state = callback.get_state()
    try:
        json.dumps(_without_arrays(state, name)[0])
    except (TypeError, ValueError, AttributeError):
        raise ValueError(
            f"callback {name.removeprefix('own ')}: get_state returned {shown(state)}: expected a dict of JSON values "
            "and lists of arrays"
        ) from None
    return state


def _numbered(variables: Sequence[Any], prefix: str) -> Arrays:
    return {f"{prefix}/{i}": np.asarray(variable) for i, variable in enumerate(variables)}


def _assign(variables: Sequence[Any], arrays: Mapping[str, np.ndarray], prefix: str) -> None:
    saved = [name for name in arrays if name.startswith(f"{prefix}/")]
    if len(saved) != len(variables):
        raise ValueError(f"the checkpoint holds {len(saved)} {prefix} variables, the model built now {len(variables)}")
    for i, variable in enumerate(variables):
        variable.assign(arrays[f"{prefix}/{i}"])


def _without_arrays(state: Mapping[str, Any], prefix: str) -> tuple[dict[str, Any], Arrays]:
    """Split lists of arrays off, leaving their number in the JSON part."""
    plain: dict[str, Any] = {}
    arrays: Arrays = {}
    for key, value in state.items():
        if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
            plain[key] = {"arrays": len(value)}
            arrays |= {f"{prefix}.{key}/{i}": array for i, array in enumerate(value)}
        else:
            plain[key] = value
    return plain, arrays


def _with_arrays(state: Mapping[str, Any], arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, Any]:
    def whole(key: str, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"arrays"}:
            return [arrays[f"{prefix}.{key}/{i}"] for i in range(value["arrays"])]
        return value

    return {key: whole(key, value) for key, value in state.items()}
