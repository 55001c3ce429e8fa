"""TensorBoard: an epoch's losses and metrics, and a run's hyperparameters and score for the HParams page."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

HPARAMS_FILE = "events.out.tfevents.0.hparams"  # TensorBoard reads whatever is named so


def tensorboard(folder: Path) -> "keras.callbacks.TensorBoard":
    """Write every epoch's values to `folder`/train and `folder`/validation: `tensorboard --logdir` shows them.

    No graph, weight histograms or profile: those take longer to write than a small network takes to train.
    """
    import keras

    return keras.callbacks.TensorBoard(
        folder, histogram_freq=0, write_graph=False, update_freq="epoch", profile_batch=0
    )


def write_hparams(
    folder: Path, group: str, values: Mapping[str, Any], scores: Mapping[str, float], seconds: float
) -> None:
    """Replace the one file in `folder` that says what this run was tried with, and how it ended.

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
    summaries = [
        summary.session_start_pb(dict(values), group_name=group, start_time_secs=seconds),
        *(Summary(value=[Summary.Value(tag=name, simple_value=score)]) for name, score in scores.items()),
        summary.session_end_pb(status, seconds),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(folder / HPARAMS_FILE)) as writer:
        writer.write(Event(wall_time=seconds, file_version="brain.Event:2").SerializeToString())
        for each in summaries:  # some are TensorFlow's own kind of Summary, of the same bytes
            same = Summary.FromString(each.SerializeToString())
            writer.write(Event(wall_time=seconds, step=0, summary=same).SerializeToString())
