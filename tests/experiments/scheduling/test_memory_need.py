"""What does not fit into the machine's memory is said before it trains, for all worker processes together."""

import pytest

from keras_suite.experiments.scheduling import memory_need
from keras_suite.experiments.scheduling.memory_need import memory_warning, needed_bytes
from keras_suite.experiments.training import runtime

GIB = 2**30


@pytest.fixture
def small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which this process holds about nothing, and 4 GiB can be had."""
    monkeypatch.setattr(runtime, "memory_at_start", lambda: runtime.MemoryAtStart(GIB * 3 // 4, GIB // 2))
    monkeypatch.setattr(memory_need, "held_bytes", lambda: GIB * 3 // 4)
    monkeypatch.setattr(memory_need, "free_bytes", lambda: GIB * 13 // 4)


@pytest.mark.parametrize(("processes", "needed"), [(1, GIB), (2, 2 * GIB), (4, 3 * GIB)])
def test_workers_share_their_libraries_and_stand_beside_the_command(
    small_machine: None, processes: int, needed: int
) -> None:
    assert needed_bytes(GIB, processes) == needed


@pytest.mark.parametrize(("expected", "processes"), [(4 * GIB, 1), (GIB, 6)])
def test_what_fits_needs_no_word(small_machine: None, expected: int, processes: int) -> None:
    assert memory_warning("wide", expected, processes) is None


def test_what_does_not_fit_is_said_with_what_to_change(small_machine: None) -> None:
    assert memory_warning("wide", 5 * GIB, 1) == (
        "variant 'wide' is expected to take 5.00 GiB of memory, and 4.00 GiB can be had: runs may be killed; give a "
        "smaller batch_size or dataset.image_size"
    )
    assert memory_warning("wide", GIB, 8) == (
        "variant 'wide' is expected to take 1.00 GiB of memory, 5.00 GiB in 8 worker processes and the command, and "
        "4.00 GiB can be had: runs may be killed; give a smaller batch_size or dataset.image_size, or fewer --workers "
        "than 8"
    )
