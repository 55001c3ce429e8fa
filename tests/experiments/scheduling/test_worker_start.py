"""Several workers that would not end before one are announced as that."""

import pytest

from keras_suite.experiments.scheduling import fork_server, worker_start
from keras_suite.experiments.scheduling.worker_start import slower_than_one
from keras_suite.experiments.scheduling.workers import Workers
from keras_suite.experiments.training import runtime


@pytest.fixture(autouse=True)
def _import_takes_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "seconds_to_import", lambda: 10.0)
    monkeypatch.setattr(fork_server, "possible", lambda: True)


def test_workers_that_start_for_longer_than_they_save_are_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert slower_than_one(Workers(2), 20, 7.0) is None
    line = slower_than_one(Workers(2), 20, 5.0)
    assert line == (
        "Note: --workers 2 may take longer than one: they need about 3 s to start, "
        "and one process needs about 5 s for all"
    )
    monkeypatch.setattr(fork_server, "possible", lambda: False)
    assert "about 16 s to start" in (slower_than_one(Workers(2), 20, 7.0) or "")
    assert slower_than_one(Workers(2), 20, 40.0) is None


def test_one_run_one_process_and_a_cluster_are_not_compared_with_one() -> None:
    assert slower_than_one(Workers(2), 1, 1.0) is None, "one run is trained by one process"
    assert slower_than_one(Workers(1), 20, 1.0) is None
    assert slower_than_one(Workers(scheduler="tcp://a:1"), 20, 1.0) is None


def test_forked_workers_start_sooner_than_spawned_ones() -> None:
    assert worker_start.FORKED < worker_start.SPAWNED
