"""Call Python functions in a tf.data pipeline, and end the process in order while some are running.

TensorFlow's threads call such functions ahead of need, also while the interpreter shuts down: a thread that then asks
for Python's lock aborts the process or leaves it hanging. So the process's end waits until the pipelines' buffers are
full and no call is running any more; they are bounded, so that takes a moment only.
"""

import atexit
import copy
import functools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

_QUIET_SECONDS, _PATIENCE_SECONDS = 0.1, 10.0


class _Calls:
    """How many calls are running, and when the last one ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = 0
        self.last_end = time.monotonic()
        self.raised: Exception | None = None
        atexit.register(self.wait)

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, counted while it runs."""

        @functools.wraps(function)
        def call(*arguments: Any) -> Any:
            with self.lock:
                self.running += 1
            try:
                return function(*arguments)
            except Exception as error:
                self.raised = copy.copy(error)  # without its traceback, which would keep alive what is read from
                raise
            finally:
                with self.lock:
                    self.running -= 1
                    self.last_end = time.monotonic()

        return call

    def wait(self) -> None:
        """Wait until no call has run for a moment, or until 10 seconds are over."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with self.lock:
                if self.running == 0 and time.monotonic() - self.last_end > _QUIET_SECONDS:
                    return
            time.sleep(_QUIET_SECONDS / 10)


_calls = functools.cache(_Calls)


def original(error: Exception) -> Exception:
    """Return what a function that a pipeline called has raised, where TensorFlow's error reports that; else `error`."""
    raised = _calls().raised
    if isinstance(error, tf.errors.OpError) and raised is not None and type(raised).__name__ in str(error):
        return raised
    return error


def numpy_call(function: Callable[..., Any], inputs: Sequence[tf.Tensor], types: Any) -> Any:
    """Call a pure function as an op, as `tf.numpy_function` does.

    Args:
        function: Called with an array for each input.
        inputs: Tensors.
        types: The type of its result, or those of its results.

    Returns:
        A tensor, or a tuple of them; their shapes are unknown.
    """
    return tf.numpy_function(_calls().counted(function), list(inputs), types, stateful=False)
