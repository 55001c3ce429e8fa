"""A run's hyperparameters and score for TensorBoard's HParams page, beside the curves that `tensorboard` writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "events.out.tfevents.0.hparams"  # TensorBoard reads whatever is named so


def write_hparams(
    folder: Path, group: str, values: Mapping[str, Any], scores: Mapping[str, float], seconds: float
) -> None:
    """Replaces the one file in `folder` that says what this run was tried with, and how it ended.

    Args:
        folder: where the run's curves are, in its subfolders.
        group: the trial; the runs of one trial are shown together.
        values: its hyperparameters, the active ones only: texts, numbers, truth values.
        scores: by the names that they are to have as metrics; a run without any has failed.
        seconds: since 1970, when it ended.
    """
    import tensorflow as tf
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, summary

    status = api_pb2.STATUS_SUCCESS if scores else api_pb2.STATUS_FAILURE
    said = [
        summary.session_start_pb(dict(values), group_name=group, start_time_secs=seconds),
        *(Summary(value=[Summary.Value(tag=name, simple_value=score)]) for name, score in scores.items()),
        summary.session_end_pb(status, seconds),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(folder / FILE)) as writer:
        writer.write(Event(wall_time=seconds, file_version="brain.Event:2").SerializeToString())
        for each in said:  # some are TensorFlow's own kind of Summary, of the same bytes
            same = Summary.FromString(each.SerializeToString())
            writer.write(Event(wall_time=seconds, step=0, summary=same).SerializeToString())
