"""Does an exported file answer as its network does, where that is no class? By the task's score, on the same images.

Where what they put out for all images would be too much to keep, as the masks of many, fewer are measured.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from keras_suite.experiments.exporting.agreement import ROUNDING, Word
from keras_suite.experiments.exporting.images import Images
from keras_suite.reports.statistics.image_noise import TwoWayMean, two_way_mean
from keras_suite.reports.statistics.intervals import ALPHA, Interval
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import Task

_MOST_NUMBERS = 2**26  # of what a network puts out for the images that are measured, 256 MB


@dataclass(frozen=True)
class TaskAgreement:
    """An exported file beside its network on the same images.

    Attributes:
        task: What is predicted.
        images: How many there are.
        score: The mean score of the file's predictions.
        of_network: That of the network's.
        interval: Of `score`, 95 %, for other images like these.
        largest: The largest difference between two numbers that they put out.
        size: The largest number that the network puts out.
        evidence: The difference of the scores, file minus network.
        margin: The largest difference of the score that does not matter.
    """

    task: Task
    images: int
    score: float
    of_network: float
    interval: Interval
    largest: float
    size: float
    evidence: TwoWayMean
    margin: float

    @property
    def difference(self) -> float:
        """The file's score minus the network's, on these images."""
        return self.evidence.mean

    @property
    def difference_interval(self) -> Interval:
        """That of two one-sided tests at 5 % for other images like these (90 %)."""
        return self.evidence.image_interval(1 - 2 * ALPHA)

    @property
    def word(self) -> Word:
        """The verdict for other images like these: equivalence first, then whether the 95 % interval leaves out 0."""
        if self.largest <= ROUNDING * max(1.0, self.size):
            return "same"
        if self.difference_interval.inside(self.margin):
            return "equivalent"
        whole = self.evidence.image_interval(1 - ALPHA)
        if whole.low <= 0 <= whole.high:
            return "undecided"
        return "better" if (self.difference > 0) == self.task.score.higher_is_better else "worse"


def putting_out(task: Task) -> Task:
    """Return the task with what an exported file puts out in place of the predictions: probabilities, or values."""
    return dataclasses.replace(task, to_predictions=CLASSES.to_predictions if task.one_hot else np.asarray)


def measurable(images: Images, output_shape: tuple[int, ...]) -> Images:
    """Return the images, or so many of them, drawn at random, that what is put out for them can be kept."""
    most = max(1, _MOST_NUMBERS // int(np.prod(output_shape)))
    return images if len(images) <= most else images.some(most, seed=1)


def task_agreement(
    network: np.ndarray, file: np.ndarray, references: np.ndarray, task: Task, margin: float
) -> TaskAgreement:
    """Compare what a file puts out with what its network does.

    Args:
        network: Its numbers (n, ...), by `putting_out`.
        file: The file's.
        references: The true answers, as the task scores them.
        task: What is predicted.
        margin: The largest difference of the score that does not matter.

    Raises:
        ValueError: If the file put out something that is no number.
    """
    if not np.isfinite(file).all():
        raise ValueError("the exported file answered with numbers that are not finite: it cannot be used")
    scores = [
        task.scores(references, task.to_predictions(numbers)).astype(np.float64)[np.newaxis]
        for numbers in (network, file)
    ]
    of_file = two_way_mean(scores[1])
    low, high = task.score.bounds
    interval = of_file.image_interval(1 - ALPHA)
    return TaskAgreement(
        task=task,
        images=len(references),
        score=of_file.mean,
        of_network=float(scores[0].mean()),
        interval=Interval(max(interval.low, low), min(interval.high, high), interval.level),
        largest=float(np.abs(network - file).max()),
        size=float(np.abs(network).max()),
        evidence=two_way_mean(scores[1] - scores[0]),
        margin=margin,
    )
