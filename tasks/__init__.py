"""What a network can be asked to predict of an image, and the few words that all rooms share. Imports no other room.

A new task is one file here and one line in `TASKS`; a new metric is one entry in its task's file, and a Keras metric
class if Keras has none.
"""

from collections.abc import Mapping
from types import MappingProxyType

from keras_suite.tasks.angle import ANGLE
from keras_suite.tasks.caption import CAPTION
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.direction import DIRECTION
from keras_suite.tasks.image import IMAGE
from keras_suite.tasks.mask import MASK
from keras_suite.tasks.task import UNPENALISED_LOSS, Metric, Task
from keras_suite.tasks.wording.near_names import unknown

TASKS: Mapping[str, Task] = MappingProxyType(
    {task.name: task for task in (CLASSES, ANGLE, DIRECTION, IMAGE, MASK, CAPTION)}
)


def task_named(name: str) -> Task:
    """Return the task of this name; ValueError names the known ones."""
    if name not in TASKS:
        raise ValueError(unknown("task", name, TASKS))
    return TASKS[name]


def training_metrics() -> dict[str, Metric]:
    """Return all metrics that history.csv may hold, by name: what callbacks can monitor and `tune` can optimize."""
    metrics = {metric.name: metric for task in TASKS.values() for metric in task.tested}
    return metrics | {UNPENALISED_LOSS.name: UNPENALISED_LOSS}
