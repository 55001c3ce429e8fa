"""What a worker process says of itself before it trains for a command."""

from pathlib import Path

from keras_suite.experiments.scheduling.worker import describe, versions


def test_the_suites_own_code_is_among_the_versions() -> None:
    assert {"python", "tensorflow", "keras", "distributed", "the suite"} <= set(versions())


def test_folders_that_a_worker_does_not_see_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert "does not see the folder" in describe(1, missing, missing / "token", None).why_not
