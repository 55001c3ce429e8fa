"""One run on two logical devices of the processor: the same numbers as on one, and the same bits after a kill."""

import functools
from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.config import override
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.devices import mirrored, on_devices, strategy
from keras_suite.experiments.training.job import Job
from keras_suite.experiments.training.prepared_run import prepare
from keras_suite.reports import run_directory
from tests.end_to_end.forked import fork
from tests.end_to_end.training_process import (
    CONFIG,
    SAID,
    epochs_done,
    finish,
    kill_when,
    make_job,
    outcome,
    result,
    start,
)
from tests.end_to_end.typed import tiny_experiment, type_command

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


def _print_answers(job: Job) -> None:
    """Print whether two devices answer one image alike, as it is trained on and as it is predicted."""
    runtime.start_tensorflow(job.options.threads, 2)
    run = prepare(job)
    run.fresh_session()
    model, image = run.build_model(), run.probe(1).inputs
    with on_devices(2):
        mirror = mirrored(run, model)
        for training in (False, True):
            answers = strategy(2).run(functools.partial(mirror, image, training=training)).values
            print(np.array_equal(*map(np.asarray, answers)))


@pytest.mark.slow
def test_devices_have_the_same_weights_and_dropout_masks_of_their_own(tmp_path: Path) -> None:
    config = override(CONFIG, {"model.batch_normalization": None, "model.dropout": 0.5})
    said = outcome(fork(tmp_path / SAID, _print_answers, make_job(tmp_path, config, devices=2)), tmp_path)
    assert said.split()[-2:] == ["True", "False"], said


@pytest.mark.slow
def test_resume_after_kill_on_two_devices_is_bit_identical(tmp_path: Path) -> None:
    """With batch normalisation, whose moving statistics each device has for itself, dropout and best weights."""
    undisturbed = result(finish(make_job(tmp_path / "undisturbed", devices=2), tmp_path))
    job = make_job(tmp_path / "killed", devices=2)
    for epochs in (2, 5):
        kill_when(start(job, tmp_path), lambda least=epochs: epochs_done(job) >= least)  # type: ignore[misc]
    assert result(finish(job, tmp_path)) == undisturbed


@pytest.mark.slow
def test_the_command_says_what_differs_and_its_runs_are_read_and_mended_as_any_other(tmp_path: Path) -> None:
    experiment = tiny_experiment(tmp_path)
    common = ("--threads", "1", "--variant", "narrow", "--set", "model.dropout=0.5")
    done = type_command("run", experiment, "--devices", "2", "--seeds", "1", *common, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = done.stdout.index("variant 'narrow' does not end as on one: other random numbers on each device: dropout")
    assert said < done.stdout.index("1 run (") and "with 1 thread on 2 devices each" in done.stdout
    [directory] = tmp_path.glob("runs/*/narrow-*/seed-1")
    before = np.load(directory / "predictions.npz")["probabilities"]

    other = type_command("run", experiment, "--devices", "1", "--seeds", "2", *common, cwd=tmp_path)
    assert other.returncode == 2 and "used 2 devices, and runs with --devices 1 could not be compared" in other.stderr
    (directory / "predictions.npz").write_bytes(b"")
    mended = type_command("verify", "runs", "--repair", cwd=tmp_path)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    np.testing.assert_array_equal(np.load(directory / "predictions.npz")["probabilities"], before)
    assert run_directory.read_run(directory).record["devices"] == 2

    more = type_command("run", experiment, "--seeds", "2", "--workers", "2", *common, cwd=tmp_path)
    assert more.returncode == 0, more.stderr
    assert run_directory.read_run(directory.with_name("seed-2")).record["devices"] == 2, "as the runs before"
