"""The task "angle": by how much is an image turned? And errors in degrees, which "direction" has, too."""

from collections.abc import Sequence

import numpy as np

from keras_suite.tasks.task import Metric, Task


def degrees_off(targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Compute signed errors in degrees, float64 (n,); counter-clockwise is positive.

    Args:
        targets: Angles (n, 1) in radians, or directions (n, 2), x to the right and y up, of any length.
        predictions: The same. An error of angles is the difference, however far; of directions the angle between the
            two, -180 to 180, and 90 for a prediction (0, 0), which points nowhere.

    Raises:
        ValueError: If the shapes differ, or are of neither kind.
    """
    true, predicted = np.asarray(targets, np.float64), np.asarray(predictions, np.float64)
    if true.shape != predicted.shape or true.ndim != 2 or true.shape[1] not in (1, 2):
        raise ValueError(
            f"got targets {true.shape} and predictions {predicted.shape}: expected (n, 1) angles or (n, 2) directions"
        )
    if true.shape[1] == 1:
        return np.rad2deg(predicted - true)[:, 0]
    across = true[:, 0] * predicted[:, 1] - true[:, 1] * predicted[:, 0]
    along = (true * predicted).sum(axis=1)
    return np.where(predicted.any(axis=1), np.rad2deg(np.arctan2(across, along)), 90.0)


def absolute_degrees_off(targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Compute the errors of `degrees_off` without their signs, (n,)."""
    return np.abs(degrees_off(targets, predictions))


def upright(angles: np.ndarray) -> np.ndarray:
    """Compute where the top of a picture turned by radians (n, 1) points: unit vectors (n, 2), x right and y up."""
    angles = np.asarray(angles, np.float64)[:, 0]
    return np.stack([-np.sin(angles), np.cos(angles)], axis=1)


def _describe_targets(targets: np.ndarray, names: Sequence[str]) -> str:
    degrees = np.degrees(targets)
    return f"{degrees.min():.1f} to {degrees.max():.1f} degrees (mean {degrees.mean():.1f})"


DEGREES = Metric(
    name="degrees",
    label="error",
    keras="keras_suite.models.metrics:AngleError",
    direction="min",
    unit="°",
    difference="degrees of test error",
    short_difference="degrees",
    bounds=(0.0, float("inf")),
    margin=0.2,
)
ANGLE = Task(
    name="angle",
    target="an angle",
    losses=("squared_error", "absolute_error", "huber"),
    metrics=(DEGREES,),
    score=DEGREES,
    score_images=absolute_degrees_off,
    source="targets",
    output_shape=lambda image, targets, names: (targets[1],),
    describe_targets=_describe_targets,
    describe_prediction=lambda angle, pixels, names: f"{np.degrees(angle[0]):+.1f}°",
    figure="keras_suite.reports.figures.predictions:angles_figure",
    output_in_words="radians, counter-clockwise",
    signed_error=degrees_off,
)
