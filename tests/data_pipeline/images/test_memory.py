"""What does not fit into memory is refused, with what would."""

from pathlib import Path

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


@pytest.mark.parametrize("version", [1, 2])
def test_a_containers_limit_counts_and_that_of_the_group_around_it(version: int, tmp_path: Path) -> None:
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    names = names if version == 1 else ("memory.max", "memory.current", "inactive_file")
    top = tmp_path / "groups" / ("memory" if version == 1 else "")
    for folder, limit in ((top / "batch", "4000"), (top / "batch" / "job", "max" if version == 2 else "9" * 19)):
        folder.mkdir(parents=True)
        (folder / names[0]).write_text(f"{limit}\n")
        (folder / names[1]).write_text("3000\n")
        (folder / "memory.stat").write_text(f"rss 2000\n{names[2]} 500\n")
    membership = tmp_path / "cgroup"
    membership.write_text("4:memory:/batch/job\n1:cpu:/\n" if version == 1 else "0::/batch/job\n")
    assert min(memory._free_in_groups(membership, tmp_path / "groups")) == 1500


def test_where_there_are_no_control_groups_nothing_limits(tmp_path: Path) -> None:
    assert list(memory._free_in_groups(tmp_path / "cgroup", tmp_path)) == []
