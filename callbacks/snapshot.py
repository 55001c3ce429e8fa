"""Exact resume: everything that the next training step depends on, saved now and then and restored bit for bit."""

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
LEAST_PAUSE = 20  # times as long as a snapshot took pass before the next within an epoch: at most 5 % of the time
OF_BATCHES = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")


class UnusableCheckpoint(ValueError):
    """What was saved does not belong to what is trained now."""


class Stateful(Protocol):
    """A callback that training depends on: its state is JSON values and lists of arrays."""

    def get_state(self) -> dict[str, Any]: ...

    def set_state(self, state: dict[str, Any]) -> None: ...


def progress(state: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many epochs, and how many steps of the next one, a snapshot's JSON values have behind them."""
    if "step" in state:
        return state["in_epoch"], state["step"]
    return state["epoch"], 0


class Snapshot(keras.callbacks.Callback):
    """Saves model, optimizer and callback state every `every_seconds`, at the last epoch and when training stops.

    It must stand last in the list: Keras's callbacks reset themselves in `on_train_begin`, and this one restores them
    after that. Older snapshots replay to the same bits, so not every epoch needs one, and a long epoch has several.
    One within an epoch holds the metrics' state, too; the epoch that it is restored in has the steps that were left.
    Before `fit` the metrics must have been built then.

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
        within_epochs: whether to save within epochs, too. No callback of the user's that is called for batches allows
            that: it would miss those before.
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
        within_epochs: bool = True,
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
        self._saved_at, self._took = time.monotonic(), 0.0
        self._within = within_epochs and not any(map(_sees_batches, own.values()))
        self._epoch, self._before, self._is_cut = 0, 0, False  # steps of this epoch in the process before

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
        _, self._before = progress(state)
        if not 0 <= self._before < self.params["steps"]:
            raise ValueError(f"it has {self._before} steps of an epoch of {self.params['steps']}")
        if self._before:
            _assign(self.model.metrics_variables, arrays, "metrics")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._epoch:  # not the first one
            self._before = 0
        self._epoch = epoch + 1
        if self._before and self._restored is not None:  # Keras has reset the metrics, and the callbacks began anew
            self._restore(*self._restored)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Save what the steps so far came to; Keras calls this, unlike `on_train_batch_end`, in its own thread."""
        step = self._before + batch
        if self._before and step + 1 == self.params["steps"] and not self.model.stop_training:
            self.model.stop_training = self._is_cut = True  # Keras leaves the epoch after this batch
        pause = max(self._every_seconds, LEAST_PAUSE * self._took)
        if self._within and batch and time.monotonic() - self._saved_at >= pause:
            self._save_now(self._epoch - 1, step, ended=False)

    def on_test_begin(self, logs: Any = None) -> None:
        if self._is_cut:
            self.model.stop_training = self._is_cut = False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        ended = self.model.stop_training or epoch + 1 == self._epochs
        if ended or time.monotonic() - self._saved_at >= self._every_seconds:
            self._save_now(epoch + 1, 0, ended)

    def _save_now(self, epoch: int, step: int, ended: bool) -> None:
        began = time.monotonic()
        if not self._is_unsaved():
            self._save(*self._state(epoch, step, ended))
            self._saved = True
        self._saved_at = time.monotonic()
        self._took = self._saved_at - began

    def _is_unsaved(self) -> bool:
        """Return whether a callback keeps what it does not hand over; the first time, say so."""
        changed = next((line for each in self._watched if (line := each.changed())), "")
        if changed and not self._unsaved:
            self._unsaved = changed
            self._warn(f"{changed}: if this run is interrupted, it begins anew, or where nothing had changed yet")
            if self._restored is None and not self._saved:
                self._save({**self._position, UNSAVED: changed}, {})
        return bool(self._unsaved)

    def _state(self, epoch: int, step: int, ended: bool) -> tuple[dict[str, Any], Arrays]:
        arrays = _numbered(self._variables, "model") | _numbered(self.model.optimizer.variables, "optimizer")
        if step:
            arrays |= _numbered(self.model.metrics_variables, "metrics")
        callbacks = {}
        for name, callback in self._stateful.items():
            callbacks[name], extra = _without_arrays(_handed_over(name, callback), name)
            arrays |= extra
        stopped = bool(self.model.stop_training) and not self._is_cut
        # Versions that know no steps would begin the epoch anew with these weights: they find no "epoch", and refuse.
        reached = {"in_epoch": epoch, "step": step} if step else {"epoch": epoch}
        return {**self._position, **reached, "ended": ended, "stopped": stopped, "callbacks": callbacks}, arrays


def _sees_batches(callback: keras.callbacks.Callback) -> bool:
    own, plain = type(callback), keras.callbacks.Callback
    return any(name in vars(callback) or getattr(own, name) is not getattr(plain, name) for name in OF_BATCHES)


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
