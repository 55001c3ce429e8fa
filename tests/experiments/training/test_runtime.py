"""What a run records of the process that trained it."""

from keras_suite.experiments.training.runtime import PeakMemory, available_cores, device, source_state, suite, versions


def test_versions_and_the_device_are_recorded() -> None:
    assert set(versions()) == {"python", "tensorflow", "keras", "numpy", "opencv-python-headless"}
    assert device() and available_cores() >= 1


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
