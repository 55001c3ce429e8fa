"""What a run records of the process that trained it."""

import subprocess
import sys

import pytest
import tensorflow as tf

from keras_suite.experiments.training.runtime import (
    PeakMemory,
    available_cores,
    device,
    source_state,
    start_tensorflow,
    suite,
    versions,
)

LOADING = """
import os, sys
from keras_suite.experiments.training.runtime import without_chatter
with without_chatter():
    os.write(2, b"I0000 00:00:1795970588.8 1 port.cc:153] oneDNN custom operations are on.\\n")
    os.write(2, b"To enable the following instructions: AVX2\\n")
    os.write(2, b"2026-11-29 16:43:08.8: E external/x.cc:1] no device\\n")
    print("I read 3 files", file=sys.stderr)
os.write(2, b"I0000 00:00:1795970588.8 1 port.cc:153] later\\n")
"""


def test_versions_and_the_device_are_recorded() -> None:
    assert set(versions()) == {"python", "tensorflow", "keras", "numpy", "opencv-python-headless"}
    assert device() and available_cores() >= 1


def test_more_devices_than_there_are_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = tf.config.threading.get_intra_op_parallelism_threads()
    with pytest.raises(ValueError, match=r"--devices 4096 asks for more devices than the \d+ of this machine"):
        start_tensorflow(threads, 4096)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["the only one"])
    with pytest.raises(ValueError, match="--devices 2 asks for more GPUs than the 1 that TensorFlow sees"):
        start_tensorflow(threads, 2)


def test_the_state_of_the_code_is_a_commit_or_unknown() -> None:
    state = source_state()
    assert (state["commit"] is None) == (state["dirty"] is None)
    assert len(suite()) == 8


def test_the_largest_memory_is_that_of_the_block() -> None:
    with PeakMemory(every_seconds=0.001) as memory:
        held = bytearray(60_000_000)
        while memory.bytes < 60_000_000:
            held[0] = 1
    assert memory.bytes >= 60_000_000


def test_of_what_a_file_writes_while_it_is_imported_only_tensorflows_lines_are_left_out() -> None:
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["I read 3 files", "I0000 00:00:1795970588.8 1 port.cc:153] later"]
