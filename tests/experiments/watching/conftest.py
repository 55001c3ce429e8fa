"""Recorded experiments and sweeps to be watched, of which runs go on because their heartbeat is of just now."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from keras_suite.reports.run_directory import ExperimentRuns
from keras_suite.reports.sweep.reading import Sweep
from tests.reports.conftest import MakeRuns, directory_of, runs_in
from tests.reports.sweep.conftest import MakeSweep, sweeps_in

GOES_ON = {"status": "running", "heartbeat": time.time() + 30}  # for as long as a test takes


@pytest.fixture
def make(tmp_path: Path) -> MakeRuns:
    return runs_in(tmp_path)


@pytest.fixture
def going(make: MakeRuns) -> ExperimentRuns:
    """Three runs of each variant: of the weak one, one goes on and one was killed."""
    return make(
        seeds=3,
        changes={("weak", 2): {**GOES_ON, "heartbeat": time.time()}, ("weak", 3): {"status": "running"}},
        configs={"weak": {"epochs": 5}, "strong": {"epochs": 5}},
    )


@pytest.fixture
def sweep(tmp_path: Path) -> Callable[..., Sweep]:
    return sweeps_in(tmp_path)


__all__ = ["MakeSweep", "directory_of"]
