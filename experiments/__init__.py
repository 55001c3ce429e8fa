"""What a question is, as `Config` and `Experiment`, and what trains, tunes, records and inspects its runs.

For scripts and notebooks: `run` and `tune` (from_python.py), `load` (result.py), and the callback `RecordRun` for code
of your own.
"""

from typing import TYPE_CHECKING, Any

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.experiments.from_python import run, tune
from keras_suite.experiments.result import Result, load

if TYPE_CHECKING:
    from keras_suite.experiments.recording.record_run import RecordRun as RecordRun

__all__ = ["Config", "Experiment", "Result", "load", "run", "tune", "use"]


def __getattr__(name: str) -> Any:
    """Import `RecordRun`, a Keras callback, where it is asked for: all else here does without TensorFlow."""
    if name != "RecordRun":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from keras_suite.experiments.recording.record_run import RecordRun

    return RecordRun
