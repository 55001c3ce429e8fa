"""A run from its job to its directory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import pytest

from keras_suite.callbacks.probing.probe import ProbeBatch, TrainingData
from keras_suite.experiments.config import Config, override, use
from keras_suite.experiments.registry import ResolvedPart
from keras_suite.experiments.training import graph_reuse
from keras_suite.experiments.training.job import Job, RunOptions
from keras_suite.experiments.training.run import record_killed, train
from keras_suite.experiments.validation import check
from keras_suite.reports import run_directory

CONFIG = Config(dataset=use("digits", limit=100, test_limit=50), model=use("mlp", units=[4]), batch_size=32, epochs=1)
UNEVEN = 93  # training images, of which the classes have not the same number


@pytest.fixture(autouse=True)
def cold() -> Iterator[None]:
    graph_reuse._cache.clear()
    yield
    graph_reuse._cache.clear()


def job(folder: Path, **changes: Any) -> Job:
    return Job("trained", "only", override(CONFIG, changes), 1, RunOptions(2, folder))


def test_a_completed_run_is_left_alone(tmp_path: Path) -> None:
    first = train(job(tmp_path))
    content = {path.name: path.read_bytes() for path in first.directory.iterdir() if path.is_file()}
    again = train(job(tmp_path))
    assert (first.status, again.status, again.directory) == ("completed", "already", first.directory)
    assert content == {path.name: path.read_bytes() for path in first.directory.iterdir() if path.is_file()}
    assert record_killed(job(tmp_path), "JobTimeout", "too long").status == "already"


def test_an_error_while_training_is_recorded_as_the_runs_failure(tmp_path: Path) -> None:
    outcome = train(job(tmp_path, **{"optimizer": use("sgd", learning_rate=1e30), "epochs": 3}))
    assert (outcome.status, outcome.blame) == ("failed", "run")
    assert run_directory.read_run(outcome.directory).record["error"]["type"] == "NonFiniteLoss"


def test_a_run_whose_process_was_killed_is_recorded(tmp_path: Path) -> None:
    outcome = record_killed(job(tmp_path), "JobTimeout", "it took too long")
    assert run_directory.read_run(outcome.directory).record["error"] == {
        "type": "JobTimeout",
        "message": "it took too long",
    }


class Needy(keras.callbacks.Callback):
    """A callback that needs training images, and measures something."""

    seen: ProbeBatch

    def set_data(self, data: TrainingData) -> None:
        self.seen = data.probe(7)

    def found(self) -> int:
        return len(self.seen.targets)


def test_a_callback_is_given_the_data_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = ResolvedPart.build

    def built(part: ResolvedPart, *context: Any, **replaced: Any) -> Any:
        return Needy() if part.kind == "callbacks" else build(part, *context, **replaced)

    monkeypatch.setattr(ResolvedPart, "build", built)
    outcome = train(job(tmp_path, callbacks=(use("early_stopping"),)))
    metrics = run_directory.read_run(outcome.directory).metrics
    assert metrics is not None
    assert metrics["found"] == {"early_stopping": 7}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["class_weight", "sampling"])
def test_a_run_that_makes_up_for_rare_classes_goes_on_with_the_same_bits(name: str, tmp_path: Path) -> None:
    whole = replace(job(tmp_path / "whole", **{name: "balanced", "epochs": 4, "dataset.limit": UNEVEN}), until=4)
    begun = replace(whole, options=RunOptions(2, tmp_path / "parts"), until=2, keep_checkpoint=True)
    parent = train(begun)
    resumed = train(replace(begun, until=4, parent=parent.directory))
    log = (resumed.directory / "log.txt").read_text(encoding="utf-8")
    assert "after epoch 2" in log
    plain = train(job(tmp_path / "plain", epochs=4, **{"dataset.limit": UNEVEN}))
    bits = []
    for outcome in (train(whole), resumed, plain):
        predictions = run_directory.predictions(run_directory.read_run(outcome.directory))
        assert predictions is not None
        bits.append(predictions.probabilities.tobytes())
    assert bits[0] == bits[1] != bits[2]


def test_a_network_whose_gradients_are_of_the_mean_loss_takes_no_class_weights() -> None:
    config = override(CONFIG, {"model": use("scratch_cnn"), "class_weight": "balanced"})
    with pytest.raises(ValueError, match='take sampling="balanced"'):
        check(config)
