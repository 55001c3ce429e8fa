"""`Config`, one training run as plain data; and `Experiment`, a question as variants of a Config. No TensorFlow.

part.py        a named building block with its options
settings.py    a Config: its parts and settings, checked; to JSON and back, equal
overrides.py   new values by the paths at which they stand in a Config
experiment.py  a base Config and its variants
values.py      what may stand in all of them: plain data
"""

from keras_suite.experiments.config.experiment import Experiment, Space
from keras_suite.experiments.config.overrides import override
from keras_suite.experiments.config.part import Part, use, value_to_json
from keras_suite.experiments.config.settings import (
    BALANCE_FIELDS,
    LIST_FIELDS,
    PART_FIELDS,
    Config,
    from_json,
    to_json,
)

__all__ = [
    "BALANCE_FIELDS",
    "LIST_FIELDS",
    "PART_FIELDS",
    "Config",
    "Experiment",
    "Part",
    "Space",
    "from_json",
    "override",
    "to_json",
    "use",
    "value_to_json",
]
