"""Who trains the runs of a command."""

import pytest

from keras_suite.experiments.scheduling.workers import refuse_devices_of, requested_workers


@pytest.mark.parametrize(
    ("request_", "here"),
    [((1, None, None), True), ((2, None, None), False), ((1, "tcp://a:1", None), False), ((1, None, 60.0), False)],
)
def test_one_worker_is_this_process_unless_it_must_be_killable(
    request_: tuple[int, str | None, float | None], here: bool
) -> None:
    assert requested_workers(*request_).this_process == here


def test_runs_on_several_devices_are_not_given_to_a_cluster_nor_one_gpu_to_two_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse_devices_of(requested_workers(1, "tcp://a:1", None), 1)
    with pytest.raises(ValueError, match="--devices 2 is for this machine, and the workers of --scheduler"):
        refuse_devices_of(requested_workers(1, "tcp://a:1", None), 2)
    refuse_devices_of(requested_workers(1, None, None), 2)
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda kind: ["a", "b"])
    with pytest.raises(ValueError, match="--workers 2 would all take the same 2 GPUs"):
        refuse_devices_of(requested_workers(2, None, None), 2)


def test_processes_of_this_machine_and_a_cluster_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="leave out one"):
        requested_workers(2, "tcp://127.0.0.1:8786", None)
