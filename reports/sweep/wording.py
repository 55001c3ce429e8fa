"""A sweep's scores as a reader reads them: accuracies in percent, losses to four digits, own metrics as declared."""

from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.wording import number, points
from keras_suite.tasks.wording.quantities import NONE, percent


def metric(sweep: Sweep) -> str:
    """Return the objective's name: "validation accuracy"."""
    if sweep.metric.own:
        return f"validation {sweep.metric.label}"
    return "validation " + sweep.objective.removeprefix("val_").replace("_", " ")


def score(sweep: Sweep, value: float | None) -> str:
    """Return a score with its unit."""
    if sweep.metric.own:
        return sweep.metric.format(value)
    return percent(value) if sweep.direction == "max" else number(value)


def difference(sweep: Sweep, value: float | None) -> str:
    """Return how much better or worse, without a sign: "1.20 points"."""
    if value is None:
        return NONE
    if sweep.metric.own:
        return f"{sweep.metric.format_difference(abs(value), sign=False)}{sweep.metric.unit}"
    return f"{points(abs(value), sign=False)} points" if sweep.direction == "max" else number(abs(value))


def scale(sweep: Sweep) -> float:
    """Return what pictures multiply scores by."""
    if sweep.metric.own:
        return sweep.metric.scale
    return 100.0 if sweep.direction == "max" else 1.0


def axis(sweep: Sweep) -> str:
    """Return the label of an axis of scores."""
    if sweep.metric.own:
        return f"validation {sweep.metric.with_unit()}"
    return f"{metric(sweep)}, %" if sweep.direction == "max" else metric(sweep)
