"""What a run said of images that it did not train on, by which its sureness can be chosen."""

from dataclasses import dataclass

import numpy as np

from keras_suite.reports.run_directory import predictions, validation
from keras_suite.reports.run_directory.layout import Run
from keras_suite.reports.run_directory.results import FITTED
from keras_suite.reports.statistics.calibration import with_temperature
from keras_suite.tasks.wording.quantities import counted


@dataclass(frozen=True)
class HeldOut:
    """Answers to images that trained nothing.

    Attributes:
        labels: Of the images, int64 (n,).
        probabilities: Of the classes, float32 (n, classes).
        called: What the images are.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    called: str

    @property
    def count(self) -> str:
        """The number of images in words."""
        return counted(len(self.labels), self.called)

    def judged(self, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Return the confidence of each answer with a temperature, rounded as `predict` rounds it, and whether it is
        right, (n,).
        """
        probabilities = with_temperature(self.probabilities, temperature)
        right = probabilities.argmax(axis=1) == self.labels
        return probabilities.astype(np.float32).max(axis=1).astype(float), right


def held_out(run: Run) -> HeldOut | None:
    """Return a completed run's answers to its validation images; of one of `classify` those to images held out.

    None if it keeps none.
    """
    kept = validation(run)
    if kept is not None and len(kept.labels):
        return HeldOut(kept.labels, kept.probabilities, "validation image")
    if run.record.get("trained") == FITTED:
        answered = predictions(run)
        if answered is not None:
            return HeldOut(answered.labels, answered.probabilities, "held-out image")
    return None
