"""A run that was not completed and is damaged is trained anew, to the same bits, and says so."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_suite.callbacks.snapshot import Snapshot
from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.training.identity import directory_of
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import record_killed, train
from keras_suite.reports import run_directory

CONFIG = Config(
    dataset=use("digits", image_size=[8, 8], limit=120, test_limit=30),
    model=use("mlp", units=[8]),
    batch_size=32,
    epochs=3,
)


def job_in(folder: Path, seed: int = 1, config: Config = CONFIG) -> Job:
    return Job("damaged", "only", config, seed, RunOptions(2, folder / "runs", checkpoint_seconds=0.0))


def interrupted(job: Job) -> Path:
    """The directory of a run that Ctrl-C ended after its second epoch."""
    real = Snapshot.on_epoch_end

    def ends(self: Snapshot, epoch: int, logs: Any = None) -> None:
        real(self, epoch, logs)
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Snapshot, "on_epoch_end", ends)
        with pytest.raises(KeyboardInterrupt):
            train(job)
    return directory_of(job)


def numbers(directory: Path) -> tuple[Any, ...]:
    run = run_directory.read_run(directory)
    predictions = run_directory.predictions(run)
    assert predictions is not None and run.metrics is not None
    rows = [{k: v for k, v in row.items() if k not in ("seconds", "images_per_second")} for row in run.history]
    return rows, run.metrics["validation"], predictions.probabilities.tobytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    job = job_in(tmp_path_factory.mktemp("undisturbed"))
    assert train(job).status == "completed"
    return numbers(directory_of(job))


@pytest.fixture(scope="module")
def _interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interrupted")
    interrupted(job_in(folder))
    interrupted(job_in(folder, seed=2))
    return folder


@pytest.fixture
def folder(_interrupted: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(_interrupted, tmp_path, dirs_exist_ok=True)
    yield tmp_path


def _cut(directory: Path) -> None:
    path = directory / "checkpoint" / "state.npz"
    path.write_bytes(path.read_bytes()[:1000])


def _flip(directory: Path) -> None:
    path = directory / "checkpoint" / "state.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _of_the_other_seed(directory: Path) -> None:
    shutil.copy(directory.with_name("seed-2") / "checkpoint" / "state.npz", directory / "checkpoint")


def _of_another_network(directory: Path) -> None:
    """As an earlier version wrote it, which did not say whose it was."""
    checkpoint = run_directory.read_checkpoint(directory)
    assert checkpoint is not None
    state, arrays = checkpoint
    del state["run"]
    run_directory.write_checkpoint(directory, state, {**arrays, "model/0": np.zeros((3, 3), np.float32)})


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_cut, "state.npz is damaged: expected a whole .npz archive of arrays"),
        (_flip, "state.npz is damaged: expected a whole .npz archive of arrays"),
        (_of_the_other_seed, "the checkpoint is that of another run"),
        (_of_another_network, "the checkpoint does not fit"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_costs_epochs_and_nothing_else(
    damage: Callable[[Path], None], said: str, folder: Path, undisturbed: tuple[Any, ...]
) -> None:
    directory = directory_of(job_in(folder))
    damage(directory)
    outcome = train(job_in(folder))
    assert outcome.status == "completed", outcome.reason
    assert outcome.note.startswith("trained from its first epoch again, because ") and said in outcome.note
    assert said in (directory / "log.txt").read_text(encoding="utf-8")
    assert numbers(directory) == undisturbed


@pytest.mark.parametrize("name", ["run.json", "config.json", "history.csv"])
@pytest.mark.parametrize(
    "content",
    [
        None,
        pytest.param(b"", marks=pytest.mark.slow),
        pytest.param(b"{", marks=pytest.mark.slow),
        b'{"epochs": 9}',
    ],
    ids=["gone", "empty", "cut", "edited"],
)
def test_a_damaged_run_that_was_not_completed_is_set_aside_and_trained_anew(
    name: str, content: bytes | None, folder: Path, undisturbed: tuple[Any, ...]
) -> None:
    directory = directory_of(job_in(folder))
    if content is None:
        (directory / name).unlink()
    else:
        (directory / name).write_bytes(content)
    outcome = train(job_in(folder))
    assert outcome.status == "completed", outcome.reason
    assert outcome.note.startswith("trained anew, because ") and name in outcome.note
    (kept,) = (folder / "runs" / ".set-aside").iterdir()
    assert f"what was there lies in {kept}" in outcome.note
    assert (kept / "checkpoint" / "state.npz").exists()
    assert numbers(directory) == undisturbed


def test_a_run_goes_on_from_a_whole_checkpoint_without_a_word(folder: Path, undisturbed: tuple[Any, ...]) -> None:
    outcome = train(job_in(folder))
    assert (outcome.status, outcome.note) == ("completed", "")
    assert "resumed after epoch 2" in (directory_of(job_in(folder)) / "log.txt").read_text(encoding="utf-8")
    assert numbers(directory_of(job_in(folder))) == undisturbed


def test_what_a_kill_left_is_swept_up_by_the_next_attempt(folder: Path) -> None:
    directory = directory_of(job_in(folder))
    left = directory / ".history-abcdefgh.csv"
    left.write_text("epoch", encoding="utf-8")
    train(job_in(folder))
    assert not left.exists()


def test_a_killed_run_is_recorded_whatever_was_left_of_it(folder: Path) -> None:
    directory = directory_of(job_in(folder))
    (directory / "run.json").write_text("{", encoding="utf-8")
    outcome = record_killed(job_in(folder), "KilledWorker", "its process was killed three times")
    assert (outcome.status, outcome.reason) == ("failed", "its process was killed three times")
    assert run_directory.read_run(directory).record["error"]["type"] == "KilledWorker"


def test_a_promoted_run_does_without_its_parents_damaged_checkpoint(tmp_path: Path) -> None:
    first = replace(job_in(tmp_path), until=1, keep_checkpoint=True)
    promoted = replace(job_in(tmp_path), until=2)
    assert train(first).status == "completed"
    assert train(replace(promoted, parent=directory_of(first))).status == "completed"
    expected = numbers(directory_of(promoted))
    shutil.rmtree(directory_of(promoted))
    _cut(directory_of(first))
    assert train(replace(promoted, parent=directory_of(first))).status == "completed"
    assert numbers(directory_of(promoted)) == expected


def test_a_run_of_a_newer_version_is_left_alone(folder: Path) -> None:
    path = directory_of(job_in(folder)) / "run.json"
    path.write_text(json.dumps({"schema": 99}), encoding="utf-8")
    with pytest.raises(ValueError, match="was written by a newer version"):
        train(job_in(folder))
    assert json.loads(path.read_text(encoding="utf-8")) == {"schema": 99}


def test_another_config_has_another_directory(tmp_path: Path) -> None:
    assert directory_of(job_in(tmp_path)) != directory_of(job_in(tmp_path, config=override(CONFIG, {"epochs": 2})))
