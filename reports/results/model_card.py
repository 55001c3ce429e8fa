"""The numbers of a model card: what one classifier's answers say of its accuracy, its classes and its sureness."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.results.held_out import HeldOut
from keras_suite.reports.results.probabilities import ERROR_RATES
from keras_suite.reports.run_directory import predictions
from keras_suite.reports.run_directory.layout import Run
from keras_suite.reports.statistics.calibration import expected_calibration_error, fitted_temperature, with_temperature
from keras_suite.reports.statistics.image_noise import clopper_pearson, share_interval
from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.statistics.selective import Threshold, fewest_answers, threshold_for

_DRAWS = 200
MOST_PAIRS = 10  # of classes that are confused


@dataclass(frozen=True)
class Answered:
    """A run's answers to images whose classes are known.

    Attributes:
        labels: int64 (n,).
        probabilities: float32 (n, classes).
        called: What the images are, as "test image".
        crossed: Whether each was answered by heads that were fitted without it, not by the network itself.
        others: The probabilities that runs gave to the same images which differ in the seed, or in the folds, alone.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    called: str
    crossed: bool = False
    others: tuple[np.ndarray, ...] = ()

    @property
    def right(self) -> np.ndarray:
        """Whether each answer is right, bool (n,)."""
        return np.asarray(self.probabilities.argmax(axis=1) == self.labels)


@dataclass(frozen=True)
class Range:
    """What share of new images is read right.

    Attributes:
        share: On `images` images; where each was answered by heads fitted without it the mean over `runs` repeats.
        interval: For other images like these, 95 %, exact.
        images: How many there were.
        runs: How many runs were looked at: seeds, or repeats of the cross-validation.
        seeds: The least and the largest share of runs with other seeds, this one included; None with one.
        further_run: What one more run with another seed may be expected to have, 95 %; None likewise.
    """

    share: float
    interval: Interval
    images: int
    runs: int
    seeds: tuple[float, float] | None = None
    further_run: Interval | None = None


@dataclass(frozen=True)
class OfClass:
    """One class: its images, how many were read right, how many answers name it."""

    images: int
    right: int
    answers: int

    @property
    def interval(self) -> Interval | None:
        """The exact 95 % interval of its recall; None without images."""
        return clopper_pearson(self.right, self.images) if self.images else None


@dataclass(frozen=True)
class Calibration:
    """How sure the answers are beside how right.

    Attributes:
        confidence: The mean probability of the answers.
        error: The expected calibration error.
        by_chance: What that would be, on the mean, of a perfectly calibrated network with the same probabilities.
        temperature: Fitted to images that are held out; None where the run keeps no answers to any.
        error_after: The error with it; where the images are themselves those that are held out, with one that was
            fitted to the other half of them.
        halves: Whether it is by such halves.
    """

    confidence: float
    error: float
    by_chance: float
    temperature: float | None = None
    error_after: float | None = None
    halves: bool = False


@dataclass(frozen=True)
class Cut:
    """What `predict --max-error` would do.

    Attributes:
        rate: The error rate that is asked for.
        threshold: Chosen by the images held out; None where nothing shows it.
        fewest: How many answers, all of them right, would show it.
        answered: How many of the measured images reach the threshold; None without it, or where they chose it.
        wrong: How many of those answers are wrong.
    """

    rate: float
    threshold: Threshold | None
    fewest: int
    answered: int | None = None
    wrong: int | None = None


def answered_tests(run: Run, beside: Sequence[Run], crossed: bool) -> Answered | None:
    """Read a completed run's answers to its test images; None if it looked at none.

    Args:
        run: The run.
        beside: Completed runs of the same variant with other seeds; those with other test images are left out.
        crossed: As `Answered` has it.
    """
    own = predictions(run)
    if own is None:
        return None
    others = []
    for each in map(predictions, beside):
        if each is not None and np.array_equal(each.labels, own.labels) and np.array_equal(each.places, own.places):
            others.append(each.probabilities)
    called = "image" if crossed else "held-out image" if run.record["data"].get("folds") else "test image"
    return Answered(own.labels, own.probabilities, called, crossed, tuple(others))


def expected_range(answered: Answered) -> Range:
    """Return what to expect of new images like those that were answered."""
    all_right = np.stack([answered.right, *(each.argmax(axis=1) == answered.labels for each in answered.others)])
    runs, count = all_right.shape
    if answered.crossed:
        share = float(all_right.mean())
        return Range(share, clopper_pearson(share * count, count), count, runs)
    right = int(answered.right.sum())
    shares = all_right.mean(axis=1)
    seeds = (float(shares.min()), float(shares.max())) if runs > 1 else None
    further = share_interval(all_right, further_run=True)
    return Range(right / count, clopper_pearson(right, count), count, runs, seeds, further)


def of_classes(answered: Answered) -> tuple[OfClass, ...]:
    """Return each class in turn."""
    counts = _confusion(answered)
    return tuple(OfClass(int(counts[k].sum()), int(counts[k, k]), int(counts[:, k].sum())) for k in range(len(counts)))


def confused(answered: Answered) -> tuple[tuple[int, int, int], ...]:
    """Return the pairs of classes that are most often confused: the true one, the answer, and how often."""
    counts = _confusion(answered)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:MOST_PAIRS]
    pairs = [divmod(int(place), len(counts)) for place in order]
    return tuple((true, answer, int(counts[true, answer])) for true, answer in pairs if counts[true, answer])


def _confusion(answered: Answered) -> np.ndarray:
    classes = answered.probabilities.shape[1]
    pairs = answered.labels * classes + answered.probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def calibration(answered: Answered, held_out: HeldOut | None) -> Calibration:
    """Return how well the probabilities are calibrated, as the network says them and with a temperature.

    Args:
        answered: To measure on.
        held_out: To fit the temperature to; see `_are_the_same`.
    """
    confidence = answered.probabilities.max(axis=1).astype(float)
    error = expected_calibration_error(confidence, answered.right)
    by_chance = _by_chance(confidence)
    if held_out is None:
        return Calibration(float(confidence.mean()), error, by_chance)
    temperature = fitted_temperature(held_out.labels, held_out.probabilities)
    halves = _are_the_same(answered, held_out)
    scaled = _by_halves(answered) if halves else with_temperature(answered.probabilities, temperature)
    after = expected_calibration_error(scaled.max(axis=1), answered.right)
    return Calibration(float(confidence.mean()), error, by_chance, temperature, after, halves)


def cuts(answered: Answered, held_out: HeldOut | None) -> tuple[Cut, ...]:
    """Return what asking for few errors would do; nothing where the run keeps no answers to images held out."""
    if held_out is None:
        return ()
    confidence, right = held_out.judged()
    same = _are_the_same(answered, held_out)
    measured, measured_right = HeldOut(answered.labels, answered.probabilities, answered.called).judged()
    found = []
    for rate in ERROR_RATES:
        threshold = threshold_for(confidence, right, rate)
        if threshold is None or same:
            found.append(Cut(rate, threshold, fewest_answers(rate)))
            continue
        reach = measured >= threshold.confidence
        wrong = int((reach & ~measured_right).sum())
        found.append(Cut(rate, threshold, fewest_answers(rate), int(reach.sum()), wrong))
    return tuple(found)


def _by_chance(confidence: np.ndarray) -> float:
    """Return the mean calibration error of answers that are right with just their probabilities."""
    random = np.random.default_rng(0)
    drawn = (random.random(len(confidence)) < confidence for _ in range(_DRAWS))
    return float(np.mean([expected_calibration_error(confidence, right) for right in drawn]))


def _are_the_same(answered: Answered, held_out: HeldOut) -> bool:
    """Return whether a run has no other images to choose a temperature by than those that it is measured on."""
    return answered.probabilities.shape == held_out.probabilities.shape and np.array_equal(
        answered.probabilities, held_out.probabilities
    )


def _by_halves(answered: Answered) -> np.ndarray:
    """Return probabilities, those of each half of the images with the temperature that fits the other half."""
    half = np.random.default_rng(0).permutation(len(answered.labels)) % 2 == 0
    scaled = np.empty(answered.probabilities.shape)
    for one, other in ((half, ~half), (~half, half)):
        temperature = fitted_temperature(answered.labels[other], answered.probabilities[other])
        scaled[one] = with_temperature(answered.probabilities[one], temperature)
    return scaled
