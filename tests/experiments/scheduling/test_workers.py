"""Who trains the runs of a command."""

import pytest

from keras_suite.experiments.scheduling.workers import requested_workers


@pytest.mark.parametrize(
    ("request_", "here"),
    [((1, None, None), True), ((2, None, None), False), ((1, "tcp://a:1", None), False), ((1, None, 60.0), False)],
)
def test_one_worker_is_this_process_unless_it_must_be_killable(
    request_: tuple[int, str | None, float | None], here: bool
) -> None:
    assert requested_workers(*request_).this_process == here


def test_processes_of_this_machine_and_a_cluster_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="leave out one"):
        requested_workers(2, "tcp://127.0.0.1:8786", None)
