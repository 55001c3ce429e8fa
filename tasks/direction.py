"""The task "direction": which way does something in an image lie?"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_suite.tasks.angle import DEGREES, absolute_degrees_off, degrees_off
from keras_suite.tasks.task import Task


def _describe_targets(targets: np.ndarray, names: Sequence[str]) -> str:
    x, y = targets.mean(axis=0)
    return f"(x, y) with the mean ({x:.2f}, {y:.2f})"


def _describe_prediction(direction: np.ndarray, pixels: np.ndarray, names: Sequence[str]) -> str:
    x, y = direction.tolist()
    return f"x {x:+.3f}, y {y:+.3f}: {np.degrees(np.arctan2(y, x)):+.1f}°"


DIRECTION_DEGREES = dataclasses.replace(DEGREES, keras="keras_suite.models.metrics:DirectionError")
DIRECTION = Task(
    name="direction",
    target="a direction",
    losses=("squared_error", "absolute_error", "huber", "cosine_distance"),
    metrics=(DIRECTION_DEGREES,),
    score=DIRECTION_DEGREES,
    score_images=absolute_degrees_off,
    source="targets",
    output_shape=lambda image, targets, names: (targets[1],),
    describe_targets=_describe_targets,
    describe_prediction=_describe_prediction,
    figure="keras_suite.reports.figures.predictions:directions_figure",
    output_in_words="x to the right and y up, of any length",
    signed_error=degrees_off,
)
