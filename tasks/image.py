"""The task "image": the image itself, as an autoencoder reconstructs it."""

from collections.abc import Sequence

import numpy as np

from keras_suite.tasks.task import Metric, Task


def rmse(targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Compute the root mean squared error of images uint8 (n, h, w, c), in grey levels, (n,)."""
    return np.sqrt(np.square(predictions.astype(float) - targets).mean(axis=(1, 2, 3)))


def _to_pixels(outputs: np.ndarray) -> np.ndarray:
    return np.rint(255 * np.clip(outputs, 0, 1)).astype(np.uint8)


def _describe_prediction(image: np.ndarray, pixels: np.ndarray, names: Sequence[str]) -> str:
    return f"RMSE {rmse(pixels[None], image[None])[0]:.1f} grey levels"


RMSE = Metric(
    name="grey_levels",
    label="RMSE in grey levels",
    keras="keras_suite.models.metrics:GreyLevelError",
    direction="min",
    difference="grey levels of test RMSE",
    short_difference="grey levels",
    bounds=(0.0, 255.0),
    margin=0.2,
)
IMAGE = Task(
    name="image",
    target="the image itself",
    losses=("squared_error", "absolute_error", "huber"),
    metrics=(RMSE,),
    score=RMSE,
    score_images=rmse,
    source="pixels",
    output_shape=lambda image, targets, names: image,
    to_predictions=_to_pixels,
    describe_prediction=_describe_prediction,
    picture="keras_suite.reports.figures.predictions:as_pixels",
    figure="keras_suite.reports.figures.predictions:images_figure",
    output_in_words="grey levels or colours from 0, black, to 1; clip what is beyond",
)
