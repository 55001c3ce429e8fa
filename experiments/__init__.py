"""What a question is, as `Config` and `Experiment`, and what trains, tunes and inspects its runs.

For scripts and notebooks: `run`, `tune` and `load` (from_python.py).
"""

from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.experiments.from_python import Result, load, run, tune

__all__ = ["Config", "Experiment", "Result", "load", "run", "tune", "use"]
