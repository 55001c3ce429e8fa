"""Python functions in a tf.data pipeline: called with arrays, and waited for when the process ends."""

import threading
import time

import numpy as np
import pytest
import tensorflow as tf

from keras_suite.data_pipeline.numpy_calls import _Calls, numpy_call, original
from tests.data_pipeline.stream_process import run_process


def test_a_function_is_called_with_arrays_as_an_op_of_a_graph() -> None:
    def both(numbers: np.ndarray, factor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert isinstance(numbers, np.ndarray)
        return numbers * factor, np.float32(numbers.sum())

    @tf.function
    def graph(numbers: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return numpy_call(both, [numbers, tf.constant(3)], (tf.int32, tf.float32))

    multiplied, total = graph(tf.constant([1, 2, 4]))
    assert multiplied.numpy().tolist() == [3, 6, 12] and total.numpy() == 7


def test_the_end_of_a_process_waits_for_running_calls_also_after_errors() -> None:
    calls, ended = _Calls(), []

    def work() -> None:
        time.sleep(0.4)
        ended.append(True)
        raise ValueError("a call that failed")

    def run() -> None:
        with pytest.raises(ValueError, match="a call that failed"):
            calls.counted(work)()

    thread = threading.Thread(target=run)
    thread.start()
    while not calls.running:
        time.sleep(0.01)
    calls.wait()
    assert ended and calls.running == 0
    thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(3))
def test_a_process_ends_in_order_while_a_stream_is_at_work(attempt: int) -> None:
    assert run_process("leave").returncode == 0


def test_an_error_of_a_function_is_found_again_in_what_tensorflow_makes_of_it() -> None:
    def fails(number: np.ndarray) -> np.ndarray:
        raise FileNotFoundError(f"image {number} is gone")

    numbers = tf.data.Dataset.range(3).map(lambda number: numpy_call(fails, [number], tf.int64))
    with pytest.raises(tf.errors.OpError) as raised:
        list(numbers)
    found = original(raised.value)
    assert isinstance(found, FileNotFoundError) and str(found).endswith(" is gone")
    other = ValueError("of its own")
    assert original(other) is other
