"""What a question is, as `Config` and `Experiment`, and what trains, tunes, records and inspects its runs.

For scripts and notebooks: `run`, `tune` and `load` (from_python.py), and the callback `RecordRun` for code of your own.
"""

from typing import TYPE_CHECKING, Any

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.experiments.from_python import Result, load, run, tune

if TYPE_CHECKING:
    from keras_suite.experiments.recording.record_run import RecordRun as RecordRun

__all__ = ["Config", "Experiment", "Result", "load", "run", "tune", "use"]


def __getattr__(name: str) -> Any:
    """Import `RecordRun`, a Keras callback, where it is asked for: all else here does without TensorFlow."""
    if name != "RecordRun":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from keras_suite.experiments.recording.record_run import RecordRun

    return RecordRun
