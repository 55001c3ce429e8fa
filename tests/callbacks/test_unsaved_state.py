"""What a callback keeps without handing it over is noticed, and named."""

from typing import Any

import keras
import numpy as np
import pytest

from keras_suite.callbacks.unsaved_state import UnsavedState


class Keeping(keras.callbacks.Callback):
    """Keeps values of many kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.count, self.rows, self.array = 0, [1], np.zeros(3)
        self.variable = keras.Variable(1.0)
        self.file = object()


def counted(callback: Any) -> None:
    callback.count += 1


def appended(callback: Any) -> None:
    callback.rows.append(2)


def written(callback: Any) -> None:
    callback.array[1] = 5


def assigned(callback: Any) -> None:
    callback.variable.assign(2.0)


def added(callback: Any) -> None:
    callback.new = None


def removed(callback: Any) -> None:
    del callback.count


def opened(callback: Any) -> None:
    callback.file = lambda: None


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (counted, "count"),
        (appended, "rows"),
        (written, "array"),
        (assigned, "variable"),
        (added, "new"),
        (removed, "count"),
        (opened, "file"),
    ],
)
def test_a_change_of_any_kind_is_noticed(change: Any, name: str) -> None:
    callback = Keeping()
    state = UnsavedState("Keeping", callback)
    state.begin()
    assert state.changed() == ""
    change(callback)
    assert f"callback Keeping keeps {name} from epoch to epoch" in state.changed()


def test_what_keras_sets_is_no_state() -> None:
    callback = Keeping()
    state = UnsavedState("Keeping", callback)
    state.begin()
    callback.set_model(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]))
    callback.set_params({"epochs": 3})
    assert state.changed() == ""
