"""One run on two logical devices of the processor: the same numbers as on one, and the same bits after a kill."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.config import override
from keras_suite.reports import run_directory
from tests.end_to_end.training_process import CONFIG, epochs_done, finish, kill_when, make_job, result, start

PLAIN = override(CONFIG, {"model.batch_normalization": None, "model.dropout": 0.0, "epochs": 2})


@pytest.mark.slow
def test_two_devices_train_as_one_but_for_rounding(tmp_path: Path) -> None:
    one, two = (finish(make_job(tmp_path / f"{n}", PLAIN, devices=n), tmp_path) for n in (1, 2))
    assert "devices" not in run_directory.read_run(one).record and run_directory.read_run(two).record["devices"] == 2
    assert one.parent.name != two.parent.name
    expected, found = result(one), result(two)
    for here, there in zip(expected["history"], found["history"], strict=True):
        assert there == pytest.approx(here, abs=1e-5)
    probabilities = [np.frombuffer(each["probabilities"], np.float32) for each in (expected, found)]
    np.testing.assert_allclose(*probabilities, atol=1e-4)


@pytest.mark.slow
def test_resume_after_kill_on_two_devices_is_bit_identical(tmp_path: Path) -> None:
    """With batch normalisation, whose moving statistics each device has for itself, dropout and best weights."""
    undisturbed = result(finish(make_job(tmp_path / "undisturbed", devices=2), tmp_path))
    job = make_job(tmp_path / "killed", devices=2)
    for epochs in (2, 5):
        kill_when(start(job, tmp_path), lambda least=epochs: epochs_done(job) >= least)  # type: ignore[misc]
    assert result(finish(job, tmp_path)) == undisturbed
