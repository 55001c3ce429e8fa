"""A run that ended within an epoch goes on at the step that was saved last, and ends with the same bits."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.callbacks import snapshot
from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.scheduling.workers import perform
from keras_suite.experiments.training import runtime
from keras_suite.experiments.training.job import Job
from keras_suite.reports import run_directory
from tests.end_to_end.training_process import CONFIG, finish, kill_when, make_job, result, start

SHORT = override(CONFIG, {"epochs": 3, "callbacks": (use("reduce_lr_on_plateau", patience=1, min_delta=0.05),)})
HEAD = Config(
    dataset=use("digits", limit=300, test_limit=100),
    model=use("vgg", width=0.1, blocks=1, dropout=0.3),
    augmentation=use("standard", shift=0.1),
    optimizer=use("sgd", learning_rate=0.05),
    phases=(use("head", epochs=2, cached_views=2), use("whole", epochs=1, learning_rate=0.01)),
    batch_size=32,
)
OWN_CALLBACK = '''import keras


class Watches(keras.callbacks.Callback):
    """Is called for batches."""

    def {hook}(self, batch, logs=None):
        pass


def watches():
    return Watches()
'''


COUNTS = '''import keras


class Cuts(keras.callbacks.Callback):
    """Cuts the learning rate when an epoch begins, the more the more have begun."""

    begun = 0

    def on_train_begin(self, logs=None):
        self.begun = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.begun += 1
        self.model.optimizer.learning_rate = 0.01 / self.begun

    def get_state(self):
        return {"begun": self.begun}

    def set_state(self, state):
        self.begun = state["begun"]


def cuts():
    return Cuts()
'''


class Killed(BaseException):
    """Nothing in the suite expects it."""


@pytest.fixture(autouse=True)
def a_snapshot_at_every_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(snapshot, "LEAST_PAUSE", 0)
    monkeypatch.setattr(runtime, "start_tensorflow", lambda threads, devices=1: None)
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def ends_after(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """The process ends as soon as that many snapshots, "snapshots", have been written within epochs."""
    left, write = {"snapshots": 0}, run_directory.write_checkpoint

    def written(directory: Path, state: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        write(directory, state, arrays)
        if "step" in state and left["snapshots"]:
            left["snapshots"] -= 1
            if not left["snapshots"]:
                raise Killed

    monkeypatch.setattr(run_directory, "write_checkpoint", written)
    yield left


def end_at_each(job: Job, ends_after: dict[str, int], snapshots: tuple[int, ...]) -> Path:
    """Its run directory, after a process for each of these numbers of snapshots, and one that comes to the end."""
    for count in snapshots:
        ends_after["snapshots"] = count
        with pytest.raises(Killed):
            perform(job)
    outcome = perform(job)
    assert outcome.status == "completed", outcome.reason
    log = (outcome.directory / "log.txt").read_text(encoding="utf-8")
    assert log.count("resumed after step") == len(snapshots), log
    return outcome.directory


KINDS = {
    "dropout, batch normalisation, mixup": SHORT,
    "one cycle": override(SHORT, {"schedule": use("one_cycle"), "callbacks": ()}),
    "cached features, then all": HEAD,
    "a frozen extractor in each step": override(HEAD, {"phases": (use("head", epochs=2, cached_views=0),)}),
    "no autodiff": override(SHORT, {"model": use("scratch_cnn", l2=1e-4), "callbacks": ()}),
    "float16": override(SHORT, {"precision": "mixed_float16", "callbacks": ()}),
    "weighted classes, sharpness": override(
        SHORT,
        {"model": use("mlp", units=[16], dropout=0.2), "class_weight": "balanced", "callbacks": (use("sharpness"),)},
    ),
    "balanced sampling": override(SHORT, {"sampling": "balanced"}),
}


@pytest.mark.parametrize(
    "kind",
    [kind if place < 3 else pytest.param(kind, marks=pytest.mark.slow) for place, kind in enumerate(KINDS)],
)
def test_it_ends_with_the_same_bits(tmp_path: Path, ends_after: dict[str, int], kind: str) -> None:
    alone = perform(make_job(tmp_path / "alone", KINDS[kind]))
    assert alone.status == "completed", alone.reason
    job = make_job(tmp_path / "killed", KINDS[kind])
    assert result(end_at_each(job, ends_after, (1, 4, 8))) == result(alone.directory)


def test_the_last_step_of_an_epoch_can_be_all_that_is_left_of_it(tmp_path: Path, ends_after: dict[str, int]) -> None:
    alone = perform(make_job(tmp_path / "alone", SHORT))
    steps = 490 // 32  # all but the smaller last one
    job = make_job(tmp_path / "killed", SHORT)
    assert result(end_at_each(job, ends_after, (steps,))) == result(alone.directory)


def test_what_an_own_callback_does_as_an_epoch_begins_is_done_once(
    tmp_path: Path, ends_after: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cutting.py").write_text(COUNTS, encoding="utf-8")
    config = override(SHORT, {"callbacks": (use("cutting:cuts"),)})
    alone = perform(make_job(tmp_path / "alone", config))
    assert alone.status == "completed", alone.reason
    job = make_job(tmp_path / "killed", config)
    assert result(end_at_each(job, ends_after, (3, 20))) == result(alone.directory)


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_batch_begin"])
def test_an_own_callback_that_is_called_for_batches_is_never_resumed_within_an_epoch(
    tmp_path: Path, ends_after: dict[str, int], monkeypatch: pytest.MonkeyPatch, hook: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("watching.py").write_text(OWN_CALLBACK.format(hook=hook), encoding="utf-8")
    ends_after["snapshots"] = 1
    outcome = perform(make_job(tmp_path / "runs", override(SHORT, {"callbacks": (use("watching:watches"),)})))
    assert outcome.status == "completed", outcome.reason
    assert ends_after["snapshots"] == 1


@pytest.mark.slow
def test_a_killed_process_goes_on_within_the_epoch(tmp_path: Path) -> None:
    config = override(CONFIG, {"epochs": 2, "batch_size": 1, "callbacks": ()})
    undisturbed = result(finish(make_job(tmp_path / "alone", config), tmp_path))
    job = make_job(tmp_path / "killed", config, checkpoint_seconds=0.2)

    def saved_within_an_epoch() -> bool:
        found = [*job.options.runs_dir.glob("*/*/seed-*")]
        try:
            checkpoint = run_directory.read_checkpoint(found[0]) if found else None
        except (ValueError, OSError):
            return False
        return checkpoint is not None and "step" in checkpoint[0]

    kill_when(start(job, tmp_path), saved_within_an_epoch)
    directory = finish(job, tmp_path)
    assert "resumed after step" in (directory / "log.txt").read_text(encoding="utf-8")
    assert result(directory) == undisturbed
