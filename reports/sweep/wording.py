"""A sweep's scores as a reader reads them: accuracies in percent, losses and areas to four digits, own metrics as
declared.
"""

from keras_suite.reports.statistics.intervals import Interval
from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.wording import number, points
from keras_suite.tasks.classes import CLASSES, PR_AREA, ROC_AREA
from keras_suite.tasks.wording.quantities import NONE, percent, signed


def metric(sweep: Sweep) -> str:
    """Return the objective's name: "validation accuracy"."""
    if sweep.metric.own or sweep.metric in CLASSES.on_request:
        return f"validation {sweep.metric.label}"
    return "validation " + sweep.objective.removeprefix("val_").replace("_", " ")


def _as_declared(sweep: Sweep) -> bool:
    return sweep.metric.own or sweep.metric in (ROC_AREA, PR_AREA)


def score(sweep: Sweep, value: float | None) -> str:
    """Return a score with its unit."""
    if _as_declared(sweep):
        return sweep.metric.format(value)
    return percent(value) if sweep.direction == "max" else number(value)


def difference(sweep: Sweep, value: float | None) -> str:
    """Return how much better or worse, without a sign: "1.20 points"."""
    if value is None:
        return NONE
    if _as_declared(sweep):
        return f"{sweep.metric.format_difference(abs(value), sign=False)}{sweep.metric.unit}"
    return f"{points(abs(value), sign=False)} points" if sweep.direction == "max" else number(abs(value))


def signed_difference(sweep: Sweep, value: float, sign: bool = True) -> str:
    """Return how much better, or with a minus worse, without the unit: "−1.20"."""
    if _as_declared(sweep):
        return sweep.metric.format_difference(value, sign)
    return points(value, sign) if sweep.direction == "max" else signed(value, sign, 4)


def difference_interval(sweep: Sweep, interval: Interval | None) -> str:
    """Return "−0.31 to 2.09", of differences."""
    if interval is None:
        return NONE
    return " to ".join(signed_difference(sweep, end, sign=False) for end in (interval.low, interval.high))


def scale(sweep: Sweep) -> float:
    """Return what pictures multiply scores by."""
    if _as_declared(sweep):
        return sweep.metric.scale
    return 100.0 if sweep.direction == "max" else 1.0


def axis(sweep: Sweep) -> str:
    """Return the label of an axis of scores."""
    if _as_declared(sweep):
        return f"validation {sweep.metric.with_unit()}"
    return f"{metric(sweep)}, %" if sweep.direction == "max" else metric(sweep)
