"""What a question is, as `Config` and `Experiment`, and what trains, tunes and inspects its runs."""

from keras_suite.experiments.config import Config, Experiment, use

__all__ = ["Config", "Experiment", "use"]
