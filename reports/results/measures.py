"""What a run's test images are scored by, task by task: the number that reports, verdicts and pictures are about.

Every task scores each test image by itself, and a run's number is the mean of them: so the statistics on seeds and on
test images are the same for all.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from keras_suite.reports.statistics.intervals import MARGIN, Interval
from keras_suite.reports.wording import NONE, known, signed
from keras_suite.tasks.degrees import degrees_off


@dataclass(frozen=True)
class Measure:
    """A score of test images, and how it is written.

    `key` names columns, as test_<key>; `column` is the like of it in history.csv, `while_training` its name. A value
    times `scale` is in `unit`, the difference of two in `difference`, which ends as in "by 0.4 points of test
    accuracy". `margin` is the largest difference that does not matter, and `binary` says that an image is either right
    or wrong.
    """

    key: str
    name: str
    column: str
    while_training: str
    unit: str
    difference: str
    scale: float = 1.0
    higher_is_better: bool = True
    bounds: tuple[float, float] = (0.0, 1.0)
    margin: float = MARGIN
    binary: bool = False
    short_difference: str = "points"

    def value(self, value: float | None) -> str:
        """0.9912 as "99.12 %"."""
        return f"{self.scale * value:.2f}{self.unit}" if known(value) else NONE

    def interval(self, interval: Interval | None) -> str:
        """ "98.90 to 99.30 %"."""
        if interval is None:
            return NONE
        return f"{self.scale * interval.low:.2f} to {self.scale * interval.high:.2f}{self.unit}"

    def apart(self, difference: float | None, sign: bool = True) -> str:
        """A difference, without its unit: 0.0042 as "+0.42"."""
        return signed(self.scale * difference, sign) if known(difference) else NONE

    def interval_apart(self, interval: Interval | None) -> str:
        """ "0.21 to 0.63"."""
        return NONE if interval is None else f"{self.apart(interval.low, False)} to {self.apart(interval.high, False)}"

    def goodness(self, value: float) -> float:
        """A number that is the larger the better; -inf of none."""
        if not known(value):
            return float("-inf")
        return value if self.higher_is_better else -value

    @property
    def one_sided(self) -> str:
        """What is counted of the "first" or the "second" of a pair."""
        return "only the {} right" if self.binary else "the {} better"

    @property
    def label(self) -> str:
        """For the axis of a picture: "test accuracy, %"."""
        return f"test {self.with_unit(self.name)}"

    def with_unit(self, name: str) -> str:
        """The name and the unit of its numbers, where it does not say that itself."""
        return f"{name}, {self.unit.strip()}" if self.unit else name


ACCURACY = Measure(
    key="accuracy",
    name="accuracy",
    column="accuracy",
    while_training="accuracy",
    unit=" %",
    difference="percentage points of test accuracy",
    scale=100.0,
    binary=True,
)
DEGREES = Measure(
    key="degrees",
    name="error",
    column="degrees",
    while_training="error",
    unit="°",
    difference="degrees of test error",
    higher_is_better=False,
    bounds=(0.0, float("inf")),
    margin=0.2,
    short_difference="degrees",
)
GREY_LEVELS = Measure(
    key="grey_levels",
    name="error in grey levels",
    column="grey_levels",
    while_training="error in grey levels",
    unit="",
    difference="grey levels of test error",
    higher_is_better=False,
    bounds=(0.0, 255.0),
    margin=0.2,
    short_difference="grey levels",
)
IOU = Measure(
    key="iou",
    name="IoU",
    column="iou",
    while_training="IoU",
    unit=" %",
    difference="percentage points of test IoU",
    scale=100.0,
)
CAPTIONS = Measure(
    key="captions",
    name="caption accuracy",
    column="words",
    while_training="right words",
    unit=" %",
    difference="percentage points of test caption accuracy",
    scale=100.0,
    binary=True,
)
MEASURES = {
    "classes": ACCURACY,
    "angle": DEGREES,
    "direction": DEGREES,
    "image": GREY_LEVELS,
    "mask": IOU,
    "caption": CAPTIONS,
}


def scores(task: str, targets: np.ndarray, given: np.ndarray) -> np.ndarray:
    """The score of each image, float64 (n,) or bool: what was asked for and what was given, both (n, ...).

    angle      radians (n, 1): the absolute error in degrees
    direction  vectors (n, 2): the angle between them in degrees; 90 to a vector of no length
    image      uint8 (n, h, w, c): the root mean squared error in grey levels
    mask       class numbers uint8 (n, h, w): see `iou`
    caption    words int64 (n, R, T) and (n, T), -1 after the end: whether it is one of the R true ones

    ValueError if they do not belong together.
    """
    if task not in _SCORES:
        raise ValueError(f"the task {task!r} is not known: expected one of {', '.join(_SCORES)}; update the suite")
    if not len(targets) or len(targets) != len(given) or not np.isfinite(given).all():
        raise ValueError(f"targets {targets.shape} and what was given {given.shape} do not belong together")
    return _SCORES[task](targets, given)


def _degrees(targets: np.ndarray, given: np.ndarray) -> np.ndarray:
    return np.abs(degrees_off(targets, given))


def _image(targets: np.ndarray, given: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(given.astype(float) - targets).mean(axis=(1, 2, 3)))


def iou(targets: np.ndarray, given: np.ndarray, classes: int) -> np.ndarray:
    """Intersection over union, float64 (n, classes), of each class in masks (n, h, w); nan if neither has any."""
    found = np.full((len(targets), classes), np.nan)
    for number in range(classes):
        true, said = targets == number, given == number
        either = (true | said).sum(axis=(1, 2))
        held = either > 0
        found[held, number] = (true & said).sum(axis=(1, 2))[held] / either[held]
    return found


def _mask(targets: np.ndarray, given: np.ndarray) -> np.ndarray:
    """The mean over the classes that either mask holds, without the first, the background; 1 where there are none."""
    found = iou(targets, given, 1 + int(max(targets.max(), given.max())))[:, 1:]
    held = ~np.isnan(found)
    counts = held.sum(axis=1)
    return np.where(counts > 0, np.where(held, found, 0.0).sum(axis=1) / np.maximum(counts, 1), 1.0)


def _caption(targets: np.ndarray, given: np.ndarray) -> np.ndarray:
    return (targets == given[:, None, :]).all(axis=2).any(axis=1)


_SCORES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "angle": _degrees,
    "direction": _degrees,
    "image": _image,
    "mask": _mask,
    "caption": _caption,
}
