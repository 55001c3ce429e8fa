"""What a user's own callback keeps without handing it over: then a run cannot be resumed to the same bits.

Seen are its attributes. What it keeps elsewhere, in a global variable or a file, is not.
"""

import pickle
from typing import Any

import keras
import numpy as np

OF_KERAS = ("_model", "model", "params", "validation_data")


class UnsavedState:
    """Watches the attributes of a callback without `get_state`."""

    def __init__(self, name: str, callback: keras.callbacks.Callback) -> None:
        self._name, self._callback = name, callback
        self._before: dict[str, Any] = {}

    def begin(self) -> None:
        """Take what it keeps now for its state before training."""
        self._before = self._now()

    def changed(self) -> str:
        """Return a line that names the attributes which have changed since; "" if none has."""
        now = self._now()
        names = [key for key in sorted({*now, *self._before}) if now.get(key) != self._before.get(key)]
        if not names:
            return ""
        return (
            f"callback {self._name} keeps {', '.join(names)} from epoch to epoch and does not hand that over (give it "
            "get_state and set_state)"
        )

    def _now(self) -> dict[str, Any]:
        return {key: _digest(value) for key, value in vars(self._callback).items() if key not in OF_KERAS}


def _digest(value: Any) -> Any:
    """Return what is equal for equal values: their bytes, and of what has none the object itself."""
    if hasattr(value, "numpy"):  # a variable or tensor
        return np.asarray(value).tobytes()
    try:
        return pickle.dumps(value)
    except Exception:  # whatever an object of the user's own raises
        return id(value)
