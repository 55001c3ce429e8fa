"""What does not fit into memory is refused, with what would."""

import pytest

from keras_suite.data_pipeline.images import memory


def test_what_needs_more_than_is_free_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: 10 * 10**9)
    memory.check_fits(8 * 10**9, "8 images", "leave some out")
    with pytest.raises(ValueError, match=r"^8 images need 12.0 GB of memory, and 10.0 GB are free: leave some out$"):
        memory.check_fits(12 * 10**9, "8 images", "leave some out")


def test_the_largest_side_fits_and_one_more_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: 10**9)
    side = memory.most_side(1000, 3)
    memory.check_fits(1000 * side * side * 3, "images", "")
    with pytest.raises(ValueError, match="GB"):
        memory.check_fits(1000 * (side + 1) ** 2 * 3, "images", "")


def test_free_memory_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory.free_bytes() > 10**6
