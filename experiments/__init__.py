"""What a question is, as `Config` and `Experiment`, and what trains, tunes, records and inspects its runs."""

from typing import TYPE_CHECKING, Any

from keras_suite.experiments.config import Config, Experiment, use

if TYPE_CHECKING:
    from keras_suite.experiments.recording.record_run import RecordRun as RecordRun

__all__ = ["Config", "Experiment", "use"]


def __getattr__(name: str) -> Any:
    """Import `RecordRun`, a Keras callback, where it is asked for: all else here does without TensorFlow."""
    if name != "RecordRun":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from keras_suite.experiments.recording.record_run import RecordRun

    return RecordRun
