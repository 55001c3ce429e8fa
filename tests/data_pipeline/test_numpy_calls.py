"""Python functions in a tf.data pipeline are counted while they run, so that a process can wait for their end."""

import threading
import time

import numpy as np
import tensorflow as tf

from keras_suite.data_pipeline import numpy_calls
from keras_suite.data_pipeline.numpy_calls import numpy_call


def test_a_numpy_function_is_called_in_a_pipeline() -> None:
    doubled = tf.data.Dataset.range(4).map(lambda x: numpy_call(lambda value: 2 * value, [x], tf.int64))
    assert [int(value) for value in doubled] == [0, 2, 4, 6]


def test_waiting_lasts_until_no_call_is_under_way() -> None:
    calls = numpy_calls._Calls()
    done: list[float] = []

    def slow() -> None:
        time.sleep(0.2)
        done.append(time.monotonic())

    thread = threading.Thread(target=calls.counted(slow))
    thread.start()
    while not calls.running:
        time.sleep(0.001)
    calls.wait()
    assert done and time.monotonic() >= done[0]
    thread.join()
    assert np.isfinite(calls.last_end)
