"""What TensorBoard reads: an epoch's losses and metrics, and a run's hyperparameters and scores."""

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.util import tensor_util

from keras_suite.callbacks.tensorboard import tensorboard, write_hparams
from tests.callbacks.conftest import compiled


def scalar(folder, name):
    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    return {event.step: float(tensor_util.make_ndarray(event.tensor_proto)) for event in events.Tensors(name)}


def test_every_epoch_is_written_for_training_and_validation(digits, tmp_path):
    images, labels = digits
    fit = compiled().fit(
        images[:300],
        labels[:300],
        validation_data=(images[300:400], labels[300:400]),
        epochs=3,
        verbose=0,
        callbacks=[tensorboard(tmp_path)],
    )
    assert list(scalar(tmp_path / "train", "epoch_loss").values()) == pytest.approx(fit.history["loss"])
    validation = scalar(tmp_path / "validation", "epoch_unpenalised_loss")
    assert validation == pytest.approx(dict(enumerate(fit.history["val_unpenalised_loss"])))
    assert set(scalar(tmp_path / "train", "epoch_learning_rate")) == {0, 1, 2}


def test_a_continued_run_writes_its_epochs_beside_the_earlier_ones(digits, tmp_path):
    images, labels = digits[0][:100], digits[1][:100]
    for begin, end in ((0, 2), (2, 3)):
        compiled().fit(images, labels, initial_epoch=begin, epochs=end, verbose=0, callbacks=[tensorboard(tmp_path)])
    assert set(scalar(tmp_path / "train", "epoch_loss")) == {0, 1, 2}


VALUES = {"learning_rate": 0.01, "filters": 8, "optimizer": "adam", "augmentation": True}


def read(folder: Path) -> EventAccumulator:
    events = EventAccumulator(str(folder), size_guidance={"tensors": 0, "scalars": 0})
    events.Reload()
    return events


def content(events: EventAccumulator, tag: str) -> bytes:
    return events.summary_metadata[tag].plugin_data.content


def test_values_score_and_group_are_those_that_were_given(tmp_path: Path) -> None:
    write_hparams(tmp_path, "trial-0003", VALUES, {"val_accuracy": 0.875}, 100.0)
    events = read(tmp_path)
    started = metadata.parse_session_start_info_plugin_data(content(events, metadata.SESSION_START_INFO_TAG))
    assert started.group_name == "trial-0003"
    kinds = {name: value.WhichOneof("kind") for name, value in started.hparams.items()}
    assert {name: getattr(started.hparams[name], kind) for name, kind in kinds.items()} == VALUES
    ended = metadata.parse_session_end_info_plugin_data(content(events, metadata.SESSION_END_INFO_TAG))
    assert ended.status == api_pb2.STATUS_SUCCESS
    assert [score.value for score in events.Scalars("val_accuracy")] == [pytest.approx(0.875)]


def test_a_run_without_a_score_has_failed_and_a_second_write_replaces_the_first(tmp_path: Path) -> None:
    write_hparams(tmp_path, "trial-0003", VALUES, {"val_accuracy": 0.875}, 100.0)
    write_hparams(tmp_path, "trial-0003", VALUES, {}, 100.0)
    assert len(list(tmp_path.iterdir())) == 1
    events = read(tmp_path)
    ended = metadata.parse_session_end_info_plugin_data(content(events, metadata.SESSION_END_INFO_TAG))
    assert ended.status == api_pb2.STATUS_FAILURE
    assert "val_accuracy" not in [*events.Tags()["scalars"], *events.Tags()["tensors"]]
