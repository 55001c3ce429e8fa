"""TensorBoard itself reads what was written for its HParams page."""

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2, metadata

from keras_suite.callbacks.hparams import write_hparams

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
